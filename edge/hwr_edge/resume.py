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
from hwr_edge.rows import label


class _Record(NamedTuple):
    """A row of the file: which picture it is of, and where it begins, in bytes."""

    label: str
    start: int


class Before(NamedTuple):
    """What is in a FILE.part: the labels of the pictures that are done, and how many bytes."""

    labels: frozenset[str] = frozenset()
    size: int = 0


def read_before(part: Path, layout: str, columns: Sequence[str] = ()) -> Before:
    """What is done, after the last picture's rows were taken off.

    Whether the last picture's rows are all there cannot be told: it is read again.

    Args:
        part: the file that `open_growing` left; it may not be there.
        layout: "text", "jsonl" or "csv".
        columns: the heading of a CSV.

    Raises:
        DataError: the rows are of another layout.
        OutputError: the file cannot be read or mended, or another run is writing it.
    """
    try:
        with part.open("rb+") as file:
            lock_growing(file.fileno(), part)
            raw = file.read()
            whole = raw[: raw.rfind(b"\n") + 1]
            try:
                records = list(_records(whole, layout, columns))
            except (ValueError, KeyError, TypeError, csv.Error) as error:
                raise DataError(
                    f"{part}: its rows are no {layout}; take its own --format"
                ) from error
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


def _records(whole: bytes, layout: str, columns: Sequence[str]) -> Iterator[_Record]:
    text = whole.decode("utf-8", "surrogateescape")
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    if layout == "csv":
        yield from _csv_records(lines, columns)
        return
    start = 0
    for line in lines:
        if layout == "jsonl":
            row = json.loads(line)
            yield _Record(label(row["image"], row.get("page")), start)
        elif not line.startswith("\t"):  # an alternative goes with the row above
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 3:
                raise ValueError("no table")
            yield _Record(cells[0], start)
        start += _length(line)


def _csv_records(lines: list[str], columns: Sequence[str]) -> Iterator[_Record]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + _length(line))
    reader = csv.reader(lines)
    if lines and tuple(next(reader)) != tuple(columns):
        raise ValueError("another heading")
    at = reader.line_num
    places = [columns.index(key) for key in ("image", "page")]
    for cells in reader:
        if len(cells) != len(columns):
            raise ValueError("a record of another length")
        image, page = (cells[place] for place in places)
        yield _Record(label(image, int(page) if page else None), starts[at])
        at = reader.line_num


def _length(line: str) -> int:
    return len(line.encode("utf-8", "surrogateescape"))
