"""The queue: batches are read one after the other by one worker, page by page.

What is to be read is told by the disk: a restart goes on with every batch that has unread scans and was not
stopped. Rows of a page are on the disk, and seen by everybody, before the next page is read.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from hwr_edge.desk.batch import OPEN, Batch, Gone, State
from hwr_edge.desk.batches import Batches
from hwr_edge.desk.place import Place
from hwr_edge.desk.readers import Readers, Ready
from hwr_edge.desk.records import Record, carry_answers
from hwr_edge.errors import DataError, HwrError, OutputError
from hwr_edge.results.matched import Matches
from hwr_edge.results.rows import Row
from hwr_edge.scan.batch import read_all
from hwr_edge.scan.units import units

OnRows = Callable[[str, Sequence[Row]], None]
"""Gets a batch's id and the final rows of a page before they are saved; after a kill it may get them again."""

_PATIENCE = 10.0  # seconds, for the page that is being read at the end


class Queue:
    """The worker and what waits for it; a context manager that ends it."""

    def __init__(self, place: Place, batches: Batches, readers: Readers) -> None:
        """Know what reads.

        Attributes:
            on_rows: who is told of rows.
            guards: entered while a batch's results are replaced or deleted, by whoever has them open.
            on_done: who is told that nothing of a batch is left to read.
        """
        self.batches, self._place, self._readers = batches, place, readers
        self.on_rows: list[OnRows] = []
        self.guards: list[Callable[[Batch], AbstractContextManager[None]]] = []
        self.on_done: list[Callable[[Batch], None]] = []
        self._waiting: deque[str] = deque()
        self._new, self._over = threading.Condition(), False
        self._worker = threading.Thread(target=self._work, name="reading", daemon=True)

    def __enter__(self) -> Queue:
        batches = self.batches.all()
        self._prepare(batches)
        for batch in reversed(batches):
            if batch.state in OPEN:
                self.put(batch)
        self._worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._new:
            self._over = True
            self._new.notify_all()
        self._worker.join(_PATIENCE)

    def _prepare(self, batches: Sequence[Batch]) -> None:
        """Get ready for the form that was read last: it is likely to come again."""
        form = next((batch.asked.form for batch in batches if batch.asked.form), None)
        if form and form in self._place.form_names():
            self._readers.prepare(self._place.form_path(form))

    def put(self, batch: Batch) -> None:
        """Let a batch's unread scans be read."""
        batch.cancelled.clear()
        with self._new:
            if batch.state is not State.READING:
                batch.state_is(State.WAITING)
            if batch.id not in self._waiting:
                self._waiting.append(batch.id)
            self._new.notify_all()

    def cancel(self, batch: Batch) -> None:
        """Let a batch stop after the page that is being read; what was read stays."""
        with self._new:
            batch.cancelled.set()
            if batch.id in self._waiting:
                self._waiting.remove(batch.id)
            if batch.state is State.WAITING:
                batch.state_is(State.CANCELLED)

    @contextmanager
    def guarded(self, batch: Batch) -> Iterator[None]:
        """While the results of a batch are replaced or deleted."""
        with ExitStack() as stack:
            for guard in self.guards:
                stack.enter_context(guard(batch))
            yield

    @property
    def length(self) -> int:
        """How many batches wait."""
        return len(self._waiting)

    def _work(self) -> None:
        while True:
            with self._new:
                while not (self._waiting or self._over):
                    self._new.wait()
                if self._over:
                    return
                name = self._waiting.popleft()
            with suppress(DataError):  # gone meanwhile, or damaged
                self._read(self.batches.get(name))

    def _read(self, batch: Batch) -> None:
        """Read a batch's unread scans; whatever goes wrong is said of the batch, and ends nothing else."""
        batch.state_is(State.READING)
        try:
            self._read_all(batch)
        except Gone:
            raise
        except HwrError as error:
            self._failed(batch, str(error))
        except Exception as error:
            # Where it lies, without the message, which may hold a name.
            print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
            told = (
                f"a bug in hwr-edge ({type(error).__name__}); report it with the desk's own output"
            )
            self._failed(batch, told)

    def _failed(self, batch: Batch, told: str) -> None:
        if batch.folder.exists():
            batch.state_is(State.FAILED, told.replace(f"{batch.folder}{os.sep}", ""))
            self._tell_done(batch)

    def _tell_done(self, batch: Batch) -> None:
        for tell in self.on_done:
            tell(batch)

    def _read_all(self, batch: Batch) -> None:
        asked = batch.asked
        ready = None
        with batch.recording() as record:
            while unread := batch.unread():
                ready = ready or self._readers.ready(
                    asked,
                    batch.list_file,
                    self._place.form_path(asked.form) if asked.form else None,
                )
                for scan in unread:
                    _Reading(batch, record, ready, self._tell).read(scan, self._stops)
                    if self._stops(batch):
                        break
                if self._stops(batch):
                    break
            if self._over and not batch.cancelled.is_set():
                return  # a restart goes on
            with self.guarded(batch):
                record.finish()
                with suppress(
                    OutputError
                ):  # a review is open elsewhere: who opens it next carries them
                    carry_answers(batch.folder)
        with self._new:
            if batch.id in self._waiting:  # scans came meanwhile
                batch.state_is(State.WAITING)
                return
            batch.state_is(State.CANCELLED if batch.cancelled.is_set() else State.DONE)
        self._tell_done(batch)

    def _stops(self, batch: Batch) -> bool:
        return self._over or batch.cancelled.is_set()

    def _tell(self, batch: str, rows: Sequence[Row]) -> None:
        for tell in self.on_rows:
            tell(batch, rows)


class _Reading:
    """One scan after the other, into the record."""

    def __init__(self, batch: Batch, record: Record, ready: Ready, tell: OnRows) -> None:
        self._batch, self._record, self._ready, self._tell = batch, record, ready, tell
        self._matches = Matches(ready.people) if ready.people else None
        self._problems: list[str] = []
        self._notes: list[str] = []

    def read(self, scan: str, stops: Callable[[Batch], bool]) -> None:
        """Read the pages of a scan that were not read yet, until it is to stop."""
        path = str(self._batch.scans / scan)
        found = list(units([path], self._problems.append))
        if not found:  # it cannot be opened
            self._keep(scan, None, 1, [])
            return
        asked = self._ready.pages
        done = self._batch.read_pages(scan)
        unread = [unit for unit in found if unit.page not in done]
        wanted = [u for u in unread if asked is None or u.page is None or u.page in asked]
        for unit in [u for u in unread if u not in wanted]:
            self._keep(scan, unit.page, len(found), [])
        told = self._problems.append, self._notes.append
        reading = read_all(wanted, self._ready.scanner, *told)
        for unit in wanted:
            if stops(self._batch):
                return
            rows = [_named(row, scan) for row in next(reading)]
            if unit is wanted[-1]:
                next(reading, None)  # which tells of the pages that are not the form
            self._keep(scan, unit.page, len(found), rows)

    def _keep(self, scan: str, page: int | None, pages: int, rows: list[Row]) -> None:
        rows = self._matches.add(rows) if self._matches else rows
        if rows:
            self._tell(self._batch.id, rows)
        before = f"{self._batch.scans}{os.sep}"
        problems = [line.replace(before, "") for line in self._problems]
        notes = [line.replace(before, "") for line in self._notes]
        self._record.add(scan, page, pages, rows, problems, notes)
        self._problems.clear()
        self._notes.clear()


def _named(row: Row, scan: str) -> Row:
    """A row that names its image from the batch's folder, so that the folder may move."""
    return row._replace(image=f"scans/{scan}")
