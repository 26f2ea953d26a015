"""The Pi's camera: our calls are the real release's, and run against a hand-written fake of it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from edge import fake_picamera2
from edge.fake_picamera2 import API, Picamera2, Request
from hwr_edge.camera import pi
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.pi import PiCapture, PiSettings, pi_cameras
from hwr_edge.camera.pick import pick_source
from hwr_edge.errors import CameraError, RuntimeMissing


def no_word(line: str) -> None:
    raise AssertionError(line)


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> type[Picamera2]:
    """The fake in the place of picamera2."""
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera2)
    for name, value in (("fault", ""), ("opened", ()), ("autofocus", True)):
        monkeypatch.setattr(Picamera2, name, value)
    monkeypatch.setattr(Request, "held", 0)
    return Picamera2


def test_we_call_only_what_the_real_release_has() -> None:
    tree = ast.parse(Path(pi.__file__).read_text("utf-8"))
    known = {name.rpartition(".")[2]: parameters for name, parameters in API.items()}
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, ast.unparse(node.func.value)
            if owner in ("self._camera", "request", "_module()") or "Picamera2" in owner:
                called.add(name)
                assert name in known, name
                assert {keyword.arg for keyword in node.keywords} <= set(known[name]), name
                assert len(node.args) + len(node.keywords) <= len(known[name]), name
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._camera":
            assert node.attr in known, node.attr
    assert {"create_video_configuration", "capture_request", "make_array", "release"} <= called


def test_it_gives_grey_of_both_streams_and_every_buffer_back(camera: type[Picamera2]) -> None:
    capture = PiCapture(PiSettings())
    frames = [capture.read() for _ in range(3)]
    assert [int(frame.grey().mean()) for frame in frames] == [1, 2, 3]
    assert frames[0].pixels.shape == (1080, 1920)
    assert frames[0].view().shape == (180, 320)
    assert (frames[0].view() == 1).all()
    assert Request.held == 0
    capture.close()
    assert camera.opened[0].state == "closed"


def controls(settings: PiSettings) -> dict[str, object]:
    capture = PiCapture(settings)
    capture.close()
    return dict(Picamera2.opened[-1].configuration["controls"])


def test_focus_and_exposure_are_the_camera_s_own_unless_they_are_given(
    camera: type[Picamera2],
) -> None:
    assert controls(PiSettings()) == {"FrameRate": 15, "AfMode": 2}
    assert controls(PiSettings(focus=4.0, exposure=12.5)) == {
        "FrameRate": 15, "AfMode": 0, "LensPosition": 4.0, "AeEnable": False, "ExposureTime": 12500,
    }  # fmt: skip


def test_a_camera_of_fixed_focus_is_left_alone(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "autofocus", False)
    assert controls(PiSettings()) == {"FrameRate": 15}
    with pytest.raises(CameraError, match="remove --focus"):
        PiCapture(PiSettings(focus=1.0))
    assert camera.opened[-1].state == "closed"


@pytest.mark.parametrize(
    ("fault", "message"), [("busy", "is another program using it"), ("configure", "Configuration")]
)
def test_a_camera_that_cannot_be_opened_is_told(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    monkeypatch.setattr(camera, "fault", fault)
    with pytest.raises(CameraError, match=message):
        PiCapture(PiSettings())
    assert all(one.state == "closed" for one in camera.opened)


def test_a_camera_that_fails_is_told(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "fault", "fails")
    capture = PiCapture(PiSettings())
    capture.read()
    capture.read()
    with pytest.raises(CameraError, match="timed out"):
        capture.read()


def test_auto_takes_the_pi_s_own_camera_and_no_usb_one(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    usb = {"Num": 0, "Id": "/base/scb/pcie/usb@0,0-1:1.0-046d:0825"}
    own = {"Num": 1, "Id": "/base/soc/i2c0mux/imx708@1a"}
    monkeypatch.setattr(camera, "cameras", (usb, own))
    assert pi_cameras() == [1]
    with pick_source("auto", None, PiSettings(), no_word, no_word) as source:
        assert isinstance(next(iter(source)), Frame)
    assert camera.opened[0].number == 1


def test_why_the_pi_s_own_camera_is_not_taken_is_told(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise RuntimeError("cannot start")

    monkeypatch.setattr(camera, "global_camera_info", refuse)
    monkeypatch.setattr("hwr_edge.camera.pick.find_spec", lambda name: name)
    with pytest.raises(CameraError, match="cannot start"):
        pi_cameras()
    told: list[str] = []
    pick_source("auto", None, PiSettings(), told.append, no_word)
    assert told == ["the Pi camera: failed (cannot start)"]


def test_no_camera_is_told(camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "cameras", ())
    with (
        pytest.raises(CameraError, match="none is connected"),
        pick_source("pi", None, PiSettings(), no_word, no_word),
    ):
        pass


def test_without_picamera2_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(
        RuntimeMissing, match=r"apt install python3-picamera2.*system-site-packages"
    ):
        pick_source("pi", None, PiSettings(), no_word, no_word)


def test_a_camera_that_does_not_stop_is_given_back_all_the_same(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = PiCapture(PiSettings())

    def fail(_: Picamera2) -> None:
        raise RuntimeError("stuck")

    monkeypatch.setattr(Picamera2, "stop", fail)
    with pytest.raises(RuntimeError, match="stuck"):
        capture.close()
    assert camera.opened[0].state == "closed"
