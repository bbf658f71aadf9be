"""Faults that need no source: an old hash, a random number where a secret is due, TLS unchecked."""

from __future__ import annotations

import ast
import re

from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame

_OLD_HASHES = re.compile(r"(?i)^(md[245]|sha-?1|ripemd.*)$")
_OLD_CIPHERS = ("DES", "ARC4", "ARC2", "Blowfish", "TripleDES", "IDEA", "CAST5", "DES3")
_RANDOM = re.compile(
    r"random\.(random|randint|randrange|choice|choices|sample|uniform|getrandbits|randbytes|shuffle"
    r"|triangular|gauss|normalvariate|betavariate|expovariate|lognormvariate)$"
)
_STRONG = re.compile(r"(random\.SystemRandom\(\)|secrets)\.\w+$")
_SECRET_WORDS = re.compile(
    r"(?i)token|secret|session|password|passwd|cookie|remember|nonce|salt|otp|csrf|credential|"
    r"api_?key|auth|reset|invite|captcha|verification"
)
_REQUESTS = re.compile(
    r"^(requests|httpx)(\.(Session|Client|AsyncClient)\(\))?\.\w+$|ClientSession\(\)\.\w+$"
)


def meet(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    """Judge a call by what it is and by its constants."""
    for judge in (_hash, _cipher, _random, _cookie, _tls, _debug, _mode):
        judge(called, node, frame, engine)


def _say(
    category: str, bad: bool | None, why: str, place: tuple[Called, ast.Call, Frame, Engine]
) -> None:
    called, node, frame, engine = place
    if engine.dead:
        verdict, why = "refuted", "it stands in a branch that never runs"
    else:
        verdict = "not shown" if bad is None else ("supported" if bad else "refuted")
    engine.meet(category, called.name, node, frame, verdict, why)


def _hash(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    place = (called, node, frame, engine)
    name = called.name
    plain = called.keywords.get("usedforsecurity")
    if plain is not None and plain.is_const and not plain.const and name.startswith("hashlib."):
        _say("weak-hash", False, "it is declared not to be used for security", place)
        return
    if name == "hashlib.new" or name == "cryptography.hazmat.primitives.hashes.Hash":
        which = called.argument(0) or called.argument("name")
        if which is None or not which.is_const:
            _say("weak-hash", None, "which hash it makes was not seen", place)
            return
        old = bool(_OLD_HASHES.match(str(which.const)))
        _say("weak-hash", old, f"it makes {which.const}", place)
    elif name.startswith("hashlib.") and name.count(".") == 1:
        which_name = name.removeprefix("hashlib.")
        if _OLD_HASHES.match(which_name):
            _say("weak-hash", True, f"{which_name} is broken: collisions are made at will", place)
        elif which_name.startswith(("sha", "blake")):
            _say("weak-hash", False, f"it makes {which_name}", place)
    elif re.search(r"(hashes\.(MD5|SHA1)|Crypto\.Hash\.(MD5|SHA1?|MD4)\.new)$", name):
        _say("weak-hash", True, f"{name} is broken", place)


def _cipher(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    parts = called.name.split(".")
    if any(part in _OLD_CIPHERS for part in parts) and (
        "Crypto" in parts[0] or "crypt" in parts[0].lower()
    ):
        _say("weak-cipher", True, f"{called.name} is an old cipher", (called, node, frame, engine))
    elif called.name.endswith(("AES.new", "modes.ECB")) and "ECB" in ast.unparse(node):
        _say("weak-cipher", True, "ECB shows equal blocks", (called, node, frame, engine))


def _random(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    place = (called, node, frame, engine)
    if _STRONG.match(called.name):
        _say("weak-random", False, f"{called.name} is made for secrets", place)
        return
    if not _RANDOM.fullmatch(called.name):
        return
    word = _secret_word(frame, node.lineno)
    why = f"`random` can be predicted, and its result serves as a {word}" if word else (
        "`random` can be predicted; nothing near says that its result is a secret"
    )  # fmt: skip
    _say("weak-random", True if word else None, why, place)


def _secret_word(frame: Frame, line: int) -> str:
    """Return the word by which the function around a line names a secret."""
    found = _SECRET_WORDS.search(frame.module.line(line))
    if found is None and frame.function is not None:
        node = frame.function.node
        last = min(node.end_lineno or line, line + 40)
        text = "\n".join(frame.module.line(n) for n in range(node.lineno, last + 1))
        found = _SECRET_WORDS.search(text)
    return found[0].lower() if found else ""


def _cookie(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    if not called.name.endswith((".set_cookie", ".set_signed_cookie")):
        return
    secure = called.keywords.get("secure")
    if secure is None:
        bad: bool | None = None if called.starred else True
    else:
        bad = (not secure.const) if secure.is_const else None
    why = {True: "`secure` is not set, so it goes over plain HTTP, too", False: "`secure` is set"}
    _say("insecure-cookie", bad, why.get(bad, "what `secure` is was not seen") if bad is not None
         else "what `secure` is was not seen", (called, node, frame, engine))  # fmt: skip


def _tls(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    place = (called, node, frame, engine)
    verify = called.keywords.get("verify") or called.keywords.get("verify_ssl")
    if verify is not None and _REQUESTS.search(called.name):
        bad = (verify.const is False) if verify.is_const else None
        _say("disabled-tls-verification", bad, "certificates are not checked" if bad else
             "certificates are checked, or by a value that was not seen", place)  # fmt: skip
    elif called.name == "ssl._create_unverified_context":
        _say("disabled-tls-verification", True, "certificates are not checked", place)


def _debug(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    debug = called.keywords.get("debug")
    if debug is None or not called.name.endswith((".run", "run_app", ".run_server")):
        return
    bad = bool(debug.const) if debug.is_const else None
    off = "debug is off, or a value that was not seen"
    why = "the debugger runs any code for anyone who reaches it" if bad else off
    _say("debug-enabled", bad, why, (called, node, frame, engine))


def _mode(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    if called.name != "os.chmod":
        return
    mode = called.argument(1) or called.argument("mode")
    if mode is None or not isinstance(mode.const, int):
        return
    bad = bool(mode.const & 0o022)
    why = f"mode {mode.const:o} lets others {'write' if bad else 'read at most'}"
    _say("insecure-permissions", bad, why, (called, node, frame, engine))
