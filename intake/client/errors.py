"""What can go wrong on this side, and what the server says.

ClientFault    what arrived is not what was signed: nothing is shown, nothing is sent
Refused        the server refuses, with its code and sentence
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientFault(Exception):
    """A check failed here; `code` names it as the browser's does (static/js/client)."""

    def __init__(self, code: str, **detail: object) -> None:
        self.code = code
        self.detail = detail
        super().__init__(code)


class Refused(Exception):
    """The server's refusal, from inside an envelope (`status` 200) or from the wire."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        error = body.get("error", {})
        self.status = status
        self.code = str(error.get("code", f"http_{status}"))
        self.message = str(error.get("message", ""))
        self.detail: Mapping[str, Any] = error.get("detail", {})
        super().__init__(f"{status} {self.code}")
