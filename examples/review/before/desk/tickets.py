from flask import Blueprint

from desk.store import rows

bp = Blueprint("tickets", __name__)


@bp.get("/tickets/<int:ticket>")
def show(ticket: int):
    return {"ticket": rows("SELECT id, title FROM tickets WHERE id = ?", (ticket,))}
