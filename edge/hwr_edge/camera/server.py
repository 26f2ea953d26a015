"""The live view: what the camera sees, what is read, and the last names, in a page (web.py says who may ask)."""

from __future__ import annotations

import os
import threading
from collections import deque
from types import TracebackType
from typing import Any

import bottle
import cv2

from hwr_edge.camera.event import Event
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import Look
from hwr_edge.errors import DataError, OutputError
from hwr_edge.image.decode import to_grey
from hwr_edge.web import Page, is_loopback

PORT = 8481
_LAST = 20  # names that the page shows
_WIDEST = 960  # pixels of the image that is sent
_QUALITY = 75
_LEAST_TOKEN = 16  # letters
_POLL = 0.1  # seconds between looks at whether it is over


class LiveView:
    """A page that follows the loop; a context manager that serves it from a thread of its own."""

    def __init__(self, asked: str) -> None:
        """Open the port.

        Args:
            asked: HOST:PORT, or one of them.

        Raises:
            DataError: that is no address, or others can reach it and HWR_EDGE_TOKEN is not set.
            OutputError: the port is in use.
        """
        host, port = _address(asked)
        token = os.environ.get("HWR_EDGE_TOKEN")
        if token is None and not is_loopback(host):
            raise DataError(
                f"--serve {asked}: other machines can reach this address; set HWR_EDGE_TOKEN to a "
                f"secret of at least {_LEAST_TOKEN} characters, and open the page with ?token=..."
            )
        if token is not None and len(token) < _LEAST_TOKEN:
            raise DataError(
                f"HWR_EDGE_TOKEN: the secret must have at least {_LEAST_TOKEN} characters"
            )
        page = Page("hwr-edge-camera", "hwr_edge.camera", token)
        page.route("GET", "/state", self._state)
        page.route("GET", "/picture", self._image)
        try:
            self._server, address = page.open(host, port)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise OutputError(
                f"--serve {asked}: cannot be opened ({why}); choose another HOST:PORT"
            ) from error
        # A secret that was set stays out of journals.
        self.address = address if token is None else address.partition("?")[0]
        self._lock = threading.Lock()
        self._look: Look | None = None
        self._frame: Frame | None = None
        self._number, self._sent = 0, (-1, b"")
        self._names: deque[dict[str, Any]] = deque(maxlen=_LAST)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> LiveView:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A browser that hangs is not waited for: the command must end at once.
        end = threading.Thread(target=self._server.shutdown, daemon=True)
        end.start()
        end.join(2 * _POLL)
        self._server.server_close()

    def show(self, look: Look) -> None:
        """Show a frame."""
        with self._lock:
            if look.frame is not None:
                self._look, self._frame = look, look.frame
                self._number += 1
            elif self._look is not None:
                self._look = self._look._replace(hint=look.hint)

    def show_name(self, event: Event) -> None:
        """Show a name that was reported."""
        with self._lock:
            self._names.appendleft(event.to_dict())

    def _state(self) -> dict[str, Any]:
        """All that the page shows, the image aside."""
        with self._lock:
            look, frame, number, names = self._look, self._frame, self._number, list(self._names)
        if look is None or frame is None:
            return {"frame": 0, "hint": "waiting for the camera", "names": names}
        reading = look.reading
        return {
            "frame": number,
            "size": [frame.pixels.shape[1], frame.pixels.shape[0]],
            "hint": look.hint.value,
            "boxes": [list(box) for box in look.boxes],
            "reading": reading and {"text": reading.text, "confidence": reading.confidence},
            "names": names,
        }

    def _image(self) -> bytes:
        """The last frame as JPEG, made when somebody asks for it."""
        with self._lock:
            frame, number = self._frame, self._number
            sent, data = self._sent
        if frame is None:
            raise bottle.HTTPError(404, "no image yet")
        if sent != number:
            data = _jpeg(frame)
            with self._lock:
                self._sent = number, data
        bottle.response.content_type = "image/jpeg"
        return data


def _jpeg(frame: Frame) -> bytes:
    grey = to_grey(frame.pixels)
    part = min(1.0, _WIDEST / grey.shape[1])
    small = cv2.resize(grey, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _address(asked: str) -> tuple[str, int]:
    host, colon, port = asked.rpartition(":")
    if asked.endswith("]") or (":" in host.strip("[]") and not host.startswith("[")):
        host, port = asked, str(PORT)  # an IPv6 address alone
    elif not colon and not asked.isdecimal():
        host, port = asked, str(PORT)
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise DataError(f"--serve {asked}: use HOST:PORT, for example 127.0.0.1:{PORT}")
    return "127.0.0.1" if host == "localhost" else host, int(port)
