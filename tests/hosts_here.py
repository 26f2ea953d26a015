"""Hosts that train together, all in this process."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hwr_train.fitting.hosts import Hosts, Link


@contextmanager
def together(
    count: int, when_lost: Callable[[str], object] = lambda why: None
) -> Iterator[list[Hosts]]:
    """So many hosts that have met; at the end all leave."""
    pairs = [socket.socketpair() for _ in range(1, count)]
    ways = [[Link(end, end.makefile("rb")) for end in pair] for pair in pairs]
    first = Hosts(count, 0, {k: mine for k, (mine, _) in enumerate(ways, 1)}, when_lost)
    others = [Hosts(count, k, {0: other}, when_lost) for k, (_, other) in enumerate(ways, 1)]
    try:
        yield [first, *others]
    finally:
        for one in (first, *others):
            one.leave()
        for pair in pairs:
            for end in pair:
                end.close()
