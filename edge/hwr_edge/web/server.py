"""The server of all pages: waitress, whose one loop holds idle and slow connections without a thread each.

What it adds to waitress is room for those who hold the token: who has not shown it must do so soon, and by
however many idle connections nobody keeps out who holds it. What a stranger sends is not kept.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher


@dataclass(frozen=True)
class _Limits:
    """How many may call, and how long they may take; callers without the token are unknown.

    callers, unknown: connections at a time: all; of one address, unknown ones.
    request: seconds without a byte, of callers with the token.
    unknown_seconds: until the token is shown.
    look: seconds between looks at these.
    patience: seconds for requests that are being answered at the end.
    waiting: connections that the system holds until they are taken.
    """

    callers: int = 512
    unknown: int = 256
    request: float = 30
    unknown_seconds: float = 5
    look: float = 0.25
    patience: int = 1
    waiting: int = 128


_LIMITS = _Limits()

Known = Callable[[Mapping[str, str]], bool]
"""Whether a request's headers, by names such as AUTHORIZATION, show the token."""


class _Nowhere(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """Where a stranger's bytes go."""

    def append(self, data: bytes) -> None:
        """Keep nothing."""


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Looks for the token as soon as the headers are there."""

    def __init__(self, channel: _Caller) -> None:
        super().__init__(channel.adj)
        self._channel = channel

    def parse_header(self, header: bytes) -> None:
        super().parse_header(header)
        self._channel.show(self.headers)
        if self.body_rcv is not None and not self._channel.known:
            self.body_rcv.buf = _Nowhere(0)


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What is no request that anybody could answer, in the shape of all errors."""

    def execute(self) -> None:
        error = self.request.error
        said = {"error": {"code": error.reason.lower().replace(" ", "_"), "message": error.body}}
        body = json.dumps(said).encode() + b"\n"
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Caller(HTTPChannel):  # type: ignore[misc]
    """A connection; known: the token was shown on it."""

    error_task_class = _Refusal
    known = False

    def __init__(self, server: Server, *arguments: Any, **named: Any) -> None:
        super().__init__(server, *arguments, **named)
        server.make_room(self)

    def parser_class(self, _: Adjustments) -> _Parser:
        """What reads its next request."""
        return _Parser(self)

    def show(self, headers: Mapping[str, str]) -> None:
        """Somebody asks with these headers."""
        self.known = self.known or self.server.knows(headers)

    def is_late(self, now: float) -> bool:
        """Whether it has had its time."""
        if not self.known:
            return bool(self.creation_time < now - _LIMITS.unknown_seconds)
        waits = (
            not self.requests or self.total_outbufs_len
        )  # for bytes of it, or for it to take some
        return bool(waits and self.last_activity < now - _LIMITS.request)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves an application until `shutdown`; a context manager that closes it."""

    channel_class = _Caller

    def __init__(
        self,
        application: Callable[..., Any],
        host: str,
        port: int,
        knows: Known,
        threads: int,
        largest: int,
    ) -> None:
        """Open the port.

        Args:
            application: of WSGI.
            host: an address of this machine.
            port: 0 for any that is free.
            knows: tells who holds the token.
            threads: requests that are answered at a time.
            largest: bytes of a request's body.

        Raises:
            OSError: the port is taken, or the address is not this machine's.
        """
        for name in ("waitress", "waitress.queue"):  # who went away, or waits, is no news
            logging.getLogger(name).setLevel(logging.ERROR)
        shown = f"[{host}]" if ":" in host else host
        try:
            adjusted = Adjustments(
                listen=f"{shown}:{port}",
                ident=None,
                backlog=_LIMITS.waiting,
                connection_limit=2 * _LIMITS.callers,  # `_make_room` comes first
                cleanup_interval=_LIMITS.look,
                asyncore_use_poll=True,  # where the system has it: more than 1,024 files
                max_request_body_size=largest + 1,
                log_socket_errors=False,
            )
        except ValueError as error:  # no such name
            raise OSError(None, "no address of this machine") from error
        self.knows, self._over = knows, threading.Event()
        self._answering = ThreadedTaskDispatcher()
        sockets: dict[int, Any] = {}
        try:
            super().__init__(application, sockets, dispatcher=self._answering, adj=adjusted)
        except BaseException:
            wasyncore.close_all(sockets, ignore_all=True)
            raise
        self._answering.set_thread_count(threads)

    @property
    def server_port(self) -> int:
        """The port that is open."""
        return int(self.effective_port)

    def maintenance(self, now: float) -> None:
        """Hang up on who has had their time."""
        for caller in list(self.active_channels.values()):
            if caller.is_late(now):
                caller.will_close = True

    def make_room(self, new: _Caller) -> None:
        """Where its address, or all together, are too many, hang up on who waits longest without the token."""
        there = [caller for caller in self.active_channels.values() if not caller.will_close]
        unknown = [caller for caller in there if not caller.known and caller is not new]
        same = [caller for caller in unknown if caller.addr[0] == new.addr[0]]
        many = (
            same
            if len(same) >= _LIMITS.unknown
            else unknown
            if len(there) > _LIMITS.callers
            else []
        )
        if many:
            min(many, key=lambda caller: caller.creation_time).will_close = True

    def serve_forever(self) -> None:
        """Answer, until `shutdown` or an exception such as Ctrl-C's."""
        while not self._over.is_set():
            wasyncore.loop(1.0, self.adj.asyncore_use_poll, self._map, count=1)

    def shutdown(self) -> None:
        """Let `serve_forever` end; any thread may say so."""
        self._over.set()
        self.pull_trigger()

    def server_close(self) -> None:
        """Close the port and all connections."""
        self._answering.shutdown(timeout=_LIMITS.patience)
        wasyncore.close_all(self._map, ignore_all=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.server_close()
