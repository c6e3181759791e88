"""A transport is one method: over the network with urllib, or into a Flask test client."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any, Protocol

from intake.client.errors import Refused

TIMEOUT = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    def or_refuse(self) -> Answer:
        """Itself when it went well; Refused otherwise."""
        if self.status < 400:
            return self
        try:
            said = self.json
        except ValueError:  # a proxy's page
            said = None
        raise Refused(self.status, said if isinstance(said, dict) else {})


class Transport(Protocol):
    """Sends one request below a base address and keeps that visitor's cookies."""

    def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer: ...


class UrlTransport:
    """Over the network."""

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError("an http or https address")
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        )

    def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(  # noqa: S310 (the scheme was checked)
            self.base_url + path, data=body, headers=dict(headers or {}), method=method
        )
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.read(), dict(refused.headers))


class FlaskTransport:
    """Into an application of this process: `FlaskTransport(app.test_client())`."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        answer = self.client.open(path, method=method, data=body, headers=dict(headers or {}))
        return Answer(answer.status_code, answer.get_data(), dict(answer.headers))
