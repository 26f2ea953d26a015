"""What a worker does: reads a part, and puts its tables where they belong. It knows no engine."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass, replace

from hwr_edge.bulk.decoded import Decoded, decoded
from hwr_edge.bulk.folder import Folder
from hwr_edge.bulk.parts import Columns, Part
from hwr_edge.bulk.rows import Table, count_rows, lines_writer, row_of, rows_writer
from hwr_edge.bulk.samples import samples
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError
from hwr_edge.limits import Limits, set_limits
from hwr_edge.results.matched import Matches
from hwr_edge.results.roster_file import People
from hwr_edge.results.rows import Row
from hwr_edge.scan.batch import read_opened
from hwr_edge.scan.form_pages import FormPages
from hwr_edge.scan.settings import Settings, Target, options_digest, scanner_of

ROWS, PROBLEMS, NOTES = "rows", "problems", "notes"
"""The folders of tables in the output."""
_TOLD = 5  # problems of a part that are also said at once


@dataclass(frozen=True)
class Setup:
    """What all workers read with.

    people: the roster, where there is one; `keep` are the columns of it that rows have.
    folder: where the command was typed: paths begin there.
    digest: of all that makes rows; a worker that has other files refuses.
    """

    reading: Settings
    target: Target
    pages: FormPages | None
    people: People | None
    keep: tuple[str, ...]
    columns: Columns
    table: Table
    output: str
    folder: str
    limits: Limits
    digest: str = ""

    def digested(self) -> Setup:
        """The same with the digest of what is here."""
        asked = (
            self.pages and (sorted(self.pages.pages), self.pages.every),
            self.columns,
            self.limits,
        )
        digest = options_digest(
            self.reading, self.target, f"bulk {self.table}", repr(asked), self.keep
        )
        return replace(self, digest=digest)


@dataclass(frozen=True)
class Done:
    """What a part came to.

    there: it was there already; then nothing was read, and images and problems were not counted.
    messages: the first of its problems, a line each.
    """

    part: Part
    there: bool = False
    images: int = 0
    rows: int = 0
    problems: int = 0
    messages: tuple[str, ...] = ()


class Worker:
    """One interpreter, kept for all parts."""

    def __init__(self, setup: Setup) -> None:
        """Make the scanner.

        Raises:
            DataError: a file that the rows depend on differs from the one where the run began.
            HwrError: as Scanner.
        """
        with suppress(OSError):  # of another machine; whoever reads a path there says so
            os.chdir(setup.folder)
        set_limits(setup.limits.memory, setup.limits.seconds, setup.limits.pages)
        if setup.digested() != setup:
            raise DataError(
                f"{socket.gethostname()}: has another version, model, roster or form than the machine "
                "that began; install the same version, and give files that all machines see"
            )
        self._setup, self._out = setup, Folder(setup.output)
        self._scanner = scanner_of(setup.reading, setup.target)
        self._matches = Matches(setup.people, setup.keep) if setup.people else None

    def read(self, part: Part) -> Done:
        """Read a part, unless it is done, and put its tables: that of its rows last, which makes it done.

        Raises:
            HwrError: the inputs cannot be reached, or the output cannot be written.
        """
        file = f"{part.name}.{self._setup.table}"
        if (before := self._out.read(f"{ROWS}/{file}")) is not None:
            return Done(part, there=True, rows=count_rows(self._setup.table, before))
        tables = _Tables(self._setup.table, self._matches.columns if self._matches else ())
        remote = is_address(part.names[0])
        for image in decoded(samples(part, self._setup.columns), remote):
            tables.add(image, self._rows(image, tables))
        for folder, messages in ((PROBLEMS, tables.problems), (NOTES, tables.notes)):
            if messages.lines:
                self._out.put(f"{folder}/{file}", messages.writer.whole())
            else:  # of a try that was killed, and whose trouble is over
                self._out.remove(f"{folder}/{file}")
        self._out.put(f"{ROWS}/{file}", tables.rows.whole())
        problems = tables.problems.lines
        return Done(
            part, False, tables.images, tables.count, len(problems), tuple(problems[:_TOLD])
        )

    def _rows(self, image: Decoded, tables: _Tables) -> list[Row]:
        """The rows of an image; what is said of it goes to the other tables."""

        def problem(line: str) -> None:
            tables.problems.add(image, line)

        def note(line: str) -> None:
            tables.notes.add(image, line)

        pages = self._setup.pages
        found = read_opened(image.image, image.again, self._scanner, problem, note, pages)
        return self._matches.add(found) if self._matches else found


class _Messages:
    """A table of lines on images; `lines` are those for people."""

    def __init__(self, table: Table) -> None:
        self.writer, self.lines = lines_writer(table), list[str]()

    def add(self, image: Decoded, line: str) -> None:
        """One more."""
        name, shard = image.image, image.shard
        self.writer.add({"image": name, "shard": shard, "message": line})
        self.lines.append(line if shard in (None, name) else f"{shard}: {line}")


class _Tables:
    """What a part came to, so far."""

    def __init__(self, table: Table, kept: tuple[str, ...]) -> None:
        self.rows, self.problems, self.notes = (
            rows_writer(table, kept),
            _Messages(table),
            _Messages(table),
        )
        self.images = self.count = 0

    def add(self, image: Decoded, rows: list[Row]) -> None:
        """An image with its rows."""
        self.images += image.image != image.shard  # which stands for a shard that is cut short
        for row in rows:
            self.rows.add(row_of(row, image.shard))
            self.count += 1
