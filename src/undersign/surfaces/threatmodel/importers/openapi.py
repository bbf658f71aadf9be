"""An OpenAPI 3 description: the interface, how callers prove themselves, what it takes in."""

from __future__ import annotations

from undersign.surfaces.threatmodel.importers.imported import Imported, mapping, of_yaml

_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


def read(text: str) -> Imported:
    """Read an interface; each operation is compared, the interface is one component."""
    data = mapping(of_yaml(text), "an OpenAPI description")
    info = mapping(data.get("info") or {}, "info")
    made = Imported(str(info.get("title") or "Interface"))
    paths = mapping(data.get("paths") or {}, "paths")
    everywhere = bool(data.get("security"))
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in paths.items()
        for method, operation in mapping(item or {}, str(path)).items()
        if method in _METHODS
    }
    secured = [
        everywhere or bool(mapping(o or {}, "an operation").get("security"))
        for o in operations.values()
    ]
    servers = [str(mapping(s, "a server").get("url") or "") for s in data.get("servers") or ()]
    found = made.component(
        made.name, made.name, "web.api", boundary=made.boundary("service", "Service"),
        authenticates_callers=all(secured) if secured else None,
    )  # fmt: skip
    encrypted = all(s.startswith("https://") for s in servers) if servers else None
    made.from_internet(found, encrypted=encrypted, authenticated=all(secured) if secured else None)
    for name, operation in operations.items():
        made.specs[f"{found} {name}"] = _bare(operation)
    made.specs[found] = {"security": data.get("security"), "servers": servers}
    return made


def _bare(operation: object) -> dict[str, object]:
    """Return an operation without what is told to people alone."""
    stated = mapping(operation or {}, "an operation")
    return {
        k: v
        for k, v in stated.items()
        if k not in ("summary", "description", "tags", "operationId")
    }
