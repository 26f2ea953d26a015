"""A watched folder: what a scanner puts there is taken when it is whole, read, and moved to done/ or failed/.

A file goes one way, each step of which a kill may interrupt: claimed by a rename into `.reading/`; written down by
its content, with the batch that it goes to; copied into that batch; read; moved to `done/` or `failed/`. A restart
takes up what lies in `.reading/`, and does no step twice that was done.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from hwr_edge.desk.background import Background
from hwr_edge.desk.batch import Batch, State
from hwr_edge.desk.batches import Batches
from hwr_edge.desk.journal import Journal, Taken
from hwr_edge.desk.place import safe_name
from hwr_edge.desk.queue import Queue
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.errors import DataError, HwrError, ImageError
from hwr_edge.files import write_own
from hwr_edge.folders import make_own_folder
from hwr_edge.image.document import Document
from hwr_edge.image.sources import SUFFIXES

STILL = 2.0
"""Seconds in which a file may not change before it counts as whole."""
PATIENCE = 60.0
"""Seconds for a file that does not open: a scanner may pause."""
_LOOK = 500  # milliseconds between looks, where the system tells of no change
_AGAIN = 5.0  # seconds, after which a folder that cannot be watched is tried again
_LEFT_ALONE = frozenset(
    {".tmp", ".part", ".partial", ".filepart", ".crdownload", ".db", ".ini", ".lock"}
)
_SAME = 10_000  # files of one name, at most


class _Seen(NamedTuple):
    """A file as it is, since when it is so, and why it does not open; None until that was tried."""

    size: int
    mtime: int
    since: float
    problem: str | None = None


class Watch(Background):
    """Watches a folder from a thread of its own; a context manager that ends it."""

    def __init__(
        self,
        folder: Path,
        batches: Batches,
        queue: Queue,
        journal: Journal,
        asked: ReadingOptions,
        tell: Callable[[str], None],
    ) -> None:
        """Make the folders that files are moved to.

        Args:
            folder: what a scanner writes to.
            batches: where a batch for each day is made.
            queue: what reads.
            journal: what was taken before.
            asked: how scans are read.
            tell: gets a line for what keeps the watch from its work.

        Raises:
            DataError: there is no such folder, or it is the desk's own.
            OutputError: it cannot be written to.
        """
        super().__init__("watching")
        if not folder.is_dir():
            raise DataError(f"{folder}: there is no such folder to watch")
        if folder.resolve() == batches.place.folder.resolve():
            raise DataError(f"{folder}: is the desk's own folder; watch another one")
        self._folder, self._batches, self._queue = folder, batches, queue
        self._journal, self._asked, self._tell = journal, asked, tell
        self._reading = make_own_folder(folder, Path(".reading"))
        self._done = make_own_folder(folder, Path("done"))
        self._failed = make_own_folder(folder, Path("failed"))
        self._seen: dict[str, _Seen] = {}
        self._pending: dict[str, Taken] = {}
        self._told = ""

    def _work(self) -> None:
        from watchfiles import watch

        while not self._over.is_set():
            try:
                # On a network share nothing is told, so there is a look from time to time as well.
                for _ in watch(
                    self._folder,
                    watch_filter=None,
                    recursive=False,
                    rust_timeout=_LOOK,
                    yield_on_timeout=True,
                    stop_event=self._over,
                    raise_interrupt=False,
                ):
                    self.look()
            except (
                Exception
            ) as error:  # a share that is away; or a fault, which must not end the watch
                self._say(f"{self._folder}: cannot be watched ({type(error).__name__}); waiting")
                self._over.wait(_AGAIN)

    def look(self) -> None:
        """Take what is whole, and move what was read."""
        try:
            for path in sorted(self._reading.iterdir()):
                if path.name not in self._pending:
                    self._each(path, self._take)
            self._each(self._folder, self._claim_all)
            self._each(self._reading, self._move_read)
        except OSError as error:  # a share that is away
            self._say(f"{self._folder}: cannot be read ({error.strerror or error}); waiting for it")

    def _each(self, path: Path, step: Callable[[Path], None]) -> None:
        """A step with one file: what goes wrong is said once, and tried again at the next look."""
        try:
            step(path)
        except OSError as error:
            self._say(f"{self._folder}: {error.strerror or error}; trying again")
        except HwrError as error:  # without the file's name, which may be somebody's
            self._say(f"{self._folder}: {str(error).rpartition(': ')[2]}; trying again")

    def _say(self, line: str) -> None:
        if line != self._told:
            self._told = line
            self._tell(line)

    def _claim_all(self, folder: Path) -> None:
        now, before, self._seen = time.monotonic(), self._seen, {}
        for name, stat in _files(folder):
            seen = before.get(name)
            if seen is None or (seen.size, seen.mtime) != (stat.st_size, stat.st_mtime_ns):
                seen = _Seen(stat.st_size, stat.st_mtime_ns, now)
            still = now - seen.since
            if still >= STILL and seen.problem is None:
                seen = seen._replace(problem=_problem_of(folder / name))
            self._seen[name] = seen
            if still >= (PATIENCE if seen.problem else STILL):
                self._each(folder / name, self._claim)

    def _claim(self, path: Path) -> None:
        claimed = self._reading / path.name
        if not claimed.exists():  # else one of the same name is being read
            os.replace(path, claimed)
            self._take(claimed)

    def _take(self, path: Path) -> None:
        """Let a claimed file be read, unless its content was."""
        sha256 = _digest(path)
        taken = self._journal.get(sha256)
        if taken is None:
            if problem := _problem_of(path):
                self._move(path, self._failed, problem)
                return
            taken = Taken(sha256, self._batch().id, safe_name(path.name))
            self._journal.add(taken)
        try:
            batch = self._batches.get(taken.batch)
        except DataError:  # it was deleted
            self._move(path, self._done)
            return
        if not taken.scan:
            with path.open("rb") as file:
                taken = replace(taken, scan=batch.add(taken.name, file))
            self._journal.add(taken)
        if taken.scan in batch.unread():
            self._queue.put(batch)
        self._pending[path.name] = taken

    def _batch(self) -> Batch:
        """The batch of the day."""
        today = datetime.now().astimezone().date()
        last = self._journal.last
        with suppress(DataError):
            batch = self._batches.get(last.batch if last else "")
            same = batch.created.astimezone().date() == today and batch.asked == self._asked
            if same and batch.state is not State.CANCELLED:
                return batch
        return self._batches.new(f"Scanner, {today:%Y-%m-%d}", self._asked)

    def _move_read(self, reading: Path) -> None:
        """Move the files of which all pages were read."""
        unread: dict[str, set[str]] = {}
        for name, taken in list(self._pending.items()):
            try:
                batch = self._batches.get(taken.batch)
                if taken.batch not in unread:
                    unread[taken.batch] = set(batch.unread())
            except DataError:  # it was deleted
                self._each(reading / name, partial(self._move, folder=self._done))
                continue
            if taken.scan not in unread[taken.batch]:
                seen = [one for one in batch.seen if one.scan == taken.scan]
                told = "\n".join(line for one in seen for line in one.problems)
                bad = told and not any(one.rows for one in seen)
                goal = self._failed if bad else self._done
                self._each(reading / name, partial(self._move, folder=goal, told=told, taken=taken))

    def _move(self, path: Path, folder: Path, told: str = "", taken: Taken | None = None) -> None:
        """Move a file, with the reason beside it where there is one; that comes first."""
        stem, ending = path.stem, path.suffix
        names = [path.name, *(f"{stem}-{number}{ending}" for number in range(2, _SAME))]
        target = next(folder / name for name in names if not (folder / name).exists())
        if told:
            text = told.replace(f"{path.parent}{os.sep}", "") + "\n"
            write_own(target.with_name(f"{target.name}.txt"), text.encode(), private=True)
        if taken:
            kept = self._journal.get(taken.sha256) or taken
            self._journal.add(replace(kept, moved=(*kept.moved, str(target.resolve()))))
        os.replace(path, target)
        self._pending.pop(path.name, None)


def _files(folder: Path) -> list[tuple[str, os.stat_result]]:
    """The files that may be scans: none that is hidden, a link, or of a kind that programs keep beside theirs."""
    found = [
        (entry.name, entry.stat())
        for entry in os.scandir(folder)
        if entry.is_file(follow_symlinks=False)
        and not entry.name.startswith((".", "~"))
        and Path(entry.name).suffix.lower() not in _LEFT_ALONE
    ]
    return sorted(found, key=lambda one: one[0])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _problem_of(path: Path) -> str:
    """Why a file is not whole, or none that is read; empty where it opens."""
    if path.suffix.lower() not in SUFFIXES:
        return f"{path}: not an image or PDF"
    try:
        document = Document(str(path))
        try:
            document.grey(1)
        finally:
            document.close()
    except ImageError as error:
        return str(error)
    return ""
