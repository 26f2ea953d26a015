"""Work in a thread of its own, for as long as a context lasts."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Self

_TO_END = 10.0  # seconds that the end waits for the thread


class Background(ABC):
    """A context manager: the thread starts on entering, and is asked to end on leaving."""

    def __init__(self, name: str) -> None:
        """Make the thread; `name` is what a debugger calls it."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_TO_END)

    @abstractmethod
    def _work(self) -> None:
        """What the thread does; returns soon after `_over` is set."""
