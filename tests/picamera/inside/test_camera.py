"""The program's own way to the Pi's camera, on the real picamera2."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from functools import partial
from itertools import islice

import numpy as np
import pytest

from edge.picamera2_behaviour import descriptors, ends
from hwr_edge.camera import pi
from hwr_edge.camera.live import CameraHeld, Live
from hwr_edge.camera.pi import PiCapture, PiSettings
from hwr_edge.errors import CameraError
from picamera.inside.faults import fault


def _why(settings: PiSettings) -> str:
    try:
        PiCapture(settings)
    except CameraError as error:  # gone at the end, with the frames that hold the camera
        return str(error)
    return "opened"


def refused(settings: PiSettings | None = None) -> str:
    """Why the camera cannot be had, thrice, with nothing left open."""
    gc.collect()
    before, told = descriptors(), set[str]()
    for _ in range(3):
        told.add(_why(settings or PiSettings()))
    assert descriptors() == before
    (line,) = told
    assert "\n" not in line
    return line


@pytest.fixture(autouse=True)
def _opened_before() -> None:
    """Libraries keep a few descriptors from the first opening on."""
    PiCapture(PiSettings()).close()


def test_the_pi_s_own_camera_of_two_is_opened_in_the_size_that_it_has() -> None:
    capture = PiCapture(PiSettings())
    frame = capture.read()
    capture.close()
    assert frame.grey().shape == (720, 1280)
    assert frame.small is not None
    # The image is dark on its left, light on its right: all of it is seen, and no chroma is.
    for seen in (frame.grey(), frame.small, frame.view()):
        half = seen.shape[1] // 2
        dark, light = seen[:, : half - 8], seen[:, half + 8 :]
        assert max(np.ptp(dark), np.ptp(light)) < 8
        assert float(light.mean()) - float(dark.mean()) > 100


@pytest.mark.parametrize("name", ["hang", "lose"])
def test_a_camera_that_sends_no_more_is_given_back(name: str) -> None:
    before = descriptors()

    def use() -> None:
        capture = PiCapture(PiSettings())
        with fault(name), pytest.raises(CameraError, match="sent no frame for 4 seconds"):
            list(islice(iter(capture.read, None), 20))
        capture.close()

    assert ends(use, seconds=30)
    assert descriptors() == before


def test_a_camera_that_another_program_has() -> None:
    other = PiCapture(PiSettings())
    assert "is another program using it?" in refused()
    other.close()


def test_no_permission_and_no_memory_are_told_with_what_to_do() -> None:
    with fault("barred"):
        assert "usermod -aG video" in refused()
    with fault("full"):
        assert "cma-256" in refused()


def test_focus_and_exposure_that_the_camera_does_not_have() -> None:
    assert refused(PiSettings(focus=1)).endswith("remove --focus")
    assert refused(PiSettings(exposure=5)).endswith("remove --exposure")


def test_nothing_but_our_own_line_is_written() -> None:
    script = (
        "from hwr_edge.camera.pi import PiCapture, PiSettings\n"
        "capture = PiCapture(PiSettings()); capture.read()\n"
        "try: PiCapture(PiSettings())\n"
        "except Exception as error: print(error)\n"
        "capture.close()"
    )
    clean = {key: value for key, value in os.environ.items() if key != "LIBCAMERA_LOG_LEVELS"}
    ran = subprocess.run(
        [sys.executable, "-W", "default", "-c", script],
        capture_output=True,
        text=True,
        env=clean,
        check=False,
    )
    assert ran.stdout == "the Pi camera: cannot be opened; is another program using it?\n"
    assert "libcamera" not in ran.stderr
    assert "INFO" not in ran.stderr


def test_last_a_camera_that_does_not_stop_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pi, "_WAIT", 0.5)
    start = partial(PiCapture, PiSettings())
    with (
        Live("the Pi camera", start, lambda _: None) as source,
        fault("hang"),
        fault("refuse"),
        pytest.raises(CameraHeld, match="restart hwr-edge"),
    ):
        for _ in source:
            pass
