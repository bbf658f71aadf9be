"""Kubernetes manifests: workloads, what reaches them, what they may do on their node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from undersign.errors import BadInput
from undersign.surfaces.threatmodel.importers.images import is_pinned, kind_of
from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_yaml, rows

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet")
_SOCKETS = ("docker.sock", "containerd.sock")
MOST_DOCUMENTS = 5_000


def read(text: str) -> Imported:
    """Read manifests of one file; documents of other kinds are hashed and not drawn."""
    documents = list(_documents(text))
    made = Imported("Kubernetes workloads")
    labels: dict[str, Mapping[str, Any]] = {}
    for one in documents:
        if one.get("kind") in _WORKLOADS:
            found, stated = _workload(made, one)
            labels[found] = stated
    for one in documents:
        _around(made, one, labels)
    return made


def _documents(text: str) -> Iterator[Mapping[str, Any]]:
    parts = [part for part in re.split(r"(?m)^---.*$", text) if _says(part)]
    if len(parts) > MOST_DOCUMENTS:
        raise BadInput(f"more than {MOST_DOCUMENTS:,} documents")
    for part in parts:
        document = mapping(of_yaml(part), "a manifest")
        if document.get("kind") == "List":
            yield from (mapping(item, "an item") for item in rows(document.get("items")))
        else:
            yield document


def _says(part: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in part.splitlines())


def _name(document: Mapping[str, Any]) -> tuple[str, str]:
    data = mapping(document.get("metadata") or {}, "metadata")
    return str(data.get("namespace") or "default"), str(data.get("name") or "unnamed")


def _workload(made: Imported, document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    namespace, name = _name(document)
    template = _template(document)
    pod = mapping(template.get("spec") or {}, "a pod's spec")
    containers = [mapping(c, "a container") for c in rows(pod.get("containers"))]
    images = [str(one.get("image") or "") for one in containers]
    kind = kind_of(images[0], "k8s.workload") if images else "k8s.workload"
    own = made.boundary(f"ns-{namespace}", f"Namespace {namespace}")
    found = made.component(
        name, name, kind, boundary=own, image=images[0].partition("@")[0] if images else None,
        pinned_image=all(map(is_pinned, images)) if images else None, **_rights(pod, containers),
    )  # fmt: skip
    made.specs[found] = {"kind": document.get("kind"), "spec": document.get("spec")}
    data = mapping(template.get("metadata") or document.get("metadata") or {}, "metadata")
    return found, mapping(data.get("labels") or {}, "labels")


def _template(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if document.get("kind") == "Pod":
        return document
    spec = mapping(document.get("spec") or {}, "spec")
    if document.get("kind") == "CronJob":
        spec = mapping(
            mapping(spec.get("jobTemplate") or {}, "jobTemplate").get("spec") or {}, "spec"
        )
    return mapping(spec.get("template") or {}, "template")


def _rights(pod: Mapping[str, Any], containers: list[Mapping[str, Any]]) -> Item:
    contexts = [mapping(c.get("securityContext") or {}, "securityContext") for c in containers]
    of_pod = mapping(pod.get("securityContext") or {}, "securityContext")
    nonroot = [c.get("runAsNonRoot", of_pod.get("runAsNonRoot")) for c in contexts]
    mounted = pod.get("automountServiceAccountToken")
    paths = [
        str(mapping(v.get("hostPath") or {}, "hostPath").get("path") or "")
        for v in (mapping(v, "a volume") for v in rows(pod.get("volumes")))
    ]
    return {
        "privileged": any(bool(c.get("privileged")) for c in contexts),
        "host_network": bool(pod.get("hostNetwork", False)),
        "mounts_socket": any(one.endswith(_SOCKETS) for one in paths),
        "mounts_host_paths": any(one and not one.endswith(_SOCKETS) for one in paths),
        "resource_limits": all(bool(_limits(c)) for c in containers),
        "runs_as_nonroot": all(bool(one) for one in nonroot)
        if any(n is not None for n in nonroot)
        else None,
        "mounts_service_token": None if mounted is None else bool(mounted),
        "network_policy": False,
    }


def _limits(container: Mapping[str, Any]) -> object:
    return mapping(container.get("resources") or {}, "resources").get("limits")


def _around(
    made: Imported, document: Mapping[str, Any], labels: Mapping[str, Mapping[str, Any]]
) -> None:
    kind, (namespace, name) = str(document.get("kind")), _name(document)
    spec = mapping(document.get("spec") or {}, "spec")
    if kind in _WORKLOADS:
        return
    made.specs[f"{kind}/{namespace}/{name}"] = {k: v for k, v in document.items() if k != "status"}
    if kind == "Service" and spec.get("type") in ("LoadBalancer", "NodePort"):
        for found in _selected(spec.get("selector"), labels):
            made.from_internet(found)
    elif kind == "Ingress":
        for service in _backends(spec):
            for found in labels:
                if found == service or made.components[found]["name"] == service:
                    made.from_internet(found, encrypted=bool(spec.get("tls")))
    elif kind == "NetworkPolicy":
        selector = mapping(spec.get("podSelector") or {}, "podSelector")
        for found in _selected(selector.get("matchLabels") or {}, labels, empty=True):
            made.components[found]["network_policy"] = True


def _selected(
    selector: Any, labels: Mapping[str, Mapping[str, Any]], *, empty: bool = False
) -> list[str]:
    wanted = mapping(selector or {}, "a selector")
    if not wanted and not empty:
        return []
    return [
        found
        for found, stated in labels.items()
        if all(stated.get(key) == value for key, value in wanted.items())
    ]


def _backends(spec: Mapping[str, Any]) -> Iterator[str]:
    for rule in rows(spec.get("rules")):
        http = mapping(mapping(rule, "a rule").get("http") or {}, "http")
        for path in rows(http.get("paths")):
            backend = mapping(mapping(path, "a path").get("backend") or {}, "backend")
            service = mapping(backend.get("service") or {}, "service")
            yield str(service.get("name") or "")
