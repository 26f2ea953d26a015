"""Labels of public training rows that a person found wrong: changed letter by letter, or left out.

The table has the columns FILENAME and CHANGE and no name: a change says which letters of the data's own
label, folded, become which, such as `0:H>M` (the first), `4:>-` (put in before the fifth) or
`2: >/7:D>O` (two). An empty one leaves the row out.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.textfile import read_text
from hwr_train.rows import CleaningReport, Row

COLUMNS = ("FILENAME", "CHANGE")


def change_of(label: str, right: str) -> str:
    """What `changed` makes `right` of `label` by; neither may hold `/` or `>`."""
    opcodes = difflib.SequenceMatcher(None, label, right, autojunk=False).get_opcodes()
    return "/".join(
        f"{start}:{label[start:end]}>{right[first:last]}"
        for kind, start, end, first, last in opcodes
        if kind != "equal"
    )


def changed(label: str, change: str) -> str:
    """The label with its letters changed.

    Raises:
        ValueError: it is no change, or the label has other letters there.
    """
    for item in reversed(change.split("/")):  # from the end, so that places stay
        place, _, letters = item.partition(":")
        old, arrow, new = letters.partition(">")
        start = int(place) if place.isdecimal() else len(label) + 1
        if not arrow or start > len(label) or label[start : start + len(old)] != old:
            raise ValueError(f"{item} does not fit")
        label = label[:start] + new + label[start + len(old) :]
    return label


def read_changes(path: Path) -> dict[str, str]:
    """Changes by the row's name.

    Raises:
        DataError: the file is missing or has not the columns.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
        lines = list(reader)
    except csv.Error as error:
        raise DataError(f"{path}: not a CSV ({error})") from error
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise DataError(f"{path}: it should have the columns {' and '.join(COLUMNS)}")
    return {line["FILENAME"] or "": line["CHANGE"] or "" for line in lines}


def relabel(rows: Sequence[Row], path: Path, report: CleaningReport) -> list[Row]:
    """The rows as the file changes them; those that it leaves out are noted in the report.

    Raises:
        DataError: the file cannot be used, concerns none of the rows, or a change does not fit its label.
    """
    changes = read_changes(path)
    if changes.keys().isdisjoint(row.name for row in rows):
        raise DataError(f"{path}: changes none of these rows (is it of other data?)")
    kept = []
    for row in rows:
        change = changes.get(row.name)
        if change == "":
            report.drop("label found wrong", row.name)
            continue
        try:
            kept.append(replace(row, text=changed(row.text, change)) if change else row)
        except ValueError as error:
            raise DataError(
                f"{path}: {row.name}: {error} its label (is it of other data?)"
            ) from error
    return kept
