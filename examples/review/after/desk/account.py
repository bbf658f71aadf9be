import hashlib

from flask import Blueprint, request, session

from desk.auth import require_login
from desk.store import rows

bp = Blueprint("account", __name__)


def hashed(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000)


@bp.post("/account/address")
@require_login
def change_address():
    rows("UPDATE users SET address = ? WHERE name = ?", (request.form["address"], session["user"]))
    return {"changed": True}
