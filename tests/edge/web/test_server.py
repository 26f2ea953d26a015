"""The server of all pages: what it keeps of strangers, and how it ends."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

pytest.importorskip("waitress")
import bottle

from hwr_edge.web import Page, Server
from hwr_edge.web import server as web


class Running(NamedTuple):
    server: Server
    token: str
    got: list[int]

    def link(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)

    def send(self, token: str, size: int) -> http.client.HTTPResponse:
        link = self.link()
        link.request("POST", "/take", b"x" * size, {"Authorization": f"Bearer {token}"})
        return link.getresponse()


@pytest.fixture
def running() -> Iterator[Running]:
    page, got = Page("test", "hwr_edge.review"), list[int]()

    def take() -> str:
        got.append(len(bottle.request.body.read()))
        return "taken"

    page.route("POST", "/take", take)
    server, _ = page.open("127.0.0.1", 0, largest=200_000)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with server:
        yield Running(server, page.token, got)
        server.shutdown()
        thread.join()


def test_a_bearer_s_token_opens_without_cookie_and_from_any_host(running: Running) -> None:
    link = running.link()
    link.request(
        "GET", "/page.js", headers={"Authorization": f"Bearer {running.token}", "Host": "desk"}
    )
    assert link.getresponse().status == 200


def test_another_token_is_unauthorized(running: Running) -> None:
    reply = running.send("guessed", 10)
    assert (reply.status, reply.getheader("WWW-Authenticate")) == (401, "Bearer")
    assert running.got == []


def test_what_a_stranger_sends_is_not_kept(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(web._Nowhere, "append", lambda _, data: kept.append(len(data)))
    assert running.send("guessed", 150_000).status == 401
    assert sum(kept) == 150_000
    assert running.send(running.token, 150_000).read() == b"taken"
    assert running.got == [150_000]


def test_a_body_that_is_too_large_is_an_error_of_the_one_shape(running: Running) -> None:
    link = running.link()
    link.putrequest("POST", "/take")
    for name, value in (("Authorization", f"Bearer {running.token}"), ("Content-Length", "200001")):
        link.putheader(name, value)
    link.endheaders()
    reply = link.getresponse()
    assert reply.status == 413
    assert json.loads(reply.read())["error"]["code"] == "request_entity_too_large"


def test_what_is_no_request_is_an_error_of_the_same_shape(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.server.server_port), 10) as link:
        link.sendall(b"\x16\x03\x01\r\n\r\n")
        told = b""
        while part := link.recv(1000):
            told += part
    head, _, body = told.partition(b"\r\n\r\n")
    assert b"400" in head
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_who_holds_the_token_and_falls_silent_is_hung_up_on_later(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, unknown_seconds=0.1))
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, request=1.0))
    with socket.create_connection(("127.0.0.1", running.server.server_port), 10) as link:
        head = f"POST /take HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {running.token}\r\n"
        link.sendall(f"{head}Content-Length: 5\r\n\r\n".encode())
        assert link.recv(100) == b""
    assert running.got == []


def test_a_taken_port_leaves_nothing_open(running: Running) -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"):
        Page("other", "hwr_edge.review").open("127.0.0.1", running.server.server_port)
    assert threading.active_count() == before
