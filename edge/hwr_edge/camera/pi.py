"""The Raspberry Pi's camera, by picamera2; checked against its release in tests/edge/camera/test_pi.py.

picamera2 comes from Raspberry Pi OS (apt), beside its libcamera, and is imported only here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.frames import Frame
from hwr_edge.errors import CameraError, RuntimeMissing
from hwr_edge.image.pixels import Grey

_MAIN = (1920, 1080)  # pixels that are read
_SMALL = (320, 180)  # pixels that are watched
_RATE = 15  # frames a second: more only warms the Pi
_CONTINUOUS, _MANUAL = 2, 0  # libcamera's AfModeEnum
_MISSING = (
    "the Pi camera needs picamera2: sudo apt install python3-picamera2, and install hwr-edge in an "
    "environment made with python3 -m venv --system-site-packages"
)


@dataclass(frozen=True)
class PiSettings:
    """What is not left to the camera.

    focus: dioptres, 1 / metres; None for continuous autofocus, where the camera has it.
    exposure: milliseconds; None for automatic exposure.
    """

    focus: float | None = None
    exposure: float | None = None


class PiCapture:
    """The open camera: grey planes of two YUV streams of one moment."""

    def __init__(self, settings: PiSettings) -> None:
        """Open and start the first camera.

        Raises:
            CameraError: there is none, or another program has it.
            RuntimeMissing: picamera2 is not installed.
        """
        cameras = pi_cameras()
        if not cameras:
            raise CameraError(
                "the Pi camera: none is connected; check with rpicam-hello --list-cameras"
            )
        try:
            self._camera = _module().Picamera2(cameras[0])
        except RuntimeError as error:
            raise CameraError(
                "the Pi camera: cannot be opened; is another program using it?"
            ) from error
        try:
            self._start(settings)
        except BaseException as error:
            self._camera.close()
            if isinstance(error, RuntimeError):
                raise CameraError(f"the Pi camera: cannot be started ({error})") from error
            raise

    def _start(self, settings: PiSettings) -> None:
        configuration = self._camera.create_video_configuration(
            main={"size": _MAIN, "format": "YUV420"},
            lores={"size": _SMALL, "format": "YUV420"},
            controls={"FrameRate": _RATE, **self._controls(settings)},
            buffer_count=4,
        )
        self._camera.configure(configuration)
        self._camera.start()

    def _controls(self, settings: PiSettings) -> dict[str, Any]:
        """Autofocus and exposure stay the camera's own unless they were given."""
        known = self._camera.camera_controls
        found: dict[str, Any] = {}
        if "AfMode" in known:
            found["AfMode"] = _CONTINUOUS if settings.focus is None else _MANUAL
        if settings.focus is not None:
            if "LensPosition" not in known:
                raise CameraError("the Pi camera: its focus is fixed; remove --focus")
            found["LensPosition"] = settings.focus
        if settings.exposure is not None:
            found |= {"AeEnable": False, "ExposureTime": round(settings.exposure * 1000)}
        return found

    def read(self) -> Frame:
        """The next frame, both sizes of it.

        Raises:
            CameraError: the camera fails.
        """
        try:
            request = self._camera.capture_request()
            try:
                main, small = request.make_array("main"), request.make_array("lores")
            finally:
                request.release()
        except RuntimeError as error:
            raise CameraError(f"the Pi camera: failed ({error})") from error
        return Frame(time.monotonic(), _grey(main, _MAIN), _grey(small, _SMALL))

    def close(self) -> None:
        """Stop it and give it back."""
        try:
            self._camera.stop()
        finally:
            self._camera.close()


def pi_cameras() -> list[int]:
    """The numbers of the Pi's own cameras; libcamera lists USB ones too.

    Raises:
        CameraError: libcamera cannot list them.
        RuntimeMissing: picamera2 is not installed.
    """
    try:
        found = _module().Picamera2.global_camera_info()
    except RuntimeError as error:
        raise CameraError(f"the Pi camera: failed ({error})") from error
    return [int(camera["Num"]) for camera in found if "usb" not in str(camera["Id"])]


def _module() -> Any:
    try:
        import picamera2
    except Exception as error:  # also where its libcamera or NumPy is of another release
        why = "" if isinstance(error, ModuleNotFoundError) else f" ({error})"
        raise RuntimeMissing(f"{_MISSING}{why}") from error
    return picamera2


def _grey(planes: NDArray[np.uint8], size: tuple[int, int]) -> Grey:
    """The luma of YUV420: the first rows of the planes, without what pads them."""
    return np.ascontiguousarray(planes[: size[1], : size[0]])
