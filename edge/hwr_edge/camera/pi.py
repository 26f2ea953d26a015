"""The Raspberry Pi's camera: grey frames in two sizes, by picamera2."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.frames import Frame
from hwr_edge.camera.live import CameraHeld
from hwr_edge.camera.picamera import BARRED, camera_error, load_picamera2, open_camera, tidy
from hwr_edge.errors import CameraError
from hwr_edge.image.pixels import Grey

_MAIN = (1920, 1080)  # pixels that are read, where the camera has that size
_SMALL = (320, 180)  # pixels that are watched
_LUMA_FIRST = ("YUV420", "YVU420", "NV12", "NV21")
_RATE = 15  # frames a second: more only warms the Pi
_WAIT = 4.0  # seconds for a frame: less than `Live` waits, so that the camera is given back by its own thread
_CONTINUOUS, _MANUAL = 2, 0  # libcamera's AfModeEnum
_DEV = Path("/dev")
_HEAPS = ("vidbuf_cached", "linux,cma")  # picamera2 takes the first that is there


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
            CameraError: there is none, another program has it, or it cannot do what was asked for.
            RuntimeMissing: picamera2 is not installed.
        """
        cameras = pi_cameras()
        if not cameras:
            raise CameraError(
                "the Pi camera: none is connected; check with rpicam-hello --list-cameras"
            )
        self._camera = open_camera(cameras[0])
        try:
            self._start(settings)
        except Exception as error:
            self.close()
            raise camera_error(error, "cannot be started") from error
        except BaseException:
            self.close()
            raise

    def _start(self, settings: PiSettings) -> None:
        configuration = self._camera.create_video_configuration(
            main={"size": _MAIN, "format": "YUV420"},
            lores={"size": _SMALL, "format": "YUV420"},
            controls=self._controls(settings),
            buffer_count=4,
        )
        self._camera.configure(configuration)
        configured = self._camera.camera_configuration()  # sizes may have been adjusted
        for stream in (configured["main"], configured["lores"]):
            if stream["format"] not in _LUMA_FIRST:
                raise CameraError(f"the Pi camera: gives {stream['format']}, not YUV420")
        self._main, self._small = configured["main"]["size"], configured["lores"]["size"]
        self._camera.start()

    def _controls(self, settings: PiSettings) -> dict[str, Any]:
        """Autofocus and exposure stay the camera's own unless they were given."""
        known = self._camera.camera_controls
        found: dict[str, Any] = {}
        if "FrameDurationLimits" in known:
            found["FrameRate"] = _RATE
        if "AfMode" in known:
            found["AfMode"] = _CONTINUOUS if settings.focus is None else _MANUAL
        if settings.focus is not None:
            if "LensPosition" not in known:
                raise CameraError("the Pi camera: its focus is fixed; remove --focus")
            found["LensPosition"] = settings.focus
        if settings.exposure is not None:
            if "ExposureTime" not in known:
                raise CameraError("the Pi camera: its exposure is its own; remove --exposure")
            found |= {"AeEnable": False} if "AeEnable" in known else {}
            found["ExposureTime"] = round(settings.exposure * 1000)
        return found

    def read(self) -> Frame:
        """The next frame, both sizes of it.

        Raises:
            CameraError: the camera fails, or gives none for some seconds.
        """
        try:
            request = self._camera.capture_request(wait=_WAIT)
            try:
                main, small = request.make_array("main"), request.make_array("lores")
            finally:
                request.release()
        except TimeoutError:
            self._camera.cancel_all_and_flush()
            raise CameraError(f"the Pi camera: sent no frame for {_WAIT:g} seconds") from None
        except RuntimeError as error:
            raise camera_error(error, "failed") from error
        return Frame(time.monotonic(), _grey(main, self._main), _grey(small, self._small))

    def close(self) -> None:
        """Stop it and give it back.

        Raises:
            CameraHeld: it does not stop.
        """
        try:
            # Not stop(): that is a job for picamera2's own thread, behind jobs that wait for frames.
            self._camera.close()
        except Exception as error:
            if self._camera.is_open:
                raise CameraHeld(
                    f"the Pi camera: does not stop ({error}); restart hwr-edge"
                ) from error
        finally:
            tidy(self._camera)


def pi_cameras() -> list[int]:
    """The places of the Pi's own cameras in libcamera's list, in which USB ones are too.

    Raises:
        CameraError: libcamera cannot list them, or nobody allowed us to.
        RuntimeMissing: picamera2 is not installed.
    """
    try:
        found = load_picamera2().Picamera2.global_camera_info()
    except (RuntimeError, OSError) as error:
        raise camera_error(error, "failed") from error
    places = [place for place, camera in enumerate(found) if "usb" not in str(camera["Id"])]
    if _barred(places):
        raise CameraError(BARRED)
    return places


def _barred(places: list[int]) -> bool:
    """Whether nobody lets us open what the camera needs; libcamera lists only what it may open."""
    heaps = (_DEV / "dma_heap" / name for name in _HEAPS)
    needed = [one for one in heaps if one.exists()][:1] if places else list(_DEV.glob("media*"))
    allowed = [os.access(path, os.R_OK | os.W_OK) for path in needed]
    return bool(allowed) and not any(allowed)


def _grey(planes: NDArray[np.uint8], size: tuple[int, int]) -> Grey:
    """The luma of YUV420: the first rows of the planes, without what pads them."""
    return np.ascontiguousarray(planes[: size[1], : size[0]])
