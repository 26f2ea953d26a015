"""What picamera2 0.3.38 does when things go wrong: asked of the real one and of the stand-in alike.

`make test-picamera` asks the real one, tests/edge/test_fake_picamera2.py the stand-in. Both list a USB camera before the
Pi's own one, which has 1280x720 pixels in NV12 alone, and neither automatic exposure nor focus.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

Fault = Callable[[str], AbstractContextManager[None]]
PI, USB = "/base/soc/i2c0mux/imx708@1a", "/base/scb/pcie/usb@0,0-1:1.0-046d:0825"


def descriptors() -> int:
    """How many of this process are open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def ends(call: Callable[[], object], seconds: float = 2.0) -> bool:
    """Whether it comes back."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def started(kind: Any) -> Any:
    """The Pi's camera, at work."""
    camera = kind(0)
    asked = {"size": (1920, 1080), "format": "YUV420"}
    small = {"size": (320, 180), "format": "YUV420"}
    camera.configure(camera.create_video_configuration(main=asked, lores=small, controls={}))
    camera.start()
    camera.capture_request(wait=5.0).release()
    return camera


def hanging(camera: Any) -> None:
    """Until no frame is left."""

    def read() -> None:
        for _ in range(20):
            camera.capture_request(wait=0.5).release()

    with pytest.raises(TimeoutError):
        read()


class Behaviour:
    """A test class; subclasses give `kind`, the class Picamera2, and `fault`."""

    def test_a_place_in_the_list_is_not_num(self, kind: Any) -> None:
        assert [(one["Id"], one["Num"]) for one in kind.global_camera_info()] == [(PI, 1), (USB, 0)]
        camera = kind(0)
        assert camera.camera_idx == 1
        camera.close()

    def test_sizes_and_format_are_adjusted(self, kind: Any) -> None:
        camera = started(kind)
        for name in ("main", "lores"):
            stream = camera.camera_configuration()[name]
            assert (stream["size"], stream["format"]) == ((1280, 720), "NV12")
        request = camera.capture_request(wait=5.0)
        assert request.make_array("main").shape == (1080, 1280)
        request.release()
        camera.close()

    def test_a_camera_that_somebody_has(self, kind: Any, caplog: pytest.LogCaptureFixture) -> None:
        camera, before = started(kind), descriptors()
        with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError) as told:
            kind(0)
        assert str(told.value) == "Camera __init__ sequence did not complete."
        assert caplog.messages == ["Camera __init__ sequence did not complete."]
        assert descriptors() == before + 2
        camera.close()

    def test_a_heap_that_nobody_lets_us_open_leaves_the_camera_acquired(
        self, kind: Any, fault: Fault
    ) -> None:
        half = kind.__new__(kind)
        with fault("barred"):
            with pytest.raises(PermissionError):
                half.__init__(0)
            assert half.is_open
            with pytest.raises(RuntimeError, match="did not complete"):
                kind(0)
            with pytest.raises(AttributeError, match="allocator"):
                half.close()
        kind(0).close()

    def test_a_heap_without_memory(self, kind: Any, fault: Fault) -> None:
        camera = kind(0)
        with fault("full"), pytest.raises(OSError, match="Cannot allocate memory"):
            camera.configure(camera.create_video_configuration(main={"size": (1280, 720)}))
        camera.close()

    def test_a_control_that_is_not_there(self, kind: Any) -> None:
        camera = kind(0)
        assert "AeEnable" not in camera.camera_controls
        wanted = camera.create_video_configuration(
            main={"size": (1280, 720)}, controls={"AeEnable": False}
        )
        with pytest.raises(RuntimeError) as told:
            camera.configure(wanted)
        assert str(told.value) == "Control AeEnable is not advertised by libcamera"
        camera.close()

    @pytest.mark.parametrize("name", ["hang", "lose"])
    def test_a_camera_that_sends_no_more(self, kind: Any, fault: Fault, name: str) -> None:
        camera = started(kind)
        with fault(name):
            hanging(camera)
            assert not ends(camera.stop)  # waits behind the job that waits for a frame
            assert ends(camera.close)
        assert not camera.is_open
        started(kind).close()

    def test_jobs_that_are_cancelled_are_not_waited_for(self, kind: Any, fault: Fault) -> None:
        camera = started(kind)
        with fault("hang"):
            hanging(camera)
            camera.cancel_all_and_flush()
            assert ends(camera.stop)
        camera.close()

    def test_a_camera_that_refuses_to_stop_stays_open(self, kind: Any, fault: Fault) -> None:
        camera = started(kind)
        with fault("refuse"):
            with pytest.raises(RuntimeError, match="stop"):
                camera.close()
            assert camera.is_open
        camera.close()
        assert not camera.is_open
