"""What is wrong with a data set, and what is in it, before hours are spent on training."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zlib import crc32

import numpy as np

from hwr_edge.errors import DataError, ImageError
from hwr_train.config import TrainConfig
from hwr_train.data.cleaning import LEAST_OF_A_LETTER, NON_NAMES, CleaningReport, charset_of, clean
from hwr_train.data.labels_table import SPLITS
from hwr_train.data.own_table import how_labelled, is_own_table, read_own_table
from hwr_train.data.relabel import read_labelled_rows
from hwr_train.data.row import Row

FRAMES = 64
"""Of the preset edge: a longer label cannot be learnt."""
FEW_ROWS = 2000  # with fewer rows of its own a run is advised to start from the shipped model
_LEAST_HEIGHT = 12  # pixels of an image
_MOST_FAULTY = 0.5  # of a split's rows
_SHOWN = 3  # examples
_AT_ONCE = 1024  # images


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: whether it keeps a run from learning, and a line for people."""

    fatal: bool
    line: str


@dataclass(frozen=True)
class Seen:
    """An image: its size in pixels, and a checksum of its file; None where it cannot be read."""

    size: tuple[int, int]
    crc32: int


def inspect(config: TrainConfig) -> Iterator[Finding]:
    """All that is wrong with the data, split by split, then between splits.

    Raises:
        DataError: the data cannot be read at all.
    """
    splits = {split: rows for split in SPLITS if (rows := _rows_of(config, split)) is not None}
    charset = charset_of(splits["train"])
    seen: dict[int, dict[str, str]] = defaultdict(dict)
    for split, rows in splits.items():
        kept, report = clean(rows, charset, FRAMES)
        yield from _of_rows(split, report)
        yield from _of_images(split, kept, seen)
    count = len(splits["train"])
    if count < FEW_ROWS:
        yield Finding(
            False,
            f"train: {count} rows are few: a model needs thousands, or starts from trained weights "
            "(--init models/names.keras, with --fold)",
        )
    yield from _between_splits(seen)


def _rows_of(config: TrainConfig, split: str) -> list[Row] | None:
    """The rows of a split; None where there is no test split, which training can do without."""
    try:
        return read_labelled_rows(config, split)
    except DataError:
        if split == "test" and not is_own_table(config):
            return None
        raise


def _of_rows(split: str, report: CleaningReport) -> Iterator[Finding]:
    faulty = report.rows - report.kept
    fatal = faulty > _MOST_FAULTY * report.rows
    yield from (
        Finding(fatal, f"{split}: {line}") for line in [report.line()] if faulty or not report.kept
    )
    for reason, names in report.dropped.items():
        yield Finding(False, f"{split}: {reason}, for example {', '.join(names[:_SHOWN])}")


def _of_images(
    split: str, rows: Sequence[Row], seen: Mapping[int, dict[str, str]]
) -> Iterator[Finding]:
    """Images that cannot be read, are tiny, or stand there twice with two labels; they are noted in `seen`."""
    broken, tiny, labels = [], [], defaultdict(set)
    for row, image in zip(rows, look_at(rows), strict=True):
        if image is None:
            broken.append(row.name)
            continue
        if image.size[1] < _LEAST_HEIGHT:
            tiny.append(row.name)
        seen[image.crc32].setdefault(split, row.name)
        labels[image.crc32].add((row.name, row.text))
    if broken:
        fatal = len(broken) > _MOST_FAULTY * len(rows)
        yield Finding(fatal, f"{split}: {len(broken)} images cannot be read: {_some(broken)}")
    if tiny:
        yield Finding(
            False,
            f"{split}: {len(tiny)} images are under {_LEAST_HEIGHT} pixels high: {_some(tiny)}",
        )
    twice = [min(found)[0] for found in labels.values() if len({text for _, text in found}) > 1]
    if twice:
        yield Finding(
            False, f"{split}: {len(twice)} images are there twice with two labels: {_some(twice)}"
        )


def _between_splits(seen: Mapping[int, Mapping[str, str]]) -> Iterator[Finding]:
    shared = [min(places.values()) for places in seen.values() if len(places) > 1]
    if shared:
        yield Finding(
            False, f"{len(shared)} images are in two splits, so figures flatter: {_some(shared)}"
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN])


def look_at(rows: Sequence[Row]) -> Iterator[Seen | None]:
    """The images of rows, in their order; some at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = (rows[k : k + _AT_ONCE] for k in range(0, len(rows), _AT_ONCE))
        for k, found in enumerate(chain.from_iterable(pool.map(_look, part) for part in parts)):
            if sys.stderr.isatty() and (k % 500 == 0 or k + 1 == len(rows)):
                end = "\n" if k + 1 == len(rows) else ""
                print(f"\rlooking at images {k + 1}/{len(rows)}", end=end, file=sys.stderr)
            yield found


def _look(row: Row) -> Seen | None:
    try:
        grey = row.grey()
        return Seen((grey.shape[1], grey.shape[0]), crc32(row.read()))
    except ImageError:
        return None


def statistics(config: TrainConfig) -> list[str]:
    """What is in the data: rows, writers, letters, lengths and sizes; a line each, no name of anybody.

    Raises:
        DataError: the data cannot be read.
    """
    lines = how_labelled(config)
    writers: dict[str, set[str]] = defaultdict(set)
    if config.data and is_own_table(config):
        table = read_own_table(Path(config.data), config)
        for writer, split in zip(table.writers, table.splits, strict=True):
            writers[split].add(writer)
    letters: Counter[str] = Counter()
    learnt: Counter[str] = Counter()
    for split in SPLITS:
        rows = _rows_of(config, split)
        if rows is None:
            continue
        texts = [row.text for row in rows if row.text and row.text not in NON_NAMES]
        letters.update("".join(texts))
        learnt.update("".join(texts) if split == "train" else "")
        by = len(writers[split] - {""})
        of = f" by {by} writers" if by else ""
        lengths = _quartiles([len(text) for text in texts])
        lines.append(
            f"{split}: {len(rows)} rows{of}; {len(set(texts))} different labels; letters a label {lengths}"
        )
        sizes = [found.size for found in look_at(rows) if found]
        if sizes:
            widths, heights = (_quartiles(side) for side in zip(*sizes, strict=True))
            lines.append(f"{split}: images {widths} pixels wide, {heights} high")
    shown = " ".join(f"{letter!r}:{count}" for letter, count in letters.most_common())
    rare = "".join(sorted(letter for letter in letters if learnt[letter] < LEAST_OF_A_LETTER))
    lines.append(f"{len(letters)} letters: {shown}")
    if rare:
        lines.append(f"too rare in train to be learnt (fewer than {LEAST_OF_A_LETTER}): {rare}")
    return lines


def _quartiles(values: Sequence[int]) -> str:
    """Least, median and most."""
    if not values:
        return "none"
    return f"{min(values)} to {max(values)}, median {int(np.median(values))}"
