"""Checks of labels that were made after a table of checked labels, and name nobody.

A table of checked labels says `same` also of rows that nobody looked at, because the model of its day read them as
labelled. Where another model reads otherwise, the label is checked later. The table has the columns FILENAME, STATUS
and CHANGES. STATUS is that of `checked`. CHANGES makes what is written from the data's own label, folded, as in
`relabel`: `0:H>M` changes the first letter. Several readings are parted by `|`; an empty one is the label itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_train.data.checked import STATUSES, WRITTEN, Checked, plain
from hwr_train.data.relabel import changed
from hwr_train.data.row import Row
from hwr_train.data.tables import read_columns


def with_later_checks(
    checked: Mapping[str, Checked], rows: Sequence[Row], path: Path
) -> dict[str, Checked]:
    """What is written, by the rows' ids; a later check counts before an earlier one.

    Raises:
        DataError: the file cannot be used, names a row twice, has another status, has none of the rows, or a change
            does not fit its label.
    """
    labels = {row.name: row.text for row in rows}
    found: dict[str, Checked] = {}
    seen: set[str] = set()
    for name, status, changes in read_columns(path, "FILENAME", "STATUS", "CHANGES"):
        if name in seen:
            raise DataError(f"{path}: {name} is listed twice")
        if status not in STATUSES:
            raise DataError(f"{path}: {name} is {status!r}; use {', '.join(STATUSES)}")
        seen.add(name)
        if name in labels:
            texts = _texts(labels[name], status, changes, name, path)
            found[name] = Checked(status, texts, looked_at=True)
    if not found:
        raise DataError(f"{path}: has none of these rows (is it of other data?)")
    return {**checked, **found}


def _texts(label: str, status: str, changes: str, name: str, path: Path) -> tuple[str, ...]:
    if status not in WRITTEN:
        return ()
    try:
        return tuple(plain(changed(label, one) if one else label) for one in changes.split("|"))
    except ValueError as error:
        raise DataError(f"{path}: {name}: {error} its label (is it of other data?)") from error
