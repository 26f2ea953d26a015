"""Work done by threads ahead of who asks for it, a few pieces at a time, given back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")

_EACH = 2  # pieces for each thread: one at work, one that waits


def in_order(work: Callable[[T], S], pieces: Iterable[T], threads: int) -> Iterator[S]:
    """What comes of each piece, in order; with one thread the caller's own, each when it is asked for.

    Args:
        work: called by several threads at once; what it raises is raised in the piece's place.
        pieces: taken as they are needed.
        threads: how many work, from 1.
    """
    if threads == 1:
        yield from map(work, pieces)
        return
    rest = iter(pieces)
    waiting: deque[Future[S]] = deque()
    pool = ThreadPoolExecutor(threads, "hwr-edge")
    try:
        waiting.extend(pool.submit(work, piece) for piece in islice(rest, _EACH * threads))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, piece) for piece in islice(rest, 1))
    finally:
        pool.shutdown(cancel_futures=True)
