"""The network transport against a real server of this process: answers, refusals, cookies."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

from intake.client import Refused, UrlTransport


@pytest.fixture
def address() -> Iterator[str]:
    app = Flask("echo")

    @app.post("/echo")
    def echo():
        answer = jsonify(sent=request.get_data(as_text=True), kind=request.mimetype, cookie=request.cookies.get("who"))
        answer.set_cookie("who", "me")
        return answer

    @app.get("/refused")
    def refused():
        return jsonify(error={"code": "busy", "message": "Wait."}), 429

    @app.get("/page")
    def page():
        return "<html>", 502

    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_bodies_headers_and_cookies_travel(address):
    http = UrlTransport(address)
    for cookie in (None, "me"):
        answer = http.send("POST", "/echo", body="một".encode(), headers={"Content-Type": "text/plain"})
        assert answer.or_refuse().json == {"sent": "một", "kind": "text/plain", "cookie": cookie}


def test_refusals_carry_their_code_whatever_sent_them(address):
    http = UrlTransport(address)
    with pytest.raises(Refused) as caught:
        http.send("GET", "/refused").or_refuse()
    assert (caught.value.status, caught.value.code, caught.value.message) == (429, "busy", "Wait.")
    with pytest.raises(Refused, match="502 http_502"):
        http.send("GET", "/page").or_refuse()


def test_only_web_addresses_are_taken():
    with pytest.raises(ValueError, match="http"):
        UrlTransport("file:///etc")
