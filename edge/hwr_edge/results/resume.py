"""What an interrupted run has already read: the rows in its FILE.part."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hwr_edge.errors import DataError, OutputError
from hwr_edge.files import open_own
from hwr_edge.image.sources import label
from hwr_edge.results.growing import lock_part, options_beside
from hwr_edge.results.rows import as_it_was
from hwr_edge.results.separator import Separator


class _Record(NamedTuple):
    """A row of the file: which image it is of, where it begins, in bytes, and the file's checksum."""

    label: str
    start: int
    image: str = ""
    crc32: str | None = None
    matches: tuple[str, ...] = ()


class Before(NamedTuple):
    """What is in a FILE.part.

    labels: of the images that are done.
    size: how many bytes there are.
    checksums: by path, CRC-32 of the files as they were read, where rows have it.
    matches: the roster's names in the rows that stay.
    """

    labels: frozenset[str]
    size: int
    checksums: Mapping[str, str]
    matches: tuple[str, ...] = ()


def read_before(
    part: Path,
    options: str,
    layout: str,
    columns: Sequence[str] = (),
    separator: Separator = Separator.COMMA,
) -> Before:
    """What is done, after the last image's rows were taken off.

    Whether the last image's rows are all there cannot be told: it is read again.

    Args:
        part: the file that `open_growing` left; it may not be there.
        options: what rows are made with, as it was given to `open_growing`.
        layout: "text", "jsonl" or "csv".
        columns: the heading of a CSV.
        separator: what stands between its cells.

    Raises:
        DataError: the rows were made with other options, or are none of ours.
        OutputError: the file cannot be read or mended, or another run is writing to it.
    """
    try:
        with os.fdopen(open_own(part, os.O_RDWR), "rb+") as file:
            lock_part(file.fileno(), part)
            raw = file.read()
            whole = raw[: raw.rfind(b"\n") + 1]
            if raw:
                _check_options(part, options)
            try:
                records = list(_records(whole, layout, columns, separator))
            except (ValueError, KeyError, TypeError, csv.Error) as error:
                raise DataError(
                    f"{part}: its rows are not {layout}; delete it to start over"
                ) from error
            end = len(whole)
            last = records[-1].label if records else ""
            while records and records[-1].label == last:
                end = records.pop().start
            if end < len(raw):
                file.truncate(end)
                os.fsync(file.fileno())
    except FileNotFoundError:
        return Before(frozenset(), 0, {})
    except OSError as error:
        raise OutputError(f"{part}: cannot be read ({error.strerror or error})") from error
    checksums = {record.image: record.crc32 for record in records if record.crc32}
    matches = tuple(name for record in records for name in record.matches)
    return Before(frozenset(record.label for record in records), end, checksums, matches)


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


def _records(
    whole: bytes, layout: str, columns: Sequence[str], separator: Separator
) -> Iterator[_Record]:
    text = whole.decode("utf-8", "surrogateescape")
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    if layout == "csv":
        yield from _csv_records(lines, columns, separator)
        return
    start = 0
    for line in lines:
        if layout == "jsonl":
            row = json.loads(line)
            image = row["image"]
            matches = tuple(filter(None, [row.get("match")]))
            yield _Record(label(image, row.get("page")), start, image, row.get("crc32"), matches)
        elif not line.startswith("\t"):  # an alternative goes with the row above
            yield _Record(line.partition("\t")[0], start)
        start += _length(line)


def _csv_records(
    lines: list[str], columns: Sequence[str], separator: Separator
) -> Iterator[_Record]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + _length(line))
    if lines and not "".join(lines).startswith(separator.heading(columns)):
        raise ValueError("another heading")
    reader = csv.reader(lines, delimiter=separator.sign)
    next(reader, None)
    at = reader.line_num
    image, page = (columns.index(key) for key in ("image", "page"))
    matched = [k for k, key in enumerate(columns) if key == "match" or key.endswith(" match")]
    for cells in reader:
        if len(cells) != len(columns):
            raise ValueError("a record of another length")
        number = int(cells[page]) if cells[page] else None
        matches = tuple(as_it_was(cells[k]) for k in matched if cells[k])
        yield _Record(label(as_it_was(cells[image]), number), starts[at], matches=matches)
        at = reader.line_num


def _length(line: str) -> int:
    return len(line.encode("utf-8", "surrogateescape"))
