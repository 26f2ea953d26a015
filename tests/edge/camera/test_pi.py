"""The Pi's camera: our calls are the real release's, and run against a hand-written fake of it."""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edge import fake_picamera2
from edge.fake_picamera2 import API, Picamera2, Request, closed_at_the_end
from edge.picamera2_behaviour import descriptors, ends
from hwr_edge.camera import pi, picamera
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.live import CameraHeld, Live
from hwr_edge.camera.pi import PiCapture, PiSettings, pi_cameras
from hwr_edge.camera.pick import pick_source
from hwr_edge.errors import CameraError, RuntimeMissing


def no_word(line: str) -> None:
    raise AssertionError(line)


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Picamera2]]:
    """The fake in the place of picamera2, on a machine without devices."""
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera2)
    for name, value in (("fault", ""), ("opened", ()), ("acquired", ()), ("adjusted", {})):
        monkeypatch.setattr(Picamera2, name, value)
    monkeypatch.setattr(Picamera2, "cameras", Picamera2.cameras)
    monkeypatch.setattr(Picamera2, "controls", Picamera2.controls)
    monkeypatch.setattr(Request, "held", 0)
    monkeypatch.setattr(pi, "_DEV", tmp_path, raising=False)
    monkeypatch.setattr(pi, "_WAIT", 0.2, raising=False)
    monkeypatch.setenv("LIBCAMERA_LOG_LEVELS", "*:FATAL")
    with closed_at_the_end(Picamera2):
        yield Picamera2


def test_we_call_only_what_the_real_release_has() -> None:
    known = {name.rpartition(".")[2]: parameters for name, parameters in API.items()}
    known["__init__"] = known["Picamera2"]
    called = set()
    sources = [inspect.getsource(one) for one in (pi, picamera)]
    for node in ast.walk(ast.parse("\n".join(sources))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, ast.unparse(node.func.value)
            if owner in ("self._camera", "camera", "request") or "Picamera2" in owner:
                called.add(name)
                assert name in known, name
                assert {keyword.arg for keyword in node.keywords} <= set(known[name]), name
                assert len(node.args) + len(node.keywords) <= len(known[name]), name
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._camera":
            assert node.attr in known, node.attr
    assert {"__init__", "create_video_configuration", "capture_request", "make_array"} <= called


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
    monkeypatch.setattr(camera, "controls", camera.controls[:3])
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


def test_auto_takes_the_pi_s_own_camera_and_no_usb_one(camera: type[Picamera2]) -> None:
    usb = {"Num": 0, "Id": "/base/scb/pcie/usb@0,0-1:1.0-046d:0825"}
    camera.cameras = (usb, {"Num": 1, "Id": "/base/soc/i2c0mux/imx708@1a"})
    with pick_source("auto", None, PiSettings(), no_word, no_word) as source:
        assert isinstance(next(iter(source)), Frame)
    assert [one.camera_idx for one in camera.opened] == [1]


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


def test_a_camera_that_hangs_is_given_back_and_opened_again(camera: type[Picamera2]) -> None:
    camera.fault, told = "hang", list[str]()
    end = time.monotonic() + 60
    start = partial(PiCapture, PiSettings())
    with Live("the Pi camera", start, told.append) as source:
        for _ in source:
            if told:
                camera.fault = ""
            if len(told) == 2 or time.monotonic() > end:
                break
    assert told == [
        "the Pi camera: sent no frame for 0.2 seconds; reconnecting until it is back",
        "the Pi camera: is back",
    ]
    assert len(camera.acquired) <= 1


@pytest.mark.parametrize("fault", ["hang", "loop"])
def test_a_camera_that_hangs_ends_no_thread_s_life_and_leaves_nothing_open(
    camera: type[Picamera2], fault: str
) -> None:
    before = descriptors()

    def use() -> None:
        capture = PiCapture(PiSettings())
        try:
            capture.read(), capture.read()
            with pytest.raises(CameraError, match="sent no frame"):
                capture.read()
        finally:
            capture.close()

    camera.fault = fault
    assert ends(use, seconds=5)
    assert camera.acquired == ()
    assert descriptors() == before


@pytest.mark.parametrize("fault", ["busy", "barred", "configure", "full"])
def test_a_camera_that_cannot_be_opened_leaves_nothing_open(
    camera: type[Picamera2], fault: str
) -> None:
    before, camera.fault = descriptors(), fault
    for _ in range(3):
        with pytest.raises(CameraError):
            PiCapture(PiSettings())
    assert camera.acquired == ()
    assert descriptors() == before


def test_a_camera_that_does_not_stop_ends_the_program(camera: type[Picamera2]) -> None:
    camera.fault = "fails"
    with Live("the Pi camera", partial(PiCapture, PiSettings()), no_word) as source:
        frames = iter(source)
        camera.fault = "refuse"
        camera.opened[0].capture_request = camera.opened[0].stop  # type: ignore[assignment]
        with pytest.raises(CameraHeld, match=r"does not stop \(Failed.*\); restart"):
            list(itertools.islice(frames, 100))


def test_sizes_are_those_that_were_configured(camera: type[Picamera2]) -> None:
    camera.adjusted = {
        "main": {"size": (1280, 720), "format": "NV12"},
        "lores": {"size": (256, 144)},
    }
    capture = PiCapture(PiSettings())
    frame = capture.read()
    capture.close()
    assert (frame.grey().shape, frame.view().shape) == ((720, 1280), (144, 256))
    assert (frame.grey() == 1).all()
    assert (frame.view() == 1).all()


def test_a_camera_without_brightness_apart_is_told(camera: type[Picamera2]) -> None:
    camera.adjusted = {"main": {"format": "MJPEG"}}
    with pytest.raises(CameraError, match="gives MJPEG, not YUV420"):
        PiCapture(PiSettings())


@pytest.mark.parametrize(
    ("fault", "advice"),
    [("barred", r"no permission.*usermod -aG video"), ("full", r"no memory.*cma-256")],
)
def test_what_the_dma_heap_lacks_is_told_with_what_to_do(
    camera: type[Picamera2], fault: str, advice: str
) -> None:
    camera.fault = fault
    with pytest.raises(CameraError, match=advice) as told:
        PiCapture(PiSettings())
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("listed", "device"), [(False, "media0"), (True, "dma_heap/linux,cma")], ids=["media", "heap"]
)
def test_devices_that_nobody_lets_us_open_are_told_before_they_are_tried(
    camera: type[Picamera2],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    listed: bool,
    device: str,
) -> None:
    camera.cameras = camera.cameras if listed else ()  # libcamera lists what it can open
    (tmp_path / device).parent.mkdir(exist_ok=True)
    (tmp_path / device).touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("hwr_edge.camera.pick.find_spec", lambda name: name)
    told: list[str] = []
    pick_source("auto", None, PiSettings(), told.append, no_word)
    assert len(told) == 1
    with pytest.raises(CameraError, match="group video"):
        pick_source("pi", None, PiSettings(), no_word, no_word)
    assert camera.opened == ()


def test_only_controls_that_the_camera_has_are_set(
    camera: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.controls = ("ExposureTime",)
    assert controls(PiSettings(exposure=5)) == {"ExposureTime": 5000}
    camera.controls = ()
    with pytest.raises(CameraError, match="remove --exposure"):
        PiCapture(PiSettings(exposure=5))


def test_libcamera_and_picamera2_write_nothing_themselves() -> None:
    script = (
        "import os, sys; from edge import fake_picamera2 as fake; sys.modules['picamera2'] = fake\n"
        "from hwr_edge.camera.pi import PiCapture, PiSettings\n"
        "fake.Picamera2.fault = 'busy'\n"
        "try: PiCapture(PiSettings())\n"
        "except Exception: print(os.environ['LIBCAMERA_LOG_LEVELS'])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("LIBCAMERA_LOG_LEVELS", None)
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert (ran.stdout, ran.stderr) == ("*:FATAL\n", "")
