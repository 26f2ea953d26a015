"""The live view's server: what it gives, and whom it refuses."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from edge.review.test_server import Client
from hwr_edge.camera.event import Event
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import Look
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.server import PORT, LiveView, _address
from hwr_edge.errors import DataError, OutputError
from hwr_edge.line.reading import Reading

READING = Reading("LEA", 0.97, (0.9,) * 3, (400, 200, 300, 60))
SECRET = "a secret of many letters"


def look(shade: int = 90) -> Look:
    frame = Frame(1.0, np.full((720, 1280, 3), shade, np.uint8))
    return Look(frame, Hint.READING, ((400, 200, 300, 60),), READING)


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveView]:
    monkeypatch.delenv("HWR_EDGE_TOKEN", raising=False)
    with LiveView("127.0.0.1:0") as found:
        yield found


def test_nothing_runs_on_when_it_is_over() -> None:
    before = set(threading.enumerate())
    with LiveView("127.0.0.1:0") as found:
        assert Client(found.address).ask("GET", "/state").status == 200
    deadline = time.monotonic() + 10
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not set(threading.enumerate()) - before


def test_it_says_what_is_seen_and_what_was_said(view: LiveView) -> None:
    client = Client(view.address)
    assert client.ask("GET", "/state").json["hint"] == "waiting for the camera"
    assert client.ask("GET", "/picture").status == 404
    view.show(look())
    view.show_name(Event(datetime(2026, 11, 23, tzinfo=UTC), READING, 9))
    state = client.ask("GET", "/state").json
    assert (state["frame"], state["size"], state["hint"]) == (1, [1280, 720], "reading")
    assert state["boxes"] == [[400, 200, 300, 60]]
    assert state["reading"] == {"text": "LEA", "confidence": 0.97}
    assert [row["text"] for row in state["names"]] == ["LEA"]


def test_the_image_is_the_newest_in_little(view: LiveView) -> None:
    client = Client(view.address)
    for shade in (90, 180):
        view.show(look(shade))
        reply = client.ask("GET", f"/picture?frame={shade}")
        assert reply.headers["Content-Type"] == "image/jpeg"
        assert reply.headers["Cache-Control"] == "no-store"
        seen = cv2.imdecode(np.frombuffer(reply.body, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert seen is not None
        assert seen.shape == (540, 960)
        assert seen.mean() == pytest.approx(shade, abs=2)


def test_a_lost_camera_keeps_its_last_image(view: LiveView) -> None:
    client = Client(view.address)
    view.show(look())
    view.show(Look(None, Hint.LOST))
    state = client.ask("GET", "/state").json
    assert (state["frame"], state["hint"]) == (1, "the camera sends no image")
    assert client.ask("GET", "/picture").status == 200


def test_only_the_last_names_are_kept(view: LiveView) -> None:
    for minute in range(40):
        view.show_name(Event(datetime(2026, 11, 23, 9, minute, tzinfo=UTC), READING, 9))
    names = Client(view.address).ask("GET", "/state").json["names"]
    assert len(names) == 20
    assert names[0]["time"] == "2026-11-23T09:39:00.000Z"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Host": "evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Cookie": ""},
    ],
)
@pytest.mark.parametrize("path", ["/", "/state", "/picture", "/page.js"])
def test_who_comes_from_elsewhere_sees_nothing(
    view: LiveView, headers: dict[str, str], path: str
) -> None:
    client = Client(view.address)
    view.show(look())
    assert client.ask("GET", path).status == 200
    assert client.ask("GET", path, **headers).status == 403


def test_an_address_that_others_reach_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HWR_EDGE_TOKEN", raising=False)
    for asked in ("0.0.0.0:0", "[::]:0", "somewhere:0"):
        with pytest.raises(DataError, match="set HWR_EDGE_TOKEN"):
            LiveView(asked)
    monkeypatch.setenv("HWR_EDGE_TOKEN", "short")
    with pytest.raises(DataError, match="at least 16 characters"):
        LiveView("0.0.0.0:0")


def test_with_a_secret_others_see_it_and_the_secret_is_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HWR_EDGE_TOKEN", SECRET)
    with LiveView("0.0.0.0:0") as view:
        assert SECRET not in view.address
        port = view.address.rpartition(":")[2].strip("/")
        token = SECRET.replace(" ", "%20")
        client = Client(f"http://127.0.0.1:{port}/?token={token}")
        assert client.ask("GET", "/state").status == 200
        assert client.ask("GET", "/state", Host=f"evil.example:{port}").status == 403
        for cookie in (client.cookie.partition("=")[0] + "=guessed", ""):
            client.cookie = cookie
            assert client.ask("GET", "/state").status == 403


def test_a_port_in_use_and_no_address_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HWR_EDGE_TOKEN", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match="choose another HOST:PORT"):
            LiveView(f"127.0.0.1:{port}")
    for asked in ("127.0.0.1:http", "127.0.0.1:99999"):
        with pytest.raises(DataError, match="use HOST:PORT"):
            LiveView(asked)


def test_a_secret_may_have_any_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWR_EDGE_TOKEN", "geheimes Paßwort für uns")
    with LiveView("127.0.0.1:0") as view:
        client = Client(f"{view.address}?token=geheimes%20Pa%C3%9Fwort%20f%C3%BCr%20uns")
        assert client.ask("GET", "/state").status == 200
        assert client.ask("GET", "/?token=geheimes%20Passwort%20f%C3%BCr%20uns").status == 403


@pytest.mark.parametrize(
    ("asked", "host", "port"),
    [
        ("::1", "::1", PORT),
        ("[::1]", "::1", PORT),
        ("[::1]:80", "::1", 80),
        ("8000", "127.0.0.1", 8000),
        ("localhost", "127.0.0.1", PORT),
        (":0", "127.0.0.1", 0),
    ],
)
def test_host_or_port_may_be_left_out(asked: str, host: str, port: int) -> None:
    assert _address(asked) == (host, port)
