"""Rows of a data set, read from its tables or shards, and sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.data import labels_table
from hwr_train.data.own_table import (
    folds,
    is_own_table,
    labelled_rows,
    public_table,
    read_own_table,
)
from hwr_train.data.row import Row, label_of
from hwr_train.data.shards import is_packed, read_packed
from hwr_train.data.tables import read_columns

_LAYOUT = ("filename_column", "identity_column", "csv_pattern", "folder_pattern")


def read_rows(config: TrainConfig, split: str) -> list[Row]:
    """The rows of one split: of its CSV in the public layout, of a labels.csv that is shared out, or in shards.

    Labels are folded where `folds` says so.

    Raises:
        DataError: the CSV is missing, has not the columns, or holds no row.
    """
    if is_packed(config.data):
        rows = _packed(config, split)
        return sample(rows, config.fraction, config.limit, config.seed)
    table, images = public_table(config, split)
    if config.data and not Path(config.data).is_dir():
        raise DataError(
            f"{TypedPath(config.data)}: cannot be read (no such folder); {labels_table.NAME} or "
            f"{table.name} should be in it"
        )
    if is_own_table(config):
        if split not in labels_table.SPLITS:
            raise DataError(f"{split!r} is no split; use {', '.join(labels_table.SPLITS)}")
        found = read_own_table(Path(config.data or ""), config)
        rows = [row for row, of in zip(found.rows, found.splits, strict=True) if of == split]
    else:
        rows = _read_table(table, images, config)
    return sample(rows, config.fraction, config.limit, config.seed)


def _packed(config: TrainConfig, split: str | None) -> list[Row]:
    """The rows of a split in shards; of all of them for None."""
    folded = folds(config)
    return [
        Row(one.name, Path(one.name), label_of(one.text, folded), place=one.place)
        for one in read_packed(config.data or "", split)
    ]


def read_extra(config: TrainConfig, folder: Path) -> list[Row]:
    """The rows of a folder with one labels.csv, else of a data folder's training split.

    The columns and patterns of the latter are the public ones, as `review --corrections` writes them, else
    those of the configuration.

    Raises:
        DataError: as `read_rows`.
    """
    asked: dict[str, Any] = {"data": str(folder), "fold": folds(config)}
    public = replace(TrainConfig(), **asked)
    if is_packed(public.data):
        return _packed(public, None)
    if is_own_table(public):
        return labelled_rows(folder, public)[0]
    try:
        return read_rows(public, "train")
    except DataError:
        own = replace(config, **asked, fraction=1.0, limit=None)
        if all(getattr(own, name) == getattr(public, name) for name in _LAYOUT):
            raise
        return read_rows(own, "train")


def _read_table(table: Path, images: Path, config: TrainConfig) -> list[Row]:
    cells = read_columns(table, config.filename_column, config.identity_column)
    folded = folds(config)
    rows = [Row(name, images / name, label_of(label, folded)) for name, label in cells]
    if not rows:
        raise DataError(f"{table}: holds no row")
    return rows


def sample(rows: Sequence[Row], fraction: float, limit: int | None, seed: int) -> list[Row]:
    """A random part of the rows, in their order; the same for the same seed."""
    count = round(len(rows) * fraction)
    count = min(count, limit) if limit is not None else count
    if count >= len(rows):
        return list(rows)
    picked = np.random.default_rng(seed).permutation(len(rows))[: max(count, 1)]
    return [rows[i] for i in sorted(picked)]
