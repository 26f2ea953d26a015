"""A data folder with one labels.csv, and how its labels are taken."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.data import labels_table
from hwr_train.data.row import Row, label_of
from hwr_train.data.shards import is_packed
from hwr_train.data.tables import headings_of, read_columns


def folds(config: TrainConfig) -> bool:
    """Whether labels are folded to capitals without accents, as asked, or as charset or layout say.

    Raises:
        DataError: there are no such letters.
    """
    if config.fold is not None:
        return config.fold
    try:
        if config.charset:
            return Charset(config.charset).folded
    except ValueError as error:
        raise DataError(str(error)) from error
    return not (is_own_table(config) or is_packed(config.data))


def how_labelled(config: TrainConfig) -> list[str]:
    """Lines that say how the data's labels are taken, and how one labels.csv is shared out.

    Raises:
        DataError: as `read_own_table`.
    """
    if config.data is None:
        return []
    if folds(config):
        lines = [
            "labels: folded to capitals without accents; --no-fold takes them as they are written"
        ]
    else:
        lines = ["labels: as they are written; --fold makes them capitals without accents"]
    if is_own_table(config):
        lines.append(read_own_table(Path(config.data), config).how)
    return lines


def is_own_table(config: TrainConfig) -> bool:
    """Whether the data folder has one labels.csv, and no tables of the public layout."""
    if config.data is None or is_address(config.data):
        return False
    folder = Path(config.data)
    return (folder / labels_table.NAME).is_file() and not public_table(config, "train")[0].is_file()


def public_table(config: TrainConfig, split: str) -> tuple[Path, Path]:
    """The table of a split in the public layout, and the folder of its images."""
    if config.data is None:
        raise DataError("no data folder was given")
    folder = Path(config.data)
    try:
        table = folder / config.csv_pattern.format(split=split)
        return table, folder / config.folder_pattern.format(split=split)
    except (AttributeError, KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"a pattern may hold {{split}} and no other braces ({error!r})") from error


class OwnTable(NamedTuple):
    """The rows of one labels.csv with their splits and writers, and a line that says how they were shared out."""

    rows: list[Row]
    splits: list[str]
    writers: list[str]
    how: str


def read_own_table(folder: Path, config: TrainConfig) -> OwnTable:
    """All rows of a folder's labels.csv.

    Raises:
        DataError: it cannot be read, has not the columns, holds no row, or too few to share out.
    """
    rows, writers, said = labelled_rows(folder, config)
    table = folder / labels_table.NAME
    splits, how = labels_table.shared_out([row.name for row in rows], writers, said, table)
    return OwnTable(rows, splits, writers, f"{table}: {how}")


def labelled_rows(folder: Path, config: TrainConfig) -> tuple[list[Row], list[str], list[str]]:
    """The rows of a labels.csv, with who wrote them and which split they are said to be of."""
    table, folded = folder / labels_table.NAME, folds(config)
    columns = labels_table.columns_of(headings_of(table), table)
    optional = [name or "" for name in (columns.writer, columns.split)]
    cells = read_columns(table, columns.image, columns.text, optional=optional)
    if not cells:
        raise DataError(f"{table}: holds no row")
    names, texts, writers, said = map(list, zip(*cells, strict=True))
    rows = [
        Row(name, labels_table.image_of(folder, name), label_of(text, folded))
        for name, text in zip(names, texts, strict=True)
    ]
    return rows, writers, said
