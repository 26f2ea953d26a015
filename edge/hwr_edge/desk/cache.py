"""What takes long to make, made once for each key; who asks for another key does not wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Place(Generic[T]):
    """Of one key: whoever makes it holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: list[T] = []


class Cache(Generic[T]):
    """Keeps the things that were asked for last; any number of threads may ask."""

    def __init__(self, most: int) -> None:
        """Keep so many."""
        self._most, self._lock = most, threading.Lock()
        self._places: OrderedDict[Hashable, _Place[T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What belongs to a key; raises what `make` raises, and then nothing is kept."""
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > self._most:
                self._places.popitem(last=False)
        with place.lock:
            if not place.made:
                place.made.append(make())
            return place.made[0]
