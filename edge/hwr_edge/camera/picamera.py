"""picamera2: loaded without a word, opened and closed without leftovers, and its errors as one line.

It comes from Raspberry Pi OS (apt), beside its libcamera, and is imported only here. tests/edge/camera/test_pi.py checks our calls
against its release, and `make test-picamera` runs them on it.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
from contextlib import suppress
from typing import Any

from hwr_edge.errors import CameraError, HwrError, RuntimeMissing

BARRED = (
    "the Pi camera: no permission to use it; add yourself to the group video with "
    "sudo usermod -aG video $USER, and log in again"
)
_NO_MEMORY = (
    "the Pi camera: no memory for its images; close other programs, or reserve more with "
    "dtoverlay=vc4-kms-v3d,cma-256 in /boot/firmware/config.txt, and restart the Pi"
)
_MISSING = (
    "the Pi camera needs picamera2: sudo apt install python3-picamera2, and install hwr-edge in an "
    "environment made with python3 -m venv --system-site-packages"
)


def load_picamera2() -> Any:
    """The module, which writes nothing: what goes wrong is told by us.

    Raises:
        RuntimeMissing: it is not there, or does not work.
    """
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:FATAL")
    log = logging.getLogger("picamera2")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    try:
        import picamera2
    except Exception as error:  # also where its libcamera or NumPy is of another release
        why = "" if isinstance(error, ModuleNotFoundError) else f" ({error})"
        raise RuntimeMissing(f"{_MISSING}{why}") from error
    return picamera2


def open_camera(place: int) -> Any:
    """The camera at that place of the list; where it cannot be had, what picamera2 left open is closed.

    Raises:
        CameraError: another program has it, nobody allowed us to, or it fails.
    """
    kind = load_picamera2().Picamera2
    camera = kind.__new__(kind)  # so that it is at hand, too, where its beginning fails
    try:
        camera.__init__(place)
    except BaseException as error:
        with suppress(Exception):  # half of it is missing
            camera.close()
        tidy(camera)
        if isinstance(error, Exception):
            raise camera_error(error, "cannot be opened") from error
        raise
    return camera


def tidy(camera: Any) -> None:
    """Close what picamera2's close() leaves to the search for cycles, which is seldom here."""
    pipe = getattr(camera, "notifymeread", None)
    if pipe and not pipe.closed:
        pipe.close()
        os.close(camera.notifyme_w)
    vars(camera).pop("allocator", None)  # a new one, with its dma heap open
    camera.is_open = False  # or it would be closed again when it is deleted
    gc.collect()  # selectors of its threads


def camera_error(error: Exception, what: str) -> HwrError:
    """What went wrong, as one line that says what to do."""
    if isinstance(error, HwrError):
        return error
    if isinstance(error, PermissionError):
        return CameraError(BARRED)
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return CameraError(_NO_MEMORY)
    if "__init__ sequence" in str(error):
        return CameraError("the Pi camera: cannot be opened; is another program using it?")
    return CameraError(f"the Pi camera: {what} ({error})")
