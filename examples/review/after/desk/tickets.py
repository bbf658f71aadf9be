from flask import Blueprint, request

from desk.store import rows

bp = Blueprint("tickets", __name__)


@bp.get("/tickets")
def search():
    words = request.args.get("q", "")
    found = rows("SELECT id, title FROM tickets WHERE title LIKE '%" + words + "%'")
    return {"tickets": found}


@bp.get("/tickets/<int:ticket>")
def show(ticket: int):
    return {"ticket": rows("SELECT id, title FROM tickets WHERE id = ?", (ticket,))}
