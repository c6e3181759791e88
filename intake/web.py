"""One face under gunicorn: threads, no access log, no address in any log, no control socket."""

from __future__ import annotations

import signal
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from intake import wsgi
from intake.child import end_with_parent
from intake.config import Settings
from intake.connections import BoundedWorker
from intake.faults import kind, places

GRACE = 5  # seconds that requests under way are given at the end
CONNECTIONS = 800  # at once; 1024 open files are common as a limit, and the worker ends when it can't open one more


class DiscreetLogger(Logger):  # type: ignore[misc]
    """Logs that something failed, its kind and where; gunicorn's own lines name addresses and URLs, and quote."""

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        error = sys.exception()
        told = f": {kind(error)} in {places(error)}" if error else ""
        self.error_log.error("a request could not be handled%s", told)

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Not logged: what gunicorn warns of is malformed requests, with the address they came from."""

    def access(self, *args: object, **kwargs: object) -> None:
        """Not logged."""


class Master(Arbiter):  # type: ignore[misc]
    """A master that ends with its terminal, where gunicorn's own would read its settings anew and live on."""

    def handle_hup(self) -> None:
        self.handle_term()

    def handle_usr2(self) -> None:
        """gunicorn would start the command line of this process anew, which is the supervisor's."""


class Face(BaseApplication):  # type: ignore[misc]
    """gunicorn with one of our applications."""

    def __init__(self, settings: Settings, face: str) -> None:
        self.settings = settings
        self.face = face
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return wsgi.FACES[self.face]()

    def run(self) -> None:
        Master(self).run()

    def _options(self) -> dict[str, object]:
        settings = self.settings
        port = settings.staff_port if self.face == "staff" else settings.port
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        return {
            "bind": f"{host}:{port}",
            "worker_class": BoundedWorker,
            "workers": 1,
            "preload_app": True,  # the worker is a copy of its master, and has most of its memory in common with it
            "threads": settings.web_threads,
            "worker_connections": CONNECTIONS,
            "sendfile": False,  # it would pass by the bound on how long an answer may be taken
            "graceful_timeout": GRACE,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "error",
            "logger_class": DiscreetLogger,
            "control_socket_disable": True,
            "proc_name": f"niemphong-{self.face}",
            "post_fork": _bind_to_master,
        }


def _bind_to_master(master: object, worker: Any) -> None:
    """A worker doesn't outlive a killed master: what it was doing is a transaction, which is done or isn't."""
    end_with_parent(worker.ppid, signal.SIGKILL)


def serve(settings: Settings, face: str) -> None:
    """Serve one face until told to stop."""
    Face(settings, face).run()
