"""The form editor's page: what it gives, and whom and what it refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

pytest.importorskip("tomlkit")
pytest.importorskip("waitress")

from commands import run
from drawn_forms import empty_form
from edge.desk.form_editor.test_editor import TEXT, field, write_template
from edge.review.test_server import Client
from fakes import TINY_MODEL
from hwr_edge.desk.form_editor.server import make_editor, open_editor
from hwr_edge.line.recognizer import Recognizer


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    page = make_editor(write_template(tmp_path), lambda: Recognizer(TINY_MODEL))
    server, address = open_editor(page, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Client(address)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form_is_opened_checked_and_saved(client: Client, tmp_path: Path) -> None:
    shown = client.ask("GET", "/template").json
    assert shown["file"] == "club.toml"
    assert client.ask("GET", "/image/0.jpg").headers["Content-Type"] == "image/jpeg"
    wrong = [[field("a"), field("b")]]
    assert "overlap" in client.ask("POST", "/check", {"pages": wrong}).json["problem"]
    refused = client.ask("POST", "/save", {"pages": wrong, "version": shown["version"]})
    assert (refused.status, b"overlap" in refused.body) == (400, True)
    right = {"pages": [[field("a", origin=0)]], "version": shown["version"]}
    assert client.ask("POST", "/save", right).status == 200
    assert 'name = "a"' in (tmp_path / "club.toml").read_text("utf-8")
    late = client.ask("POST", "/save", right)
    assert (late.status, b"was changed on the disk" in late.body) == (409, True)


def test_a_filled_form_is_tried(client: Client) -> None:
    data = cv2.imencode(".png", empty_form())[1].tobytes()
    octets = "application/octet-stream"
    assert client.ask("POST", "/filled", data, Content_Type=octets).json == {"pages": 1}
    assert client.ask("POST", "/filled", data, Content_Type="text/plain").status == 400
    assert client.ask("POST", "/filled", b"none", Content_Type=octets).status == 400
    found = client.ask("POST", "/try", {"pages": [[field("nom")]]}).json
    assert found["fields"]["nom"]["text"] == ""


@pytest.mark.parametrize("headers", [{"Cookie": ""}, {"Origin": "http://evil.example"}])
def test_who_comes_from_elsewhere_gets_nothing(
    client: Client, tmp_path: Path, headers: dict[str, str]
) -> None:
    for path in ("/", "/template", "/image/0.jpg", "/texts"):
        assert client.ask("GET", path, **headers).status == 403
    version = client.ask("GET", "/template").json["version"]
    for path in ("/check", "/save", "/filled", "/try"):
        sent = {"pages": [[field("a")]], "version": version}
        assert client.ask("POST", path, sent, **headers).status == 403
    assert (tmp_path / "club.toml").read_text("utf-8") == TEXT


@pytest.mark.parametrize("sent", [b"{", {}, {"pages": 3}, {"pages": [[field("a")]]}, {"pages": [[3]], "version": "x"}])  # fmt: skip
def test_a_wrong_request_saves_nothing(client: Client, tmp_path: Path, sent: object) -> None:
    assert client.ask("POST", "/save", sent).status == 400
    assert (tmp_path / "club.toml").read_text("utf-8") == TEXT


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    done = run("form", "edit", "nowhere.toml", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "hwr-edge form new" in done.stderr
