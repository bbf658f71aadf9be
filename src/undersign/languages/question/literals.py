"""Values a question states: addresses, ids, hashes, paths, quoted texts."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from undersign.languages.question.negations import negated_before
from undersign.languages.question.sheet import Sheet
from undersign.records.question import Value

_FILE = (
    r"exe|dll|ps1|psm1|bat|cmd|scr|vbs|vbe|js|jse|hta|msi|msp|sys|lnk|iso|img|zip|rar|7z|tar|gz"
    r"|doc|docm|docx|xls|xlsm|xlsx|ppt|pptx|pdf|rtf|txt|csv|json|xml|html?|php|aspx?|jsp|jar|py|sh"
    r"|pl|so|bin|dat|tmp|log|conf|cfg|ini|inf|reg|sct|wsf|chm|cpl|ocx|drv|elf|svg|eml|ost|pst|dmp"
    r"|kirbi|rdp|one|png|jpg|gif|bak|db|sqlite|key|pem|pfx|crt|cer"
)
_TLD = (
    r"com|net|org|edu|gov|mil|int|info|biz|io|co|ai|app|dev|cloud|online|site|top|xyz|ru|cn|uk|de"
    r"|fr|nl|eu|us|ca|au|jp|br|in|it|es|pl|se|no|ch|at|be|dk|fi|cz|me|tv|cc|to|onion|local|internal"
    r"|corp|lan|example|test|invalid|arpa|click|club|pw|ws|su|ua|ir|kr|tk|ml|ga|cf|gq|zip|link|live"
)
_ROOT = r"(?:[A-Za-z]:\\|\\\\|%\w{1,30}%\\|\\)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "quoted",
        re.compile(
            r"\"([^\"\n\0]{1,300})\"|\u201c([^\u201d\n\0]{1,300})\u201d|`([^`\n\0]{1,300})`"
            r"|(?<![\w'])'([^'\n\0]{1,300})'(?!\w)|\u2018([^\u2019\n\0]{1,300})\u2019(?!\w)"
        ),
    ),
    ("url", re.compile(r"\b(h(?:tt|xx)ps?://[^\s\"'<>|\0,]{1,500}[\w/])", re.IGNORECASE)),
    ("arn", re.compile(r"\b(arn:aws[\w-]{0,10}:[\w*-]*:[\w*-]*:\d{0,12}:[^\s,;\"'\0]{1,300})")),
    ("email", re.compile(r"\b([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})\b")),
    ("identifier", re.compile(r"\b([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b", re.IGNORECASE)),
    ("identifier", re.compile(r"\b(S-1-\d{1,3}(?:-\d{1,12}){1,15})\b")),
    ("identifier", re.compile(r"\b((?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,20})\b")),
    ("hash", re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", re.IGNORECASE)),
    ("technique", re.compile(r"\b(T\d{4}(?:\.\d{3})?)\b")),
    ("network", re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})(?![\w.]\w)")),
    ("network", re.compile(r"(?<![\w:])([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}/\d{1,3})\b", re.I)),
    ("address", re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.]?\w)")),
    ("address", re.compile(r"(?<![\w:])([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])", re.I)),
    (
        "event_id",
        re.compile(
            r"\b(?:event[ _-]?(?:ids?|codes?)|EIDs?|events)\s{0,3}(?:is|are|of|=|==|:|#|in)?\s{0,3}"
            r"(\d{1,5})\b",
            re.IGNORECASE,
        ),
    ),
    (
        "port",
        re.compile(
            r"\bports?\s{0,3}(?:no\.?|numbers?|is|are|=|==|:|of)?\s{0,3}(\d{1,5})\b|\b(\d{1,5})/(?:tcp|udp)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "registry",
        re.compile(r"(?<![\w\\])(HK(?:LM|CU|CR|U|CC|EY_[A-Z_]{4,20})\\[^\s,;\"'\0]{1,300})"),
    ),
    (
        "path",
        re.compile(
            rf"(?<![\w.])({_ROOT}[\w.$ ()\\{{}}~*-]{{0,200}}?[\w.$*-]{{1,80}}\.\w{{1,5}})(?![\w\\])"
        ),
    ),
    ("path", re.compile(r"(?<![\w.])((?:[A-Za-z]:\\|\\\\|%\w{1,30}%\\)[\w.$\\{}~*-]{1,200})")),
    (
        "path",
        re.compile(
            r"(?<![\w\\])((?:[\w.-]{1,60}\\){1,8}[\w.-]{1,60}\.(?:exe|dll|ps1|bat|sys))\b", re.I
        ),
    ),
    ("path", re.compile(r"(?<![\w./])(/(?:[\w.-]{1,60}/){1,12}[\w.-]{0,60})")),
    (
        "file",
        re.compile(rf"(?<![\w\\/.@-])([\w][\w.$-]{{0,80}}\.(?:{_FILE}))\b(?![.\\/-]\w)", re.I),
    ),
    (
        "domain",
        re.compile(rf"(?<![\w.@/-])((?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_TLD}))\b(?![.\w])", re.I),
    ),
    (
        "user",
        re.compile(
            r"\b(?:users?|accounts?|usernames?|principals?)\s+(?:named\s+|called\s+)?"
            r"([A-Za-z][\w.$-]{0,40}\\[\w.$-]{1,60}|[a-z]{1,20}[._-][\w.$-]{1,40}|[A-Za-z]{2,20}\d[\w$-]{0,20}"
            r"|[A-Z]{2,20}\$?)(?![\w\\])"
        ),
    ),
    (
        "host",
        re.compile(
            r"\b(?:hosts?|devices?|computers?|machines?|servers?|workstations?|hostnames?)\s+"
            r"(?:named\s+|called\s+|is\s+|name\s+)?"
            r"([A-Za-z]{1,20}[\w-]{0,20}\d[\w-]{0,20}(?:\.[\w.-]{1,60})?|[A-Z]{2,15}-[\w-]{1,30}"
            r"|(?=[0-9a-f]{0,30}\d)[0-9a-f]{10,64})(?![\w\\])"
        ),
    ),
    ("identifier", re.compile(r"\b((?=[0-9a-z]{0,30}\d)(?=[0-9a-z]{0,30}[a-f])[0-9a-f]{10,64})\b")),
    ("user", re.compile(r"(?<![\w\\])([A-Z][A-Z0-9-]{1,15}\\[\w.$-]{1,60})(?![\w\\])")),
)
_MORE = re.compile(
    r"\s{0,3}(?:,|and|or|,\s{0,3}(?:and|or)|/)\s{0,3}(\d{1,5})"
    r"(?![\d.:]|\s{0,2}(?:min|hour|day|sec|time))",
    re.IGNORECASE,
)
"""Further numbers of a list: `ports 80, 443 and 8080`."""
LISTED = 64


def values(sheet: Sheet) -> tuple[Value, ...]:
    """Read every literal of the question, in order of text."""
    found: list[Value] = []
    for kind, pattern in _PATTERNS:
        for match in list(pattern.finditer(sheet.rest)):
            value = next((part for part in match.groups() if part), "")
            if not value.strip() or not _is_one(kind, value):
                continue
            found.append(_value(sheet, kind, value, match))
            if kind in ("event_id", "port"):
                found += _listed(sheet, kind, match.end(), negated=found[-1].negated)
    return tuple(sorted(found, key=lambda one: one.piece.start))


def _value(sheet: Sheet, kind: str, value: str, match: re.Match[str]) -> Value:
    negated = negated_before(sheet.text, match.start())
    better = _kind_of_quoted(value) if kind == "quoted" else kind
    return Value(sheet.take_match(match), value, better, negated)  # type: ignore[arg-type]


def _listed(sheet: Sheet, kind: str, at: int, *, negated: bool) -> list[Value]:
    found: list[Value] = []
    while len(found) < LISTED and (more := _MORE.match(sheet.rest, at)):
        piece = sheet.take(*more.span(1))
        found.append(Value(piece, more.group(1), kind, negated))  # type: ignore[arg-type]
        at = more.end()
    return found


def _is_one(kind: str, value: str) -> bool:
    """Look closer where a pattern alone is not enough."""
    try:
        if kind == "address":
            ip_address(value)
        elif kind == "network":
            ip_network(value, strict=False)
        elif kind == "port":
            return int(value) < 65536
        elif kind == "user":
            return value.lower() not in _NO_NAME
    except ValueError:
        # Four numbers with dots may be a version; Sigma's own zeros (`01.2.3.4`) are no address.
        return False
    return True


_NO_NAME = frozenset(
    ("sid", "upn", "id", "ids", "name", "type", "ip", "mfa", "ad", "sso", "vpn", "rdp", "ssh", "os")
)


def _kind_of_quoted(value: str) -> str:
    """Give a quoted text the kind it would have without quotes, where that is beyond doubt."""
    for kind, pattern in _PATTERNS:
        if kind in _CERTAIN:
            match = pattern.fullmatch(value)
            if match and _is_one(kind, value):
                return kind
    return "quoted"


_CERTAIN = frozenset(
    ("url", "arn", "email", "hash", "network", "address", "file", "domain", "path")
)


_NUMBER = re.compile(
    r"(?<![\w.,:/-])(-?\d{1,15}(?:\.\d{1,9})?)(?![\w,:/%-]\w|\w|\.\d)"
    r"(?!\s*%|\s*(?:percent|sec|min|hour|day|week|month|year))"
)
_VERSION = re.compile(r"(?<![\w.])(\d{1,9}(?:\.\d{1,9}){1,4})(?![\w.]\w|\w)")


def numbers(sheet: Sheet) -> tuple[Value, ...]:
    """Read the numbers nothing else has taken; to run after counts, limits and windows."""
    found: list[Value] = []
    for kind, pattern in (("identifier", _VERSION), ("number", _NUMBER)):
        matches = list(pattern.finditer(sheet.rest))
        found += [_value(sheet, kind, match.group(1), match) for match in matches]
    return tuple(found)
