from flask import Blueprint, abort, session

from desk.store import rows

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.before_request
def only_admins():
    if "user" not in session or not session.get("is_admin"):
        abort(403)


@bp.post("/users/<int:user_id>/delete")
def delete_user(user_id: int):
    rows("DELETE FROM users WHERE id = ?", (user_id,))
    return {"deleted": user_id}
