"""The desk's API: what it does, whom it refuses, and that every error has one shape."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("waitress")

from bombs import deep_tiff, endless_pdf, laughing_pdf
from desks import Client, png, running
from fakes import draw
from hwr_edge.desk.http_json import RequestQueue


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(tmp_path / "desk") as found:
        yield found


def test_one_image_is_read_at_once(client: Client) -> None:
    reply = client.send("/api/read", {"a.png": png("ABC")})
    assert reply.status == 200
    assert [(row["image"], row["text"]) for row in reply.json["rows"]] == [("a.png", "ABC")]


def test_options_are_those_of_the_command(client: Client) -> None:
    reply = client.send("/api/read", {"a.png": png("ABC")}, layout="line", decoder="greedy")
    assert reply.json["rows"][0]["text"] == "ABC"
    for wrong in (
        {"layout": "poem"},
        {"accept": "2"},
        {"top": "-1"},
        {"top": "99"},
        {"form": "../../x.toml"},
        {"list": "none.csv"},
        {"form": "a.toml", "layout": "line"},
        {"form_pages": "1"},
    ):
        reply = client.send("/api/read", {"a.png": png("ABC")}, **wrong)
        assert (reply.status, reply.json["error"]["code"]) == (400, "bad_request"), wrong


def test_a_list_is_matched(client: Client, tmp_path: Path) -> None:
    from fakes import calibrated_tiny

    with running(tmp_path / "other", calibrated_tiny(tmp_path / "model.tflite")) as calibrated:
        told = calibrated.send("/api/lists", {"class 5b.csv": b"name\nABC\nCAB\n"})
        assert (told.status, told.json["names"]) == (201, 2)
        assert calibrated.ask("GET", "/api/lists").json == {"lists": ["class 5b.csv"]}
        reply = calibrated.send("/api/read", {"a.png": png("ABC")}, list="class 5b.csv")
        assert reply.json["rows"][0]["match"] == "ABC"
        batch = calibrated.new("CAB", list="class 5b.csv")
        calibrated.wait(batch)
        assert (
            calibrated.ask("GET", f"/api/batches/{batch}/results").json["rows"][0]["match"] == "CAB"
        )


def test_a_list_that_is_none_leaves_the_one_of_its_name(client: Client) -> None:
    client.send("/api/lists", {"a.csv": b"name\nABC\n"})
    assert client.send("/api/lists", {"a.csv": b"1\n2\n"}).status == 400
    assert client.send("/api/lists", {"a.exe": b"name\nABC\n"}).status == 400
    assert (client.desk.place.lists / "a.csv").read_bytes() == b"name\nABC\n"
    assert client.ask("GET", "/api/lists").json == {"lists": ["a.csv"]}


def test_a_batch_is_read_and_handed_out(client: Client) -> None:
    batch = client.new("AB", "BC", title="Monday, class 5b")
    found = client.wait(batch)
    assert (found["title"], found["pages"], found["read"], found["rows"]) == (
        "Monday, class 5b",
        2,
        2,
        2,
    )
    assert client.names(batch) == ["AB", "BC"]
    table = client.ask("GET", f"/api/batches/{batch}/table").body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["image"], row["name"], row["checked"]) for row in rows] == [
        ("AB.png", "AB", "no"),
        ("BC.png", "BC", "no"),
    ]
    assert client.ask("GET", "/api/batches").json["batches"][0]["id"] == batch


def test_rows_come_in_parts(client: Client) -> None:
    batch = client.new("AB", "BC", "CA")
    client.wait(batch)
    first = client.ask("GET", f"/api/batches/{batch}/results?count=2").json
    path = f"/api/batches/{batch}/results?after={first['next']}&first=2"
    rest = client.ask("GET", path).json
    assert [row["text"] for row in first["rows"] + rest["rows"]] == ["AB", "BC", "CA"]
    assert (
        client.ask("GET", f"/api/batches/{batch}/results?after={rest['next']}").json["rows"] == []
    )
    assert client.ask("GET", f"/api/batches/{batch}/results?after=3").status == 400


def test_the_workbook_holds_the_table(client: Client) -> None:
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    batch = client.new("AB")
    client.wait(batch)
    reply = client.ask("GET", f"/api/batches/{batch}/table?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(reply.body)).active
    assert [cell.value for cell in sheet[2]][:3] == ["AB.png", None, "AB"]


def test_what_cannot_be_read_is_said_and_stops_nothing(client: Client) -> None:
    assert client.send("/api/read", {"a.png": b"no image"}).json["error"]["code"] == "unreadable"
    batch = client.new()
    client.send(f"/api/batches/{batch}/scans", {"a.png": b"no image", "b.png": png("AB")})
    found = client.wait(batch)
    assert found["rows"] == 1
    assert [line.partition(":")[0] for line in found["problems"]] == ["a.png"]


BAD = {
    "empty.png": b"",
    "text.txt": b"Ann\n",
    "cut.png": png("AB")[:60],
    "pixels.png": png("AB")[:16] + b"\x7f\xff\xff\xff" * 2 + png("AB")[24:],
    "laughs.pdf": laughing_pdf(),
    "cut.pdf": endless_pdf(2)[:200],
    "deep.tif": deep_tiff(60_000),
    "=1+1.html": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_command_refuses_is_refused_in_one_line(client: Client, name: str) -> None:
    reply = client.send("/api/read", {name: BAD[name]})
    assert reply.status in (413, 422)
    assert "\n" not in reply.json["error"]["message"]
    assert client.send("/api/read", {"AB.png": png("AB")}).json["rows"][0]["text"] == "AB"


def test_a_batch_of_what_the_command_refuses_reads_the_rest(client: Client) -> None:
    batch = client.new()
    client.send(f"/api/batches/{batch}/scans", {**BAD, "z.png": png("AB")})
    found = client.wait(batch)
    assert client.names(batch) == ["AB"]
    told = {line.partition(":")[0].partition("#")[0] for line in found["problems"]}
    assert told == set(BAD)
    assert str(client.desk.place.folder) not in "".join(found["problems"])


def test_a_name_is_a_name_and_never_a_path_or_markup(client: Client) -> None:
    batch = client.new()
    names = [
        "../../x.png",
        "..\\y.png",
        "<b>&\u202e.png",
        ".hidden.png",
        "a" * 300 + ".png",
        "=1+1.png",
    ]
    for name in names:
        assert client.send(f"/api/batches/{batch}/scans", {name: png("AB")}).status == 202
    client.wait(batch)
    folder = client.desk.batches.get(batch).scans
    assert {path.parent for path in folder.iterdir()} == {folder}
    assert sorted(path.name[:10] for path in folder.iterdir()) == [
        "=1+1.png", "_b_&_.png", "aaaaaaaaaa", "hidden.png", "x.png", "y.png",
    ]  # fmt: skip
    table = client.ask("GET", f"/api/batches/{batch}/table").body.decode("utf-8-sig")
    assert "\n'=1+1.png," in table


def test_a_scan_that_is_sent_twice_is_read_once(client: Client) -> None:
    batch = client.new("AB")
    again = client.send(f"/api/batches/{batch}/scans", {"AB.png": png("AB")})
    other = client.send(f"/api/batches/{batch}/scans", {"AB.png": png("BA")})
    assert (again.json["added"], other.json["added"]) == (["AB.png"], ["AB-2.png"])
    client.wait(batch)
    assert sorted(client.names(batch)) == ["AB", "BA"]


def test_a_deleted_batch_leaves_nothing(client: Client) -> None:
    batch = client.new("AB")
    client.wait(batch)
    assert client.ask("DELETE", f"/api/batches/{batch}").json == {"deleted": batch}
    assert list(client.desk.place.batches.iterdir()) == []
    for path in ("", "/results", "/table"):
        assert client.ask("GET", f"/api/batches/{batch}{path}").json["error"]["code"] == "not_found"


def test_a_full_queue_says_when_to_come_again() -> None:
    from hwr_edge.desk.http_json import Failure

    queue, inside, leave = RequestQueue(1, 1), threading.Event(), threading.Event()

    def stay() -> None:
        with queue.taken():
            inside.set()
            leave.wait(30)

    threads = [threading.Thread(target=stay) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(30)
    while queue._all.acquire(blocking=False):  # until the second waits
        queue._all.release()
    with pytest.raises(Failure) as told, queue.taken():
        pass
    assert (told.value.status_code, told.value.headers["Retry-After"]) == (429, "2")
    leave.set()
    for thread in threads:
        thread.join()
    with queue.taken():
        pass


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nowhere", 404),
        ("PUT", "/api/batches", 405),
        ("GET", "/api/batches/none", 404),
        ("GET", "/api/batches/..%2f..", 404),
        ("POST", "/api/read", 415),
        ("POST", "/api/batches", 415),
    ],
)
def test_every_error_has_one_shape(client: Client, method: str, path: str, status: int) -> None:
    reply = client.ask(method, path)
    assert reply.status == status
    assert set(reply.json) == {"error"}
    assert set(reply.json["error"]) == {"code", "message"}
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"title": 7}', b'{"a": 1}', b'{"list": "x"}'])
def test_a_wrong_batch_is_not_made(client: Client, body: bytes) -> None:
    assert client.ask("POST", "/api/batches", body, Content_Type="application/json").status == 400
    assert client.ask("GET", "/api/batches").json["batches"] == []


def test_who_has_no_token_gets_nothing(client: Client) -> None:
    for headers in ({"Authorization": "Bearer guessed"}, {"Authorization": "", "Cookie": "a=b"}):
        for method, path in (("GET", "/api/batches"), ("POST", "/api/read"), ("GET", "/")):
            reply = client.ask(method, path, **headers)
            assert reply.status == (401 if headers["Authorization"] else 403)
    assert client.ask("GET", "/api/health", Authorization="").json["status"] == "ok"


def test_another_site_s_page_gets_nothing(client: Client) -> None:
    cookie = client.ask("GET", f"/?token={client.token}", Authorization="").headers["Set-Cookie"]
    sent = {"Authorization": "", "Cookie": cookie.partition(";")[0]}
    assert client.ask("GET", "/api/batches", **sent).status == 200
    for other in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert client.ask("GET", "/api/batches", **sent, **other).status == 403


def test_a_page_too_many_is_a_batch_s(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from hwr_edge.desk import readers

    monkeypatch.setattr(readers, "REQUEST_PAGES", 1)
    pages = [np.ascontiguousarray(draw(text)) for text in ("AB", "BC")]
    data = cv2.imencodemulti(".tiff", pages)[1].tobytes()
    assert client.send("/api/read", {"a.tiff": data}).json["error"]["code"] == "too_many_pages"
    monkeypatch.setattr(readers, "REQUEST_PAGES", 2)
    assert [row["page"] for row in client.send("/api/read", {"a.tiff": data}).json["rows"]] == [
        1,
        2,
    ]
    monkeypatch.setattr(readers, "REQUEST_SECONDS", -1)
    assert client.send("/api/read", {"a.tiff": data}).json["error"]["code"] == "too_slow"


def test_the_description_is_of_what_is_there(client: Client) -> None:
    told = client.ask("GET", "/api/openapi.json").json
    assert json.loads(json.dumps(told))["openapi"].startswith("3.1")
    here = {(route.method.lower(), route.rule) for route in _routes(client)}
    said = {
        (method, path.replace("{batch}", "<batch>"))
        for path, about in told["paths"].items()
        for method in about
        if method != "parameters"
    }
    assert said == here - {("get", "/api/health"), ("get", "/api/openapi.json"), ("get", "/api/")}


def _routes(client: Client) -> list[Any]:
    from hwr_edge.desk.server import make_app

    app = make_app(client.desk, client.token).bottle
    return [route for route in app.routes if route.rule.startswith("/api/")]
