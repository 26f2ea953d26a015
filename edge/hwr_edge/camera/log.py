"""The log of names: appended line by line, each on the disk before the next name is waited for.

Pulling the plug costs at most the line being written. What is left of that is taken off at the next
start; an earlier line is never touched.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType

from hwr_edge.appending import append_whole, is_still
from hwr_edge.camera.event import CSV_KEYS, Event
from hwr_edge.errors import DataError, OutputError, cannot_write
from hwr_edge.folders import sync_folder
from hwr_edge.locks import lock_open
from hwr_edge.results.rows import SCHEMA
from hwr_edge.results.separator import Separator

_BLOCK = 1 << 16  # bytes


class Log:
    """An open log; a context manager that holds it against other writers."""

    def __init__(self, path: Path, separator: Separator = Separator.COMMA) -> None:
        """Open or begin it, and mend its end.

        Args:
            path: ends in .csv or .jsonl, which says how lines are written.
            separator: what stands between the cells of a .csv.

        Raises:
            DataError: another end, or the file is no log of ours.
            OutputError: it cannot be written, or another process writes it.
        """
        self.path = path
        if path.suffix not in (".csv", ".jsonl"):
            raise DataError(f"{path}: a log file must end in .csv or .jsonl")
        self._csv = path.suffix == ".csv"
        self._separator = separator
        self._file = self._opened()

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def add(self, event: Event) -> None:
        """Write a line and wait until it is on the disk; a log that was moved away is begun anew.

        Raises:
            DataError: another file lies there now, which is no log of ours.
            OutputError: it cannot be written; nothing of it is left.
        """
        if not is_still(self._file, self.path):
            before, self._file = self._file, self._opened()
            os.close(before)
        self._append(self._file, event.csv(self._separator) if self._csv else event.json())

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
        try:
            file = os.open(self.path, flags, 0o600)
        except (OSError, ValueError) as error:
            raise cannot_write(self.path, error) from error
        try:
            self._begin(file)
        except BaseException:
            os.close(file)
            raise
        return file

    def _begin(self, file: int) -> None:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OutputError(f"{self.path}: not a regular file")
        try:
            lock_open(file)
        except OSError as error:
            raise OutputError(f"{self.path}: another hwr-edge camera is writing to it") from error
        head = self._separator.heading(CSV_KEYS) if self._csv else f'{{"schema": {SCHEMA}, "time"'
        begin = os.pread(file, len(head), 0)
        if not head.encode().startswith(begin):
            raise DataError(
                f"{self.path}: not a log of hwr-edge, or its columns or separator differ; choose another name, "
                "or move it away"
            )
        self._mend(file)
        if self._csv and not os.fstat(file).st_size:
            self._append(file, head)
        sync_folder(self.path)

    def _mend(self, file: int) -> None:
        """Take off what follows the last line end: a line that a power cut left unfinished."""
        end = os.fstat(file).st_size
        place = end
        while place > 0:
            start = max(0, place - _BLOCK)
            found = os.pread(file, place - start, start).rfind(b"\n")
            if found >= 0:
                place = start + found + 1
                break
            place = start
        if place < end:
            try:
                os.ftruncate(file, place)
                os.fsync(file)
            except OSError as error:
                raise cannot_write(self.path, error) from error

    def _append(self, file: int, line: str) -> None:
        append_whole(file, self.path, line.encode("utf-8", "surrogateescape"))
