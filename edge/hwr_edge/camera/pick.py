"""Which source is meant by what the user typed."""

from __future__ import annotations

import stat
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from hwr_edge.camera.frames import Source
from hwr_edge.camera.live import Live
from hwr_edge.camera.opencv import OpenCvCapture
from hwr_edge.camera.pi import PiCapture, PiSettings, pi_cameras
from hwr_edge.camera.recorded import Recorded, folder, repeated, video
from hwr_edge.errors import CameraError, RuntimeMissing

Tell = Callable[[str], None]


def pick_source(
    asked: str,
    fps: float | None,
    settings: PiSettings,
    tell: Tell,
    damaged: Tell,
    loop: bool = False,
) -> Source:
    """The source; nothing is opened yet.

    Args:
        asked: auto, pi, an index, a device file, a URL, a video file, or a folder of images.
        fps: frames a second of a recording; None for what it says itself.
        settings: of the Pi's camera.
        tell: gets a line when a live camera is lost and when it is back.
        damaged: gets a line for what of a recording cannot be read.
        loop: show a recording again and again.

    Raises:
        CameraError: there is nothing of that name, or it cannot be shown again.
        RuntimeMissing: the Pi's camera was asked for, and picamera2 is not there.
    """
    if loop and (asked in ("auto", "pi") or asked.isdecimal() or "://" in asked):
        raise _not_repeatable(asked)
    if asked == "auto":
        asked = "pi" if _has_pi(tell) else "0"
    if asked == "pi":
        pi_cameras()  # says at once where picamera2 is missing
        return Live("the Pi camera", partial(PiCapture, settings), tell)
    if asked.isdecimal():
        return _by_opencv(int(asked), tell)
    if "://" in asked:
        return _by_opencv(asked, tell)
    path = Path(asked)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise CameraError(f"{asked}: no such camera, video or folder") from error
    if stat.S_ISCHR(mode):
        return _by_opencv(asked, tell)
    if loop and not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise _not_repeatable(asked)
    frames = partial(folder if stat.S_ISDIR(mode) else video, path, fps, damaged)
    return Recorded(partial(repeated, frames) if loop else frames)


def _not_repeatable(asked: str) -> CameraError:
    return CameraError(f"{asked}: --loop needs a video file or a folder of frames")


def _by_opencv(address: int | str, tell: Tell) -> Source:
    return Live(OpenCvCapture.name_of(address), partial(OpenCvCapture, address), tell)


def _has_pi(tell: Tell) -> bool:
    """Whether picamera2 is there and knows a camera; that it is there and does not work is told."""
    try:
        return bool(pi_cameras())
    except (CameraError, RuntimeMissing) as error:
        if find_spec("picamera2"):
            tell(str(error))
        return False
