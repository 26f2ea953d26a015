"""Cameras by OpenCV: USB by index or device file, and URLs (RTSP, HTTP MJPEG)."""

from __future__ import annotations

import os
import time
from typing import Any

import cv2
import numpy as np

from hwr_edge.camera.frames import Frame
from hwr_edge.errors import CameraError

_TIMEOUT = 5000  # milliseconds, to open a URL and for each frame
_SIZE = (1280, 720)  # pixels that a USB camera is asked for; most start at 640x480


class OpenCvCapture:
    """An open camera or stream."""

    def __init__(self, address: int | str) -> None:
        """Open an index, a device file or a URL.

        Raises:
            CameraError: nothing answers there, or another program has it.
        """
        silence()
        self.name = self.name_of(address)
        self._capture = cv2.VideoCapture(*_arguments(address))
        if not self._capture.isOpened():
            self._capture.release()
            raise CameraError(f"{self.name}: {_advice(address)}")
        if not _is_url(address):
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _SIZE[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _SIZE[1])

    @staticmethod
    def name_of(address: int | str) -> str:
        """What messages call it; a URL's user and password stay out of them."""
        if not isinstance(address, str):
            return f"camera {address}"
        scheme, found, rest = address.partition("://")
        return f"{scheme}{found}{rest.rpartition('@')[2]}" if found else address

    def read(self) -> Frame:
        """The next frame.

        Raises:
            CameraError: there is none.
        """
        found, pixels = self._capture.read()
        if not found:
            raise CameraError(f"{self.name}: sends no more frames")
        return Frame(time.monotonic(), np.asarray(pixels, np.uint8))

    def close(self) -> None:
        """Give it back."""
        self._capture.release()


def silence() -> None:
    """Keep OpenCV and FFmpeg from writing to stderr: what is wrong is told by us."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    where = cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging  # OpenCV 4, OpenCV 5
    where.setLogLevel(0)


def _is_url(address: int | str) -> bool:
    return isinstance(address, str) and "://" in address


def _arguments(address: int | str) -> tuple[Any, ...]:
    if not _is_url(address):
        return address, cv2.CAP_V4L2
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT]
    return address, cv2.CAP_FFMPEG, limits


def _advice(address: int | str) -> str:
    if _is_url(address):
        return "cannot be opened; check the address, and that the camera is on"
    return "cannot be opened; check that it is connected, and that no other program uses it"
