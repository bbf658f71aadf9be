"""A threat model in every form: for people, for other tools, as a picture."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

from undersign.catalogs import threat_rules
from undersign.errors import UsageError
from undersign.surfaces.threatmodel import diagram
from undersign.surfaces.threatmodel.exporters import cyclonedx, navigator, otm, threat_composer
from undersign.workspace.threatmodelling.model import Model

_SECONDS = 20
MOST_DRAWN = 400
"""Components in a picture; beyond, nobody sees anything and the layout takes minutes."""


def dot(model: Model) -> str:
    """Return the data flow diagram in Graphviz's language."""
    return diagram.dot(model.system, threat_rules.load().kinds)


def mermaid(model: Model) -> str:
    """Return the data flow diagram as a Mermaid flowchart."""
    return diagram.mermaid(model.system, threat_rules.load().kinds)


def svg(model: Model) -> tuple[str, str]:
    """Return the diagram as SVG, and why there is none, which is empty when there is one.

    It is laid out in a process of its own, so that no description can hang or crash this one.
    """
    components = sum(1 for _ in model.system.of("component"))
    if components > MOST_DRAWN:
        return "", f"more than {MOST_DRAWN} components are not drawn; export dot instead"
    program = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
    try:
        done = subprocess.run(  # noqa: S603 - our own dependency, text on its standard input
            [program, "-Tsvg"], input=dot(model), capture_output=True, text=True,
            timeout=_SECONDS, check=True,
        )  # fmt: skip
    except FileNotFoundError:
        return "", "graphviz-pure is not installed beside undersign"
    except subprocess.TimeoutExpired:
        return "", f"the diagram was not laid out within {_SECONDS} s"
    except (subprocess.CalledProcessError, OSError) as error:
        return "", f"the diagram could not be drawn: {error}"
    return done.stdout[done.stdout.index("<svg") :], ""


EXPORTS: dict[str, Callable[[Model], str]] = {
    "otm": lambda m: otm.write(m.system, m.analysis),
    "threat-composer": lambda m: threat_composer.write(m.system, m.analysis),
    "cyclonedx": lambda m: cyclonedx.write(m.system, m.analysis),
    "attack-layer": lambda m: navigator.layer(m.system, m.analysis, "attack"),
    "atlas-layer": lambda m: navigator.layer(m.system, m.analysis, "atlas"),
    "dot": dot,
    "mermaid": mermaid,
}
"""In the order of `threatmodel export --help`."""


def export(model: Model, form: str) -> str:
    """Return a model in the form of another tool; UsageError for one that is not known."""
    if form not in EXPORTS:
        raise UsageError(f"no form {form!r}", hint=", ".join(EXPORTS))
    return EXPORTS[form](model)
