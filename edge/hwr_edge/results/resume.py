"""What an interrupted run has already read: the rows in its FILE.part."""

from __future__ import annotations

import csv
import json
import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from hwr_edge.appending import open_own
from hwr_edge.errors import DataError, OutputError
from hwr_edge.image.sources import label
from hwr_edge.results.cells import without_apostrophe
from hwr_edge.results.growing import lock_part, options_beside
from hwr_edge.results.separator import Separator
from hwr_edge.results.tables import PLUS


class Record(NamedTuple):
    """A row of the file: which image it is of, where it begins, in bytes, and the file's checksum.

    matches: the roster's names in it.
    also: further pages of the same form that it holds.
    """

    label: str
    start: int
    image: str = ""
    crc32: str | None = None
    matches: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Labels:
    """Which images there are, each by 64 bits: a million take 8 MB, where their paths take a hundred."""

    def __init__(self) -> None:
        self._hashes, self._sorted = array("q"), True

    def add(self, label: str) -> None:
        """One more."""
        self._hashes.append(hash(label))
        self._sorted = False

    def __contains__(self, label: object) -> bool:
        import numpy as np  # for those who resume

        hashes = np.frombuffer(self._hashes, np.int64)
        if not self._sorted:
            hashes.sort()
            self._sorted = True
        wanted = hash(label)
        place = int(np.searchsorted(hashes, wanted))
        return place < len(hashes) and int(hashes[place]) == wanted


class Before(NamedTuple):
    """What is in a FILE.part.

    labels: of the images that are done.
    size: how many bytes there are.
    """

    labels: Labels
    size: int


def read_before(
    part: Path,
    options: str,
    layout: str,
    columns: Sequence[str] = (),
    separator: Separator = Separator.COMMA,
    see: Callable[[Record], None] = lambda _: None,
) -> Before:
    """What is done, after the last image's rows were taken off; in memory is a row at a time.

    Whether the last image's rows are all there cannot be told: it is read again.

    Args:
        part: the file that `open_growing` left; it may not be there.
        options: what rows are made with, as it was given to `open_growing`.
        layout: "text", "jsonl" or "csv".
        columns: the heading of a CSV.
        separator: what stands between its cells.
        see: gets each row that stays; what it raises leaves the file as it was.

    Raises:
        DataError: the rows were made with other options, or are none of ours.
        OutputError: the file cannot be read or mended, or another run is writing to it.
    """
    done = Labels()
    try:
        with os.fdopen(open_own(part, os.O_RDWR), "rb+") as file:
            lock_part(file.fileno(), part)
            size = os.fstat(file.fileno()).st_size
            if size:
                _check_options(part, options)
            try:
                lines = _Lines(file)
                start = _whole(_records(lines, layout, columns, separator), done, see)
                end = lines.at if start is None else start
            except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
                raise DataError(
                    f"{part}: its rows are not {layout}; delete it to start over"
                ) from error
            if end < size:
                file.truncate(end)
                os.fsync(file.fileno())
    except FileNotFoundError:
        return Before(done, 0)
    except OSError as error:
        raise OutputError(f"{part}: cannot be read ({error.strerror or error})") from error
    return Before(done, end)


def _whole(records: Iterator[Record], done: Labels, see: Callable[[Record], None]) -> int | None:
    """Where the last image's rows begin, once all others were seen; None where there are none."""
    waiting: list[Record] = []  # of one image
    for record in records:
        if waiting and record.label != waiting[0].label:
            for done_label in (waiting[0].label, *waiting[0].also):
                done.add(done_label)
            for row in waiting:
                see(row)
            waiting.clear()
        waiting.append(record)
    return waiting[0].start if waiting else None


def _check_options(part: Path, options: str) -> None:
    try:
        before = options_beside(part).read_bytes()
    except FileNotFoundError as error:
        raise DataError(
            f"{part}: was not written by an interrupted run of this version; move it away"
        ) from error
    if before != options.encode():
        raise DataError(
            f"{part}: options, roster, form or model changed; use the same ones, or delete it"
        )


class _Lines:
    """The whole lines of a file, one at a time; at: so many bytes were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.at = file, 0

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            if not line.endswith(b"\n"):  # cut short
                return
            self.at += len(line)
            yield line.decode("utf-8", "surrogateescape")


def _records(
    lines: _Lines, layout: str, columns: Sequence[str], separator: Separator
) -> Iterator[Record]:
    if layout == "csv":
        yield from _csv_records(lines, columns, separator)
        return
    start = 0
    for line in lines:
        if layout == "jsonl":
            row = json.loads(line)
            image = row["image"]
            matches = tuple(filter(None, [row.get("match")]))
            yield Record(label(image, row.get("page")), start, image, row.get("crc32"), matches)
        elif not line.startswith("\t"):  # an alternative goes with the row above
            yield Record(line.partition("\t")[0], start)
        start = lines.at


def _csv_records(lines: _Lines, columns: Sequence[str], separator: Separator) -> Iterator[Record]:
    heading, text = separator.heading(columns), iter(lines)
    begin = "".join(islice(text, heading.count("\n")))
    if begin and begin != heading:
        raise ValueError("another heading")
    start = lines.at
    image, page = (columns.index(key) for key in ("image", "page"))
    matched = [k for k, key in enumerate(columns) if key == "match" or key.endswith(" match")]
    for cells in csv.reader(text, delimiter=separator.sign):
        if len(cells) != len(columns):
            raise ValueError("a record of another length")
        numbers = [int(number) for number in cells[page].split(PLUS)] if cells[page] else [None]
        matches = tuple(without_apostrophe(cells[k]) for k in matched if cells[k])
        first, *also = (label(without_apostrophe(cells[image]), number) for number in numbers)
        yield Record(first, start, matches=matches, also=tuple(also))
        start = lines.at
