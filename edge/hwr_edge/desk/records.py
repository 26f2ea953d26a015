"""A batch's record of what was read: a line for each page, which says how far its rows reach.

The rows are in `results.jsonl.part` while pages are read. A page counts as read once its line is on the disk, so
a kill at any moment loses at most the page that was being read, and no page's rows are ever there twice.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hwr_edge.appending import append_whole, open_own
from hwr_edge.errors import DataError, OutputError, cannot_write
from hwr_edge.files import write_own
from hwr_edge.folders import sync_folder
from hwr_edge.results.layouts import JsonLines
from hwr_edge.results.rows import Row

RESULTS, PART, READ = "results.jsonl", "results.jsonl.part", "read.jsonl"


@dataclass(frozen=True)
class Seen:
    """A page that was read, or a file that could not be.

    scan: the file's name.
    page: from 1, of a file with many.
    pages: of the file.
    end: so many bytes of results there are with its rows.
    rows: how many it gave.
    problems: a line for each thing that could not be read.
    notes: a line for each thing that was left out.
    """

    scan: str
    page: int | None
    pages: int
    end: int
    rows: int = 0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_record(folder: Path) -> list[Seen]:
    """What was read so far; a last line that was cut short does not count.

    Raises:
        DataError: the record is damaged, or cannot be read.
    """
    path = folder / READ
    try:
        raw = path.read_bytes() if path.is_file() else b""
        return [_seen(json.loads(line)) for line in raw[: raw.rfind(b"\n") + 1].splitlines()]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: damaged; delete the batch, and read its scans again") from error


def _seen(found: dict[str, Any]) -> Seen:
    return Seen(
        str(found["scan"]),
        None if found["page"] is None else int(found["page"]),
        int(found["pages"]),
        int(found["end"]),
        int(found["rows"]),
        tuple(map(str, found["problems"])),
        tuple(map(str, found["notes"])),
    )


class Record:
    """The open record and the growing results of a batch; a context manager that closes them."""

    def __init__(self, folder: Path) -> None:
        """Open them where the last whole page ends.

        Raises:
            DataError: the results are not those that the record is of.
            OutputError: they cannot be written.
        """
        self._folder, self._part, self._read = folder, folder / PART, folder / READ
        self.seen = read_record(folder)
        self.end = self.seen[-1].end if self.seen else 0
        self._files: list[int] = []
        try:
            self._begin()
            for path in (self._part, self._read):
                self._files.append(open_own(path, os.O_RDWR | os.O_APPEND | os.O_CREAT))
            os.ftruncate(self._files[0], self.end)
            self._cut_line()
        except OSError as error:
            self.close()
            raise cannot_write(self._part, error) from error
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """See that the part holds what the record says; it grows from results that are whole."""
        there = self._part if self._part.exists() else self._folder / RESULTS
        size = there.stat().st_size if there.exists() else 0
        if size < self.end or (there != self._part and size != self.end):
            raise DataError(f"{there}: was changed by another program; make a new batch")
        if there != self._part and size:
            draft = self._part.with_name(f".{PART}")
            shutil.copyfile(there, draft)
            os.replace(draft, self._part)

    def _cut_line(self) -> None:
        """Take off a line that was cut short."""
        raw = self._read.read_bytes()
        os.ftruncate(self._files[1], raw.rfind(b"\n") + 1)

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            with suppress(OSError):
                os.close(file)
        self._files = []

    def add(
        self,
        scan: str,
        page: int | None,
        pages: int,
        rows: Sequence[Row],
        problems: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Seen:
        """A page was read: its rows are on the disk, and then that they are.

        Raises:
            OutputError: it cannot be written; the page counts as not read.
        """
        data = JsonLines().rows(rows).encode("utf-8", "surrogateescape")
        end = self.end + len(data)
        seen = Seen(scan, page, pages, end, len(rows), tuple(problems), tuple(notes))
        line = json.dumps(asdict(seen)).encode() + b"\n"
        if data:
            append_whole(self._files[0], self._part, data)
        try:
            append_whole(self._files[1], self._read, line)
        except OutputError:
            with suppress(OSError):
                os.ftruncate(self._files[0], self.end)
            raise
        self.end = end
        self.seen.append(seen)
        return seen

    def finish(self) -> None:
        """Give the results their name.

        Raises:
            OutputError: that cannot be done.
        """
        try:
            os.replace(self._part, self._folder / RESULTS)
            sync_folder(self._folder / RESULTS)
        except OSError as error:
            raise cannot_write(self._folder / RESULTS, error) from error


def carry_answers(folder: Path) -> None:
    """Let the answers of a review count for results that only grew since: rows keep their places.

    Raises:
        OutputError: another review is open, or they cannot be written.
    """
    import hashlib

    from hwr_edge.locks import hold
    from hwr_edge.results.reviewed import answers_beside

    results = folder / RESULTS
    journal = answers_beside(results)
    if not (journal.is_file() and results.is_file()):
        return
    with hold(journal):
        head, newline, rest = journal.read_bytes().partition(b"\n")
        try:
            said = json.loads(head)
            before = said["results"]
        except (ValueError, KeyError, TypeError):
            return  # the review says what is wrong
        digest, known = hashlib.sha256(), False
        for line in results.read_bytes().splitlines(keepends=True):
            digest.update(line)
            known |= digest.hexdigest() == before
        if newline and known and digest.hexdigest() != before:
            said["results"] = digest.hexdigest()
            write_own(journal, json.dumps(said).encode() + b"\n" + rest, private=True)
