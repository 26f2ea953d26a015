"""Labels of public training rows that a person found wrong: changed letter by letter, or left out.

The table has the columns FILENAME and CHANGE and no name: a change says which letters of the data's own
label, folded, become which, such as `0:H>M` (the first), `4:>-` (put in before the fifth) or
`2: >/7:D>O` (two). An empty one leaves the row out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hwr_edge.errors import DataError
from hwr_edge.line.charset import fold
from hwr_train.config import TrainConfig
from hwr_train.data.checked import checked_path, read_checked, with_checked
from hwr_train.data.own_table import folds
from hwr_train.data.row import Row
from hwr_train.data.rows import read_rows, sample
from hwr_train.data.tables import read_pairs


def read_labelled_rows(config: TrainConfig, split: str) -> list[Row]:
    """The rows of a split with the labels that `config.relabel` (training) and `config.checked` give them.

    Raises:
        DataError: as `read_rows`, `relabel` and `with_checked`.
    """
    changes = config.relabel if split == "train" else None
    if changes is not None and not folds(config):
        raise DataError(f"{changes}: changes folded labels; add --fold, or leave --relabel out")
    if changes is None and config.checked is None:
        return read_rows(config, split)
    # All of them first: a part may have none that is changed.
    rows = read_rows(replace(config, fraction=1.0, limit=None), split)
    if changes is not None:
        rows = relabel(rows, Path(changes))
    if config.checked is not None and (path := checked_path(config.checked, split)):
        rows = with_checked(rows, read_checked(path, folds(config)), path)
    return sample(rows, config.fraction, config.limit, config.seed)


def relabel(rows: Sequence[Row], path: Path) -> list[Row]:
    """The rows with their labels changed as the file says; those that it leaves out are marked as wrong.

    Raises:
        DataError: the file cannot be used, concerns none of the rows, names one twice, or a change
            does not fit its label.
    """
    changes = read_pairs(path, "FILENAME", "CHANGE")
    used = len(changes.keys() & {row.name for row in rows})
    if not used:
        raise DataError(f"{path}: changes none of these rows (is it of other data?)")
    print(f"{path}: {used} of {len(changes)} changes are of these rows", flush=True)
    out = []
    for row in rows:
        change = changes.get(row.name)
        try:
            text = changed(row.text, change) if change else row.text
        except ValueError as error:
            raise DataError(
                f"{path}: {row.name}: {error} its label (is it of other data?)"
            ) from error
        out.append(replace(row, text=text, wrong=change == ""))
    return out


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
        label = label[:start] + "".join(fold(c) or c for c in new) + label[start + len(old) :]
    return label
