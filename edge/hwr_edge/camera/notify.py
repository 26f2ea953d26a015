"""Tells systemd that the service is ready and alive, where it asked to be told (sd_notify(3))."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

_EVERY = 1.0  # seconds between signs of life


class Notify:
    """Datagrams to the socket that NOTIFY_SOCKET names; nothing at all without it."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        # A leading "@" stands for the zero byte of Linux's abstract sockets.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._last = 0.0

    def ready(self) -> None:
        """The camera gives frames."""
        self._send(b"READY=1\nWATCHDOG=1")

    def alive(self) -> None:
        """The loop goes round; sent at most once a second."""
        if time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            self._send(b"WATCHDOG=1")

    def _send(self, message: bytes) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message, self._address)
