"""The least a server could do with a report: write its bytes in one transaction. `python -m bench.bare FOLDER PORT`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from flask import Flask, request
from sqlalchemy import text

from intake.config import load_settings
from intake.web import Face
from workflow.store import Store


class Bare(Face):
    """The same gunicorn, with an application that knows nothing."""

    def __init__(self, url: str, port: int) -> None:
        self.url = url
        super().__init__(replace(load_settings(os.environ), port=port), "reporter")

    def load(self) -> Flask:
        app, store = Flask("bare"), Store(self.url)
        with store.transaction() as db:
            db.execute(text("create table if not exists bare (id integer primary key, data blob)"))

        @app.post("/bare")
        def bare() -> tuple[str, int]:
            with store.transaction() as db:
                db.execute(text("insert into bare (data) values (:data)"), {"data": request.get_data()})
            return "", 204

        return app


if __name__ == "__main__":
    Bare(f"sqlite:///{sys.argv[1]}/bare.db", int(sys.argv[2])).run()
