"""Docker compose: services, what they publish, depend on and may do."""

from __future__ import annotations

import re
from typing import Any

from undersign.surfaces.threatmodel.importers.images import is_pinned, kind_of
from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_yaml

_SOCKET = "docker.sock"
_HOST_PATH = re.compile(r"[/~]|\.\.?/")


def read(text: str) -> Imported:
    """Read a compose file; values of environment variables are never copied."""
    data = mapping(of_yaml(text), "a compose file")
    made = Imported(str(data.get("name") or "Compose services"))
    own = made.boundary("compose", "Compose network")
    services = mapping(data.get("services") or {}, "services")
    ids: dict[str, str] = {}
    for name, raw in services.items():
        service = mapping(raw or {}, f"service {name}")
        image = str(service.get("image") or "")
        ids[name] = made.component(
            name, str(name), kind_of(image or str(name), "container"), boundary=own,
            **_facts(service, image),
        )  # fmt: skip
        made.specs[ids[name]] = dict(service)
    for name, raw in services.items():
        service = mapping(raw or {}, f"service {name}")
        if service.get("ports"):
            made.from_internet(ids[name])
        for other in sorted(_others(str(name), service, ids)):
            made.flow(ids[name], ids[other])
    return made


def _facts(service: Any, image: str) -> Item:
    user = str(service.get("user") or "")
    named = service.get("environment")
    names = (
        list(named) if isinstance(named, dict) else [str(n).partition("=")[0] for n in named or ()]
    )
    volumes = [
        str(v.get("source") if isinstance(v, dict) else v) for v in service.get("volumes") or ()
    ]
    deploy = mapping(service.get("deploy") or {}, "deploy")
    limits = mapping(deploy.get("resources") or {}, "resources").get("limits")
    return {
        "image": image.partition("@")[0] or None,
        "pinned_image": is_pinned(image) if image else None,
        "privileged": bool(service.get("privileged", False)),
        "host_network": service.get("network_mode") == "host",
        "mounts_socket": any(_SOCKET in one for one in volumes),
        "mounts_host_paths": any(_HOST_PATH.match(one) and _SOCKET not in one for one in volumes),
        "resource_limits": bool(service.get("mem_limit") or service.get("cpus") or limits),
        "runs_as_nonroot": user.partition(":")[0] not in ("", "0", "root") if user else None,
        "holds_secrets": True if service.get("secrets") or _secretive(names) else None,
    }


def _secretive(names: list[str]) -> bool:
    return any(re.search(r"(?i)pass|secret|token|_key|apikey|credential", one) for one in names)


def _others(name: str, service: Any, ids: dict[str, str]) -> set[str]:
    stated = service.get("depends_on") or ()
    found = {str(one) for one in stated} | {
        str(one).partition(":")[0] for one in service.get("links") or ()
    }
    environment = service.get("environment")
    values = environment.values() if isinstance(environment, dict) else environment or ()
    for value in values:
        found |= set(re.findall(r"(?:://|@|=)(?:[^/@\s]*@)?([A-Za-z0-9_.-]+)", str(value)))
    return {one for one in found if one in ids and one != name}
