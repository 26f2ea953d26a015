"""What an interrupted run has already read: the rows in its FILE.part."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError, OutputError
from hwr_edge.output import lock_growing
from hwr_edge.rows import csv_line, label


class Asked(NamedTuple):
    """What the rows of a command have: a roster's match, a mark for review, a form's field."""

    matched: bool = False
    reviewed: bool = False
    fields: bool = False

    @property
    def cells(self) -> int:
        """Of a row of text."""
        return 3 + 2 * self.matched + self.reviewed + self.fields


class _Record(NamedTuple):
    """A row of the file: which picture it is of, and where it begins, in bytes; whether it has what was asked for."""

    label: str
    start: int
    as_asked: bool


class Before(NamedTuple):
    """What is in a FILE.part: the labels of the pictures that are done, and how many bytes."""

    labels: frozenset[str] = frozenset()
    size: int = 0


def read_before(
    part: Path, layout: str, columns: Sequence[str] = (), asked: Asked | None = None
) -> Before:
    """What is done, after the last picture's rows were taken off.

    Whether the last picture's rows are all there cannot be told: it is read again.

    Args:
        part: the file that `open_growing` left; it may not be there.
        layout: "text", "jsonl" or "csv".
        columns: the heading of a CSV.
        asked: what the rows have.

    Raises:
        DataError: the rows are of another layout, or of other options.
        OutputError: the file cannot be read or mended, or another run is writing it.
    """
    try:
        with part.open("rb+") as file:
            lock_growing(file.fileno(), part)
            raw = file.read()
            whole = raw[: raw.rfind(b"\n") + 1]
            try:
                if not whole and not _begins(raw, layout, columns):
                    raise ValueError("no beginning of a row")
                records = list(_records(whole, layout, columns, asked or Asked()))
            except (ValueError, KeyError, TypeError, csv.Error) as error:
                raise DataError(
                    f"{part}: its rows are no {layout}; take its own --format, or move it away"
                ) from error
            if not all(record.as_asked for record in records):
                raise DataError(
                    f"{part}: its rows were made with other options (--roster, --accept or --form); "
                    "go on with the same ones, or delete it"
                )
            end = len(whole)
            last = records[-1].label if records else ""
            while records and records[-1].label == last:
                end = records.pop().start
            if end < len(raw):
                file.truncate(end)
                os.fsync(file.fileno())
    except FileNotFoundError:
        return Before()
    except OSError as error:
        raise OutputError(f"{part}: cannot be read ({error.strerror or error})") from error
    return Before(frozenset(record.label for record in records), end)


def _begins(raw: bytes, layout: str, columns: Sequence[str]) -> bool:
    """Whether a file without any line end may be the beginning of one of ours."""
    if layout == "text":
        return raw.replace(b"\t", b"").decode("utf-8", "surrogateescape").isprintable()
    if layout == "csv":
        return csv_line(columns).encode().startswith(raw)
    return raw.startswith(b'{"schema"'[: len(raw)])


def _records(whole: bytes, layout: str, columns: Sequence[str], asked: Asked) -> Iterator[_Record]:
    text = whole.decode("utf-8", "surrogateescape")
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    if layout == "csv":
        yield from _csv_records(lines, columns, asked)
        return
    start = 0
    for line in lines:
        if layout == "jsonl":
            row = json.loads(line)
            as_asked = Asked("match" in row, "review" in row, "field" in row) == asked
            yield _Record(label(row["image"], row.get("page")), start, as_asked)
        elif not line.startswith("\t"):  # an alternative goes with the row above
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 3:
                raise ValueError("no table")
            yield _Record(cells[0], start, len(cells) == asked.cells)
        start += _length(line)


def _csv_records(lines: list[str], columns: Sequence[str], asked: Asked) -> Iterator[_Record]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + _length(line))
    reader = csv.reader(lines)
    if lines and tuple(next(reader)) != tuple(columns):
        raise ValueError("another heading")
    at = reader.line_num
    image, page = (columns.index(key) for key in ("image", "page"))
    # The columns of a form's table are there only where they were asked for.
    marks = [columns.index(key) for key in ("match_confidence", "review") if key in columns]
    for cells in reader:
        if len(cells) != len(columns):
            raise ValueError("a record of another length")
        as_asked = not marks or [bool(cells[k]) for k in marks] == [asked.matched, asked.reviewed]
        number = int(cells[page]) if cells[page] else None
        yield _Record(label(cells[image], number), starts[at], as_asked)
        at = reader.line_num


def _length(line: str) -> int:
    return len(line.encode("utf-8", "surrogateescape"))
