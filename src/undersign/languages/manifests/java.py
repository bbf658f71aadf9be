"""Maven's `pom.xml`, Gradle's scripts as far as they are literal, and its lock files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from undersign.languages.manifests.places import Lines, Reading, index_of, table, word
from undersign.languages.manifests.pyproject import loads
from undersign.records.packages import Package, Setting

_DEEPEST = 200
_LONGEST_VALUE = 500
_PROPERTY = re.compile(r"\$\{([\w.-]{1,200})\}")
_MOVING = re.compile(r"[\[(,+$]|LATEST|RELEASE|SNAPSHOT|latest\.")


class _Refused(Exception):
    """The XML declares a type or entities, or nests too deep."""


@dataclass
class _Pom:
    """What was read of a `pom.xml` so far."""

    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    found: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    """Line, what kind of element, its parts."""
    open: list[tuple[int, dict[str, str]]] = field(default_factory=list)


_ELEMENTS = ("dependency", "plugin", "extension", "parent", "repository", "pluginRepository")


def read_pom(reading: Reading) -> None:
    """Read a `pom.xml`. No entity is expanded: a document type is refused."""
    pom = _Pom()
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        pom.path.append(tag)
        if len(pom.path) > _DEEPEST:
            raise _Refused("it nests too deep")
        pom.text.clear()
        if tag in _ELEMENTS:
            pom.open.append((parser.CurrentLineNumber, {}))

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _name: _end(pom)
    parser.CharacterDataHandler = lambda data: _add(pom, data)
    parser.StartDoctypeDeclHandler = _refuse
    try:
        # The text was decoded already: whatever encoding it declares, it is UTF-8 here.
        parser.Parse(reading.text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, _Refused, ValueError) as error:
        line = getattr(error, "lineno", parser.CurrentLineNumber)
        why = str(error) if isinstance(error, _Refused) else "it is not well formed"
        reading.problem(line, f"this XML was not read to its end: {why}")
    for line, kind, parts in pom.found:
        _element(reading, pom, kind, parts, line)
    reading.open = any(kind == "parent" for _, kind, _ in pom.found)


def _refuse(*_: object) -> None:
    raise _Refused("it declares a document type")


def _add(pom: _Pom, data: str) -> None:
    if len(pom.text) < 100:
        pom.text.append(data[:_LONGEST_VALUE])


def _end(pom: _Pom) -> None:
    tag, value = pom.path.pop(), "".join(pom.text).strip()[:_LONGEST_VALUE]
    pom.text.clear()
    if tag in _ELEMENTS and pom.open:
        line, parts = pom.open.pop()
        pom.found.append((line, tag, parts))
    elif pom.path and pom.path[-1] in _ELEMENTS and pom.open:
        pom.open[-1][1].setdefault(tag, value)
    elif pom.path[-1:] == ["properties"]:
        pom.properties[tag] = value
    elif len(pom.path) == 1:
        pom.properties.setdefault(f"project.{tag}", value)


def _element(reading: Reading, pom: _Pom, kind: str, parts: dict[str, str], line: int) -> None:
    if kind in ("repository", "pluginRepository"):
        index = index_of(parts.get("url", ""))
        if index:
            reading.settings.append(Setting("extra-index", parts.get("id", ""), index, line))
        return
    group, name = (_filled(pom, parts.get(part, "")) for part in ("groupId", "artifactId"))
    if kind == "plugin" and not group:
        group = "org.apache.maven.plugins"
    if not group or not name:
        reading.problem(line, f"a {kind} without a group or a name")
        return
    version = _filled(pom, parts.get("version", ""))
    reading.packages.append(
        Package(
            f"{group}:{name}", "maven", reading.path, line, version,
            bool(version) and not _MOVING.search(version),
            group="build" if kind != "dependency" else parts.get("scope", ""),
        )
    )  # fmt: skip


def _filled(pom: _Pom, value: str) -> str:
    """Put in properties of the same file, once: a property of a property stays as it is."""
    return _PROPERTY.sub(lambda m: pom.properties.get(m[1], m[0])[:_LONGEST_VALUE], value)


_NOTATION = re.compile(
    r"^\s*(?:([A-Za-z]\w{2,60})\s*\(?\s*(?:(?:platform|enforcedPlatform)\s*\(\s*)?"
    r"[\"']([\w.-]{1,200}:[\w.-]{1,200})(?::([^\"'@:\s]{1,100}))?[^\"'\n]{0,100}[\"'])"
)
_PARTS = re.compile(
    r"^\s*([A-Za-z]\w{2,60})\s*\(?\s*group\s*[:=]\s*[\"']([\w.-]{1,200})[\"']\s*,\s*name\s*[:=]\s*"
    r"[\"']([\w.-]{1,200})[\"'](?:\s*,\s*version\s*[:=]\s*[\"']([^\"'\n]{1,100})[\"'])?"
)
_REPOSITORY = re.compile(
    r"\burl\s*(?:=|\(|\s)\s*(?:uri\s*\(\s*)?[\"']([a-z]+://[^\"'\s]{1,500})[\"']"
)
_COMPUTED = re.compile(
    r"^\s*(implementation|api|compileOnly|runtimeOnly|compile|testImplementation)\b"
)


def read_gradle(reading: Reading) -> None:
    """Read the literal coordinates of a Gradle script; whatever else it asks for leaves it open."""
    for number, raw in enumerate(reading.text.split("\n"), 1):
        line = raw[:2_000]
        short, parts, index = _NOTATION.match(line), _PARTS.match(line), _REPOSITORY.search(line)
        if short and ":" in short[2]:
            _coordinate(reading, (short[2], short[3] or "", short[1]), number)
        elif parts:
            _coordinate(reading, (f"{parts[2]}:{parts[3]}", parts[4] or "", parts[1]), number)
        elif _COMPUTED.match(line):
            reading.open = True
        if index and index_of(index[1]):
            reading.settings.append(Setting("extra-index", "", index_of(index[1]), number))


def _coordinate(reading: Reading, said: tuple[str, str, str], line: int) -> None:
    name, version, group = said
    pinned = bool(version) and not _MOVING.search(version)
    reading.packages.append(
        Package(name, "maven", reading.path, line, version, pinned, group=group)
    )


def read_gradle_lock(reading: Reading) -> None:
    """Read a `gradle.lockfile`."""
    reading.lock = True
    for number, raw in enumerate(reading.text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#") or line.startswith("empty="):
            continue
        parts = line.partition("=")[0].split(":")
        if len(parts) != 3:
            reading.problem(number, "this is no line of a gradle.lockfile")
            continue
        reading.packages.append(
            Package(":".join(parts[:2]), "maven", reading.path, number, parts[2], True, False)
        )


def read_version_catalog(reading: Reading) -> None:
    """Read the libraries of a `libs.versions.toml`."""
    tree, lines = loads(reading), Lines(reading.text)
    versions = table(tree.get("versions"))
    for said in table(tree.get("libraries")).values():
        parts = table(said)
        short = word(said).split(":") if isinstance(said, str) else []
        module = word(parts.get("module")) or ":".join(short[:2])
        name = module or f"{word(parts.get('group'))}:{word(parts.get('name'))}"
        version = _catalog_version(parts.get("version"), versions) or "".join(short[2:3])
        pinned = bool(version) and not _MOVING.search(version)
        line = lines.quoted(word(said) or module or word(parts.get("name")))
        reading.packages.append(Package(name, "maven", reading.path, line, version, pinned))


def _catalog_version(said: object, versions: dict[str, object]) -> str:
    if isinstance(said, str):
        return said
    parts = table(said)
    return word(versions.get(word(parts.get("ref")))) or word(parts.get("strictly"))
