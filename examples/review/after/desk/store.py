import sqlite3


def connect() -> sqlite3.Connection:
    return sqlite3.connect("desk.db")


def rows(sql: str, values: tuple = ()) -> list[tuple]:
    with connect() as db:
        return db.execute(sql, values).fetchall()
