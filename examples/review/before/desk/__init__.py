"""A help desk: a small Flask app, seeded with faults for `undersign review`."""

from flask import Flask

from desk import tickets


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(tickets.bp)
    return app
