"""The review server: what it gives, and whom it refuses."""

from __future__ import annotations

import codecs
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from edge.review.test_review import write_results
from fakes import draw
from hwr_edge.results.roster_file import read_people
from hwr_edge.results.separator import Separator
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from hwr_edge.review.server import add_routes, open_server
from hwr_edge.review.session import Review
from hwr_edge.web import Page
from hwr_edge.web import server as web


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks as a browser would that has opened the address."""

    def __init__(self, address: str) -> None:
        self.host, _, query = address.removeprefix("http://").partition("/?")
        self.token = query.removeprefix("token=")
        self.cookie = ""
        first = self.ask("GET", f"/?token={self.token}")
        self.cookie = first.headers["Set-Cookie"].partition(";")[0]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        link = http.client.HTTPConnection(self.host, timeout=10)
        sent = {"Cookie": self.cookie} if self.cookie else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        link.request(method, path, data, sent)
        found = link.getresponse()
        reply = Reply(found.status, found.read(), found.headers)
        link.close()
        return reply


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    results = read_results(write_results(tmp_path))
    (tmp_path / "list.txt").write_text("Ab\nBéa\n", "utf-8")
    people = read_people(tmp_path / "list.txt")
    with Answers(results) as answers:
        server, address = open_server(results, answers, 0, Separator.SEMICOLON, people)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Client(address)
        server.shutdown()
        thread.join()
        server.server_close()


def test_rows_come_with_the_doubtful_first(client: Client) -> None:
    found = client.ask("GET", "/rows").json
    assert [row["place"] for row in found["rows"]] == [2, 1, 0]
    assert found["rows"][1]["choices"] == ["BC", "BA"]
    assert found["file"] == "results.jsonl"
    assert found["rows"][1]["reasons"] == ["alike"]
    assert found["rows"][1]["letters"] == [["B", False], ["C", True]]


def test_the_queue_comes_in_parts(client: Client) -> None:
    asked = client.ask("GET", "/rows?from=1&count=1").json
    assert ([row["place"] for row in asked["rows"]], asked["from"], asked["total"]) == ([1], 1, 3)
    assert (asked["doubtful"], asked["done"], asked["at"]) == (2, 0, 0)
    client.ask("POST", "/rows/2", {"version": 0, "answer": "CA"})
    asked = client.ask("GET", "/rows").json
    assert (len(asked["rows"]), asked["done"], asked["at"]) == (3, 1, 1)
    assert client.ask("GET", "/rows?from=x").status == 400
    assert client.ask("GET", "/rows?from=9&count=9").json["rows"] == []


def test_names_are_suggested_and_the_missing_named(client: Client) -> None:
    found = client.ask("POST", "/suggest/1", {"typed": "b"}).json["names"]
    assert [(one["name"], one["taken"]) for one in found] == [("Béa", False), ("Ab", True)]
    assert client.ask("GET", "/missing").json == {"names": ["Béa"]}
    client.ask("POST", "/rows/1", {"version": 0, "answer": "bea"})
    assert client.ask("GET", "/missing").json == {"names": []}
    for wrong in ({}, {"typed": 3}, {"typed": "A" * 300}):
        assert client.ask("POST", "/suggest/1", wrong).status == 400
    assert client.ask("POST", "/suggest/9", {"typed": "b"}).status == 404


def test_the_page_around_a_row_can_be_had(client: Client) -> None:
    assert client.ask("GET", "/sheet/1").json == {"size": [256, 64], "box": [0, 0, 256, 64]}
    reply = client.ask("GET", "/sheet/1.jpg")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.headers["Cache-Control"] == "no-store"
    shown = cv2.imdecode(np.frombuffer(reply.body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.asarray(shown).shape == (64, 256)
    assert client.ask("GET", "/sheet/9.jpg").status == 404


def test_the_words_are_those_of_the_browser_s_language(client: Client) -> None:
    found = client.ask("GET", "/texts", Accept_Language="fr-CH, en;q=0.5").json
    assert found["language"] == "fr"
    assert set(found["texts"]) == {"en", "fr", "de"}
    assert client.ask("GET", "/texts").json["language"] == "en"


def test_many_reviews_can_be_served_under_one_token(tmp_path: Path) -> None:
    found = {}
    page = Page("desk", "hwr_edge.review")
    with ExitStack() as reviews:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            results = read_results(write_results(tmp_path / name))
            found[name] = Review(results, reviews.enter_context(Answers(results)))
        add_routes(page, lambda batch: found[batch], "/batches/<batch>/review")
        server, address = page.open("127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = Client(address)
        saved = client.ask("POST", "/batches/two/review/rows/1", {"version": 0, "answer": "BA"})
        assert saved.status == 200
        events = [
            client.ask("GET", f"/batches/{name}/review/events").json["events"] for name in found
        ]
        assert events == [0, 1]
        for path in ("", "page.js", "view.js", "texts", "picture/0"):
            assert client.ask("GET", f"/batches/one/review/{path}").status == 200
            assert client.ask("GET", f"/batches/one/review/{path}", Cookie="").status == 403
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page_and_its_parts_are_there_and_stay_out_of_caches(client: Client) -> None:
    for path, part in (("/", b"<main>"), ("/page.js", b"addEventListener"), ("/page.css", b"body")):
        reply = client.ask("GET", path)
        assert reply.status == 200
        assert part in reply.body
        assert reply.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in reply.headers["Content-Security-Policy"]


def test_an_image_is_the_row_s_own(client: Client) -> None:
    reply = client.ask("GET", "/picture/1")
    found = cv2.imdecode(np.frombuffer(reply.body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(np.asarray(found), draw("BC"))


def test_answers_are_saved_and_told_to_others(client: Client) -> None:
    assert client.ask("POST", "/rows/1", {"version": 0, "answer": "BA"}).json == {
        "answer": "BA", "given": True, "version": 1,
    }  # fmt: skip
    late = client.ask("POST", "/rows/1", {"version": 0, "answer": "BB"})
    assert (late.status, late.json["answer"]) == (409, "BA")
    assert client.ask("GET", "/events?after=0").json == {
        "events": 1, "rows": [{"place": 1, "answer": "BA", "given": True, "version": 1}],
    }  # fmt: skip
    assert client.ask("GET", "/events?after=1").json == {"events": 1, "rows": []}
    back = client.ask("POST", "/rows/1", {"version": 1, "taken_back": True}).json
    assert (back["given"], back["version"]) == (False, 2)


def test_the_table_can_be_had(client: Client) -> None:
    client.ask("POST", "/rows/1", {"version": 0, "answer": "BÀ"})
    reply = client.ask("GET", "/names.csv")
    assert "b.png;;;BÀ;yes;BC;0,4\n" in reply.body.decode()
    assert reply.body.startswith(codecs.BOM_UTF8)  # by which spreadsheets know it
    assert "attachment" in reply.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Cookie": "guessed"},
        {"Cookie": ""},
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rows",
        "/picture/1",
        "/events",
        "/names.csv",
        "/sheet/1",
        "/sheet/1.jpg",
        "/missing",
        "/texts",
    ],
)
def test_who_comes_from_elsewhere_gets_nothing(
    client: Client, headers: dict[str, str], path: str
) -> None:
    if headers == {"Cookie": "guessed"}:
        headers = {"Cookie": client.cookie.partition("=")[0] + "=guessed"}
    reply = client.ask("GET", path, **headers)
    assert reply.status == 403
    assert b"BC" not in reply.body
    saved = client.ask("POST", "/rows/1", {"version": 0, "answer": "X"}, **headers)
    assert saved.status == 403
    assert client.ask("GET", "/events").json["events"] == 0


def test_another_site_s_form_cannot_answer(client: Client) -> None:
    body = b'{"version": 0, "answer": "X"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert client.ask("POST", "/rows/1", body, Content_Type=kind).status == 400


@pytest.mark.parametrize(
    "path",
    ["/../results.jsonl", "/picture/../../a.png", "/picture/%2e%2e%2fa.png", "/picture//etc/passwd",
     "/picture/-1", "/picture/9", "/results.jsonl", "/static/page.js"],
)  # fmt: skip
def test_there_is_no_way_to_other_files(client: Client, path: str) -> None:
    reply = client.ask("GET", path)
    assert reply.status == 404
    assert b"schema" not in reply.body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        ({}, 400),
        ({"version": "0", "answer": "A"}, 400),
        ({"version": 0, "answer": 7}, 400),
        ({"version": 0}, 400),
        ({"version": 0, "answer": "A" * 300}, 400),
        (b" " * 20_000, 413),
    ],
)
def test_a_wrong_answer_changes_nothing(client: Client, body: object, status: int) -> None:
    assert client.ask("POST", "/rows/1", body).status == status
    assert client.ask("GET", "/events").json["events"] == 0


def test_slow_callers_do_not_lock_others_out(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, unknown_seconds=0.5))
    host, _, port = client.host.partition(":")
    with ExitStack() as open_links:
        links = [
            open_links.enter_context(socket.create_connection((host, int(port)), 10))
            for _ in range(70)
        ]
        links[0].sendall(b"GET / HT")
        for link in links:
            link.settimeout(10)
            assert link.recv(100) == b""  # hung up on
        assert client.ask("GET", "/rows").status == 200
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("count", [64, 300])
def test_idle_callers_without_the_token_make_room_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, request=600))
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, unknown_seconds=600))
    host, _, port = client.host.partition(":")
    with ExitStack() as idle:
        for _ in range(count):
            idle.enter_context(socket.create_connection((host, int(port)), 10))
        for _ in range(20):
            assert client.ask("GET", "/rows").status == 200


def test_who_shows_the_token_has_longer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, request=600))
    monkeypatch.setattr(web, "_LIMITS", replace(web._LIMITS, unknown_seconds=0.3))
    host, _, port = client.host.partition(":")
    head = f"POST /rows/1 HTTP/1.0\r\nHost: {client.host}\r\nCookie: {client.cookie}\r\n"
    body = b'{"version": 0, "answer": "AB"}'
    more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with (
        socket.create_connection((host, int(port)), 10) as unknown,
        socket.create_connection((host, int(port)), 10) as known,
    ):
        known.sendall((head + more).encode())
        assert unknown.recv(100) == b""  # hung up on
        known.sendall(body)
        assert known.recv(100).startswith(b"HTTP/1.0 200")


def test_other_servers_cookies_do_no_harm(client: Client) -> None:
    for foreign in ("a@b=[1,2]", 'x="un', '{"j":1}', "theme=caf\xe9"):
        assert client.ask("GET", "/rows", Cookie=f"{foreign}; {client.cookie}").status == 200


@pytest.mark.parametrize("after", ["abc", "-1", "9" * 5000])
def test_events_after_no_number_are_refused(client: Client, after: str) -> None:
    assert client.ask("GET", f"/events?after={after}").status == 400


def test_a_lone_half_of_a_letter_cannot_spoil_the_export(client: Client) -> None:
    client.ask("POST", "/rows/1", b'{"version": 0, "answer": "A\\ud800"}')
    assert client.ask("GET", "/names.csv").status == 200


def test_refusals_stay_out_of_caches_too(client: Client) -> None:
    assert client.ask("GET", "/nowhere").headers["Cache-Control"] == "no-store"


def test_an_image_that_is_gone_says_so(client: Client, tmp_path: Path) -> None:
    (tmp_path / "b.png").unlink()
    reply = client.ask("GET", "/picture/1")
    assert reply.status == 404
    assert b"b.png" in reply.body


def test_bytes_that_are_no_text_come_from_elsewhere(client: Client) -> None:
    for headers in ({"Host": "\xff\xfe"}, {"Origin": "\xff"}, {"Sec_Fetch_Site": "\xff"}):
        assert client.ask("GET", "/rows", **headers).status == 403


def test_no_request_needs_a_new_thread(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _no_thread)
        for _ in range(70):
            assert client.ask("GET", "/rows").status == 200


def _no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
