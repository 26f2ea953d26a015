"""A hand-written picamera2: what `hwr_edge.camera.pi` calls of release 0.3.38, and no more.

API is what the real release has, read from its sources: names with their parameters.

How it was checked: picamera2_behaviour.py says what happens when things go wrong, and both are asked: this one by
test_fake_picamera2.py, the real picamera2 0.3.38 on libcamera 0.4.0 (Debian 13, x86-64) with libcamera's virtual camera by
`make test-picamera`. Beyond what is asked there:

- A thread of picamera2's own that has died (`loop`) does nothing any more, as one that waits.
- Frames fail (`fails`) as a Pi's are said to in its kernel's messages. How a cable, a sensor and a frontend really fail was not seen.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

RELEASE = "0.3.38"
API: dict[str, tuple[str, ...]] = {
    "Picamera2": ("camera_num", "verbose_console", "tuning", "allocator"),
    "Picamera2.global_camera_info": (),
    "Picamera2.camera_controls": (),
    "Picamera2.create_video_configuration": (
        "main", "lores", "raw", "transform", "colour_space", "buffer_count", "controls", "display",
        "encode", "queue", "sensor", "use_case",
    ),
    "Picamera2.configure": ("camera_config",),
    "Picamera2.camera_configuration": (),
    "Picamera2.start": ("config", "show_preview"),
    "Picamera2.stop": (),
    "Picamera2.close": (),
    "Picamera2.is_open": (),
    "Picamera2.capture_request": ("wait", "signal_function", "flush"),
    "Picamera2.cancel_all_and_flush": (),
    "CompletedRequest.make_array": ("name",),
    "CompletedRequest.release": (),
}  # fmt: skip
_log = logging.getLogger("picamera2.picamera2")


def _for_ever() -> None:
    threading.Event().wait()


class Request:
    """The buffers of one moment, which must be given back."""

    held = 0

    def __init__(self, configuration: dict[str, Any], shade: int) -> None:
        type(self).held += 1
        self._configuration, self._shade = configuration, shade

    def make_array(self, name: str) -> NDArray[np.uint8]:
        """Rows of YUV420 are padded; those of NV12 are not any more."""
        stream = self._configuration[name]
        width, height = stream["size"]
        stride = -(-width // 64) * 64
        planes = np.full((height * 3 // 2, stride), 77, np.uint8)
        planes[:height, :width] = self._shade
        return planes if stream["format"] == "YUV420" else planes[:, :width]

    def release(self) -> None:
        type(self).held -= 1


class Picamera2:
    """One camera.

    cameras: those that libcamera lists, in its order; `Num` is the place there.
    controls: what the camera advertises.
    adjusted: what libcamera makes of the streams that are asked for.
    fault: what goes wrong.
    acquired: the `Num` of cameras that somebody has.
    """

    cameras: tuple[dict[str, Any], ...] = ({"Num": 0, "Id": "/base/soc/i2c0mux/imx708@1a"},)
    controls: tuple[str, ...] = (
        "AeEnable", "ExposureTime", "FrameDurationLimits", "AfMode", "LensPosition",
    )  # fmt: skip
    adjusted: Mapping[str, dict[str, Any]] = MappingProxyType({})
    fault = ""
    opened: tuple[Picamera2, ...] = ()
    acquired: tuple[int, ...] = ()

    def __init__(self, camera_num: int = 0) -> None:
        read, self.notifyme_w = os.pipe()
        self.notifymeread = os.fdopen(read, "rb")
        self.is_open, self._looping, self._jobs, self.state = False, False, 0, "closed"
        type(self).opened = (*self.opened, self)  # as atexit and its own cycles keep it
        if camera_num >= len(self.global_camera_info()):
            raise RuntimeError(f"No camera number {camera_num} found")
        self.camera_idx, self.frames = self.global_camera_info()[camera_num]["Num"], 0
        try:
            if self.camera_idx in self.acquired or self.fault == "busy":
                raise RuntimeError("Failed to acquire camera: Device or resource busy")
        except RuntimeError as error:
            _log.error("Camera __init__ sequence did not complete.")
            raise RuntimeError("Camera __init__ sequence did not complete.") from error
        self._acquire()
        self.allocator = self._allocator()

    def _acquire(self) -> None:
        self.is_open, self.state = True, "open"
        type(self).acquired = (*self.acquired, self.camera_idx)

    def _allocator(self) -> Callable[[], None]:
        """The dma heap."""
        if self.fault == "barred":
            raise PermissionError(errno.EACCES, "Permission denied", "/dev/dma_heap/vidbuf_cached")
        return lambda: None

    @classmethod
    def global_camera_info(cls) -> list[dict[str, Any]]:
        """Places are not `Num`: by Id, from the last to the first, USB ones behind."""
        return sorted(
            cls.cameras, key=lambda one: ("/usb" not in one["Id"], one["Id"]), reverse=True
        )

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        return dict.fromkeys(self.controls, (0, 1, 0))

    def create_video_configuration(
        self, main: Any = None, lores: Any = None, buffer_count: int = 6, controls: Any = None
    ) -> dict[str, Any]:
        assert all(side % 2 == 0 for stream in (main, lores) if stream for side in stream["size"])
        return {"main": main, "lores": lores, "buffers": buffer_count, "controls": controls}

    def configure(self, camera_config: dict[str, Any]) -> None:
        if self.fault == "configure":
            raise RuntimeError("Configuration failed")
        if self.fault == "full":
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        assert self.state == "open"
        self.configuration, self.state = dict(camera_config), "configured"
        for name, values in self.adjusted.items():
            if self.configuration[name]:
                self.configuration[name] = {**self.configuration[name], **values}
        for name in camera_config["controls"] or ():
            real = "FrameDurationLimits" if name == "FrameRate" else name
            if real not in self.controls:
                raise RuntimeError(f"Control {real} is not advertised by libcamera")

    def camera_configuration(self) -> dict[str, Any]:
        return self.configuration

    def start(self) -> None:
        assert self.state == "configured"
        self.state, self._looping = "started", True

    def capture_request(self, wait: float | None = None) -> Request:
        """Wait for a frame; for ever, unless a number of seconds is given."""
        assert self.state == "started"
        time.sleep(0.01)
        self.frames += 1
        if self.fault in ("hang", "lose", "loop") and self.frames > 2:
            self._jobs += 1
            self._looping = self.fault != "loop"
            threading.Event().wait(wait)
            raise TimeoutError
        if self.fault == "fails" and self.frames > 2:
            raise RuntimeError("Camera frontend has timed out!")
        return Request(self.configuration, self.frames)

    def cancel_all_and_flush(self) -> None:
        self._jobs = 0

    def stop(self) -> None:
        """A job for its own thread, done after those before it; without that thread, never."""
        if self.state != "started":
            return
        if self._jobs or not self._looping:
            _for_ever()
        self._stop()

    def _stop(self) -> None:
        if self.fault == "refuse":
            raise RuntimeError("Failed to stop camera: Connection timed out")
        self.state = "open"

    def close(self) -> None:
        """End its thread, stop without it, give the camera back, and make a new allocator."""
        if not self.is_open:
            return  # with its pipe open
        if self.state == "started":
            self._stop()
        self.state, ours = "closed", self.camera_idx
        type(self).acquired = tuple(one for one in self.acquired if one != ours)
        self.is_open = False
        self.notifymeread.close()
        os.close(self.notifyme_w)
        del self.allocator
        self.allocator = self._allocator()


@contextmanager
def closed_at_the_end(kind: type[Picamera2]) -> Iterator[None]:
    """Whatever a test left open."""
    try:
        yield
    finally:
        for one in kind.opened:
            one.fault = ""
            one.close()
            if not one.notifymeread.closed:
                one.notifymeread.close()
                os.close(one.notifyme_w)
