"""Hosts that train together: how they meet, and what they tell each other beside the gradients.

Host 0 listens, and the others come to it. What is told is lines of JSON; nothing in them is ever run. They go a way of
their own, for a computation on the devices that only some hosts begin would wait for ever.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, NamedTuple, NoReturn

from hwr_edge.errors import HwrError
from hwr_train.interrupts import check

LOOK = 0.5  # seconds between two looks for a Ctrl-C, or for a host
_NOTICED = 5.0  # seconds in which a link notices that its other side is gone, once the devices did
_LONGEST = 1 << 24  # bytes of a line
_END = "end"


class Link(NamedTuple):
    """A connection to another host, and its lines."""

    wire: socket.socket
    lines: IO[bytes]

    @classmethod
    def of(cls, found: socket.socket) -> Link:
        """Of a connection, which from now on notices that the other side is gone."""
        found.settimeout(None)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, name):  # Linux
                found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return cls(found, found.makefile("rb"))

    def send(self, told: Mapping[str, Any]) -> None:
        """A line; OSError where nobody is there any more."""
        self.wire.sendall(json.dumps(told).encode() + b"\n")

    def receive(self) -> dict[str, Any] | None:
        """The next line; None where the other side is gone, or no host."""
        try:
            found = json.loads(self.lines.readline(_LONGEST))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _end_at_once(why: str) -> NoReturn:
    """The main thread may wait for a device that waits for a host; nothing else ends that."""
    print(f"error: {why}", file=sys.stderr, flush=True)
    os._exit(1)


class Hosts:
    """The hosts of a run; one host alone asks nobody."""

    def __init__(
        self,
        count: int = 1,
        place: int = 0,
        links: Mapping[int, Link] | None = None,
        when_lost: Callable[[str], object] = _end_at_once,
    ) -> None:
        """Talk to others.

        Args:
            count: how many hosts there are.
            place: which of them this one is, from 0.
            links: of host 0 to each other one, of each other one to host 0.
            when_lost: is told in a thread that another host is gone.
        """
        self.count, self.place, self._links, self._when_lost = count, place, links or {}, when_lost
        self._said: dict[str, dict[int, Any]] = {}
        self._all: dict[str, list[Any]] = {}
        self._news, self._over, self._ended = threading.Condition(), "", False
        for other, link in self._links.items():
            threading.Thread(target=self._listen, args=(other, link), daemon=True).start()

    @property
    def first(self) -> bool:
        """Whether this is the host that writes the run's files."""
        return self.place == 0

    def gather(self, key: str, value: Any = None) -> list[Any]:
        """What each host says under a key, in their order, once all have said it.

        Args:
            key: another one each time.
            value: anything that JSON takes.

        Raises:
            HwrError: another host is gone, or this one leaves.
        """
        if self.count == 1:
            return [value]
        if self.first:
            self._receive_from(0, key, json.loads(json.dumps(value)))  # as the others get it
        else:
            self._send(0, {"key": key, "value": value})
        with self._news:
            while key not in self._all:
                if self._over:
                    raise HwrError(self._over)
                self._news.wait(LOOK)
                check()
            return self._all.pop(key)

    def end(self) -> None:
        """Wait until all hosts are done; from then on they may go."""
        self.gather(_END)

    @contextmanager
    def first_alone(self, key: str) -> Iterator[None]:
        """Host 0 does what is within it, then the others do: they find what it made."""
        if not self.first:
            self.gather(key)
        yield
        if self.first:
            self.gather(key)

    @contextmanager
    def loss_is_the_cause(self) -> Iterator[None]:
        """Within it, an error of the devices is told as the loss of a host, where a host was lost.

        A computation over all hosts fails when one is gone, and it may notice that before the link does.

        Raises:
            HwrError: another host is gone.
        """
        try:
            yield
        except HwrError:
            raise
        except Exception as error:
            with self._news:
                if self.count > 1 and self._news.wait_for(lambda: self._over, _NOTICED):
                    raise HwrError(self._over) from error
            raise

    def leave(self, why: str = "this host left the run") -> None:
        """Have threads that wait here give up, and tell the others, if the run did not end."""
        with self._news:
            told, self._over = bool(self._over or self._ended), self._over or why
            self._news.notify_all()
        for other in () if told else self._links:
            self._send(other, {"left": self.place})

    def _send(self, other: int, told: Mapping[str, Any]) -> None:
        with suppress(OSError):  # whoever listens to it notices
            self._links[other].send(told)

    def _receive_from(self, other: int, key: str, value: Any) -> None:
        """On host 0: note what a host says, and tell all when it was the last one."""
        with self._news:
            said = self._said.setdefault(key, {})
            said[other] = value
            if len(said) < self.count:
                return
            values = [self._said[key][k] for k in range(self.count)]
            del self._said[key]
            for one in self._links:  # within the lock: lines must not mix
                self._send(one, {"key": key, "values": values})
            self._store(key, values)

    def _store(self, key: str, values: list[Any]) -> None:
        with self._news:
            self._ended = self._ended or key == _END
            self._all[key] = values
            self._news.notify_all()

    def _listen(self, other: int, link: Link) -> None:
        while (told := link.receive()) is not None and "key" in told:
            if self.first:
                self._receive_from(other, told["key"], told.get("value"))
            else:
                self._store(told["key"], told["values"])
        with self._news:
            if self._ended or self._over:
                return
            gone = other if told is None else told.get("left", other)
            self._over = (
                f"host {gone} is gone; start all hosts again with --resume and the run's folder"
            )
            self._news.notify_all()
        if self.first:  # the others know host 0 alone
            for one in self._links:
                self._send(one, {"left": gone})
        self._when_lost(self._over)


ALONE = Hosts()
