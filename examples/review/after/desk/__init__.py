"""A help desk: a small Flask app, seeded with faults for `undersign review`."""

from flask import Flask

from desk import account, admin, assistant, export, tickets


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SESSION_COOKIE_SECURE"] = True
    for part in (account, admin, assistant, export, tickets):
        app.register_blueprint(part.bp)
    return app
