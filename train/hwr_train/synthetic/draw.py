"""Synthetic name fields as image files: examples, and small data sets in the public layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.files import write_whole
from hwr_edge.folders import make_folder
from hwr_edge.image.pixels import Grey
from hwr_train.config import TrainConfig
from hwr_train.files import replace_csv
from hwr_train.synthetic.fields import FieldGenerator, default_charset, draw_field
from hwr_train.synthetic.glyphs import stroke_file_writers

_SPLITS = ("train", "validation", "test")


def draw_images(
    folder: Path, texts: Sequence[str] | None, count: int, seed: int, strokes: Path | None = None
) -> list[Path]:
    """One PNG a name, called by the name in small letters.

    Raises:
        DataError: a name has letters that no hand here writes.
    """
    maker = _maker(seed, strokes)
    rng = np.random.default_rng(seed)
    if texts is None:
        texts = [maker.names.draw(rng) for _ in range(count)]
    for text in texts:
        if strangers := default_charset().unknown(text):
            raise DataError(f"{text!r}: these letters cannot be drawn: {strangers!r}")
        if not text.strip():
            raise DataError("an empty name cannot be drawn")
    paths: list[Path] = []
    for k, text in enumerate(texts):
        spare = maker.drawn[rng.integers(len(maker.drawn))]
        hand = maker.writers[int(rng.integers(len(maker.writers)))]
        again = f"-{texts[:k].count(text) + 1}" if text in texts[:k] else ""
        paths.append(folder / f"{text.lower().replace(' ', '_')}{again}.png")
        _write(paths[-1], draw_field(text, hand, spare, rng))
    return paths


def draw_dataset(folder: Path, count: int, seed: int, strokes: Path | None = None) -> None:
    """`count` training fields, and a fifth as many for validation and test each.

    Raises:
        DataError: there is such data in the folder.
    """
    for split in _SPLITS:
        if (table := folder / TrainConfig.csv_pattern.format(split=split)).exists():
            raise DataError(f"{table}: already exists; choose another folder")
    maker = _maker(seed, strokes)
    for k, split in enumerate(_SPLITS):
        rng = np.random.default_rng((seed, k))
        rows = []
        for i in range(count if k == 0 else max(1, count // 5)):
            text, grey = maker.make(rng)
            rows.append((f"{split.upper()}_{i:05}.jpg", text or "EMPTY"))
            _write(folder / TrainConfig.folder_pattern.format(split=split) / rows[-1][0], grey)
        table = folder / TrainConfig.csv_pattern.format(split=split)
        replace_csv(table, [("FILENAME", "IDENTITY"), *rows])


def _maker(seed: int, strokes: Path | None) -> FieldGenerator:
    return FieldGenerator(writers=stroke_file_writers(strokes) if strokes else None, seed=seed)


def _write(path: Path, grey: Grey) -> None:
    make_folder(path.parent)
    write_whole(path, cv2.imencode(path.suffix, grey)[1].tobytes())
