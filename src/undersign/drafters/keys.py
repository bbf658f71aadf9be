"""Keys of providers: from the environment or the system's keyring, from nowhere else.

A key is handed to its provider and kept nowhere: not in a file, a record, an error or a log.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from undersign.drafters.providers import Provider
from undersign.errors import UsageError

SERVICE = "undersign"
"""Under which the keyring keeps them; the user name there is the provider's name."""


def key_of(provider: Provider) -> str:
    """Return the key of a provider.

    Raises UsageError, naming the variable to set, when there is none.
    """
    found = optional_key_of(provider)
    if not found:
        raise UsageError(
            f"{provider.name} needs a key: set {' or '.join(provider.keys)}",
            hint=f"or keep it in the keyring: keyring set {SERVICE} {provider.name}",
        )
    return found


def require(provider: Provider) -> None:
    """Raise UsageError when a provider can surely not be used here: no package, or no key."""
    if provider.needs and find_spec("pydantic_ai") is None:
        raise UsageError(
            f"{provider.name} needs a package that is not installed",
            hint=f"pip install 'undersign[{provider.needs}]'",
        )
    if provider.keys and not provider.at_address:
        key_of(provider)


def optional_key_of(provider: Provider) -> str:
    """Return the key of a provider, or nothing for a server that may want none."""
    named = (os.environ.get(variable, "").strip() for variable in provider.keys)
    return next(filter(None, named), "") or _from_keyring(provider.name)


def _from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:  # an extra; without it there are only variables
        return ""
    try:
        return (keyring.get_password(SERVICE, name) or "").strip()
    except (KeyringError, RuntimeError, OSError):
        # No keyring on this machine, or a locked one: the same as a key that is not there.
        return ""
