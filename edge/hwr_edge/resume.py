"""What an interrupted run has already read: the rows in its FILE.part."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

from hwr_edge.errors import DataError, OutputError
from hwr_edge.output import lock_growing
from hwr_edge.rows import CSV_KEYS


def images_in(part: Path, layout: str) -> set[str]:
    """The images of all whole rows, after what the interruption cut short was taken off.

    Args:
        part: the file that `open_growing` left; it may not be there.
        layout: "text", "jsonl" or "csv".

    Raises:
        DataError: the rows are of another layout.
        OutputError: the file cannot be read or mended, or another run is writing it.
    """
    try:
        with part.open("rb+") as file:
            lock_growing(file.fileno(), part)
            raw = file.read()
            whole = raw[: raw.rfind(b"\n") + 1]
            if layout == "text":  # the last row's alternatives may be missing
                whole = whole[: _last_row(whole)]
            if len(whole) < len(raw):
                file.truncate(len(whole))
                os.fsync(file.fileno())
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise OutputError(f"{part}: cannot be read ({error.strerror or error})") from error
    text = whole.decode("utf-8", "surrogateescape")
    try:
        return _images(text, layout)
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise DataError(f"{part}: its rows are no {layout}; take its own --format") from error


def _images(text: str, layout: str) -> set[str]:
    if layout == "jsonl":
        return {json.loads(line)["image"] for line in text.split("\n") if line}
    if layout == "csv":
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if text and tuple(reader.fieldnames or ()) != CSV_KEYS:
            raise ValueError("another heading")
        return {row["image"] for row in reader}
    rows_of_text = (line for line in text.split("\n") if line and not line.startswith("\t"))
    found = [line.split("\t") for line in rows_of_text]
    if any(len(cells) < 3 for cells in found):
        raise ValueError("no table")
    return {cells[0] for cells in found}


def _last_row(whole: bytes) -> int:
    """Where the last row of a text table begins."""
    lines = whole.splitlines(keepends=True)
    while lines and lines.pop().startswith(b"\t"):
        pass
    return sum(map(len, lines))
