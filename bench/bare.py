"""The least a server could do with a report: write its bytes in one transaction. `python -m bench.bare URL PORT`.

`/bare` writes them as one row. `/rows` cuts them into as many rows as a report is kept in, each with a random key: what a
server would do that has the rows already, and neither opens, checks, routes, seals nor chains anything.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from uuid import uuid4

from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from intake.config import load_settings
from intake.web import Face
from workflow.store import Store

# Of the report that `bench/submitting.py` makes: objects and headers 44, readers 5, statements 2, and five single ones.
ROWS = 56


class Bare(Face):
    """The same gunicorn, with an application that knows nothing."""

    def __init__(self, url: str, port: int) -> None:
        self.url = url
        super().__init__(replace(load_settings(os.environ), port=port), "reporter")

    def load(self) -> Flask:
        app, store = Flask("bare"), Store(self.url)
        with store.transaction() as db:
            blob = "bytea" if store.engine.dialect.name == "postgresql" else "blob"
            db.execute(text(f"create table if not exists bare (id varchar(36) primary key, data {blob})"))
        store.close()  # no connection is copied into the worker

        def insert(db: Session, parts: list[bytes]) -> None:
            rows = [{"id": str(uuid4()), "data": part} for part in parts]
            db.execute(text("insert into bare (id, data) values (:id, :data)"), rows)

        @app.post("/bare")
        def bare() -> tuple[str, int]:
            with store.transaction() as db:
                insert(db, [request.get_data()])
            return "", 204

        @app.post("/rows")
        def rows() -> tuple[str, int]:
            data = request.get_data()
            size = -(-len(data) // ROWS)
            with store.transaction() as db:
                insert(db, [data[at : at + size] for at in range(0, len(data), size)])
            return "", 204

        return app


if __name__ == "__main__":
    Bare(sys.argv[1], int(sys.argv[2])).run()
