"""Deletes for good what was kept for so many days: batches, and originals in done/ and failed/."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hwr_edge.desk.background import Background
from hwr_edge.desk.batch import OPEN, Batch
from hwr_edge.errors import HwrError

_DAY = 86_400  # seconds
_EVERY = 3600.0  # seconds between looks


class Retention(Background):
    """Deletes what is older than so many days, at once and then every hour; a context manager that ends it."""

    def __init__(
        self,
        days: int,
        batches: Callable[[], list[Batch]],
        delete: Callable[[Batch], None],
        moved: tuple[Path, ...] = (),
    ) -> None:
        """Know what to look at.

        Args:
            days: how long a batch is kept after its last change.
            batches: gives all of them.
            delete: deletes one for good.
            moved: folders of originals, which are kept as long.
        """
        super().__init__("keeping")
        self._days, self._batches, self._delete, self._moved = days, batches, delete, moved

    def _work(self) -> None:
        while True:
            self.look()
            if self._over.wait(_EVERY):
                return

    def look(self) -> None:
        """Delete what is old."""
        before = time.time() - self._days * _DAY
        for batch in self._batches():
            if batch.state not in OPEN and changed(batch) < before:
                with suppress(HwrError):  # tried again in an hour
                    self._delete(batch)
        for folder in self._moved:
            for path in folder.iterdir() if folder.is_dir() else ():
                with suppress(OSError):
                    stat = path.lstat()
                    if max(stat.st_mtime, stat.st_ctime) < before and not path.is_dir():
                        path.unlink()


def changed(batch: Batch) -> float:
    """When a batch was last changed: read, answered, or added to; seconds since 1970."""
    times: list[float] = [batch.created.timestamp()]
    for path in (*batch.folder.glob("*"), batch.scans):
        with suppress(OSError):
            times.append(float(path.stat().st_mtime))
    return max(times)
