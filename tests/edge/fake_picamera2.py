"""A hand-written picamera2: what `hwr_edge.camera.pi` calls of release 0.3.38, and no more.

API is what the real release has, read from its sources: names with their parameters.
"""

from __future__ import annotations

import time
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
    "Picamera2.start": ("config", "show_preview"),
    "Picamera2.stop": (),
    "Picamera2.close": (),
    "Picamera2.capture_request": ("wait", "signal_function", "flush"),
    "CompletedRequest.make_array": ("name",),
    "CompletedRequest.release": (),
}  # fmt: skip


class Request:
    """The buffers of one moment, which must be given back."""

    held = 0

    def __init__(self, configuration: dict[str, Any], shade: int) -> None:
        type(self).held += 1
        self._configuration, self._shade = configuration, shade

    def make_array(self, name: str) -> NDArray[np.uint8]:
        stream = self._configuration[name]
        assert stream["format"] == "YUV420"
        width, height = stream["size"]
        stride = -(-width // 64) * 64  # rows are padded, as the real ones are
        planes = np.full((height * 3 // 2, stride), 77, np.uint8)
        planes[:height, :width] = self._shade
        return planes

    def release(self) -> None:
        type(self).held -= 1


class Picamera2:
    """One camera; `cameras` are those that libcamera lists, `fault` is what goes wrong."""

    cameras: tuple[dict[str, Any], ...] = ({"Num": 0, "Id": "/base/soc/i2c0mux/imx708@1a"},)
    autofocus = True
    fault = ""
    opened: tuple[Picamera2, ...] = ()

    def __init__(self, camera_num: int = 0) -> None:
        if self.fault == "busy":
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self.number, self.state, self.frames = camera_num, "open", 0
        type(self).opened = (*self.opened, self)

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return list(Picamera2.cameras)

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        known = ["AeEnable", "ExposureTime", "FrameRate"]
        return dict.fromkeys(known + ["AfMode", "LensPosition"] * self.autofocus, (0, 1, 0))

    def create_video_configuration(
        self, main: Any = None, lores: Any = None, buffer_count: int = 6, controls: Any = None
    ) -> dict[str, Any]:
        assert all(side % 2 == 0 for stream in (main, lores) for side in stream["size"])
        assert set(controls) <= set(self.camera_controls)
        return {"main": main, "lores": lores, "buffers": buffer_count, "controls": controls}

    def configure(self, camera_config: dict[str, Any]) -> None:
        if self.fault == "configure":
            raise RuntimeError("Configuration failed")
        assert self.state == "open"
        self.configuration, self.state = camera_config, "configured"

    def start(self) -> None:
        assert self.state == "configured"
        self.state = "started"

    def capture_request(self) -> Request:
        assert self.state == "started"
        time.sleep(0.01)
        self.frames += 1
        if self.fault == "fails" and self.frames > 2:
            raise RuntimeError("Camera frontend has timed out!")
        return Request(self.configuration, self.frames)

    def stop(self) -> None:
        self.state = "open"

    def close(self) -> None:
        self.state = "closed"
