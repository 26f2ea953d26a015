"""Canvases to calibrate and to measure with: real crops where there is data, else synthetic fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData, load
from hwr_train.data.cleaning import NON_NAMES, CleaningReport, clean
from hwr_train.data.relabel import read_labelled_rows
from hwr_train.data.row import Row
from hwr_train.data.rows import sample
from hwr_train.fitting.loader import SyntheticNames

_MADE_HELD_OUT = 400  # synthetic names
_ANY_LENGTH = 10**9  # frames
_HELD_OUT_EPOCH, _CALIBRATION_EPOCH = 2**31, 2**31 + 1  # no training reaches them


@dataclass(frozen=True)
class NameSource:
    """Where the names come from; calibration and held-out names never meet.

    The crops are cleaned as `hwr_train evaluate` cleans them: what a model cannot read, such as
    letters outside its charset, counts as its errors, so that every model gets the same names.

    config: its data folder, where there is one, holds the crops.
    charset: of synthetic fields.
    cache: where preprocessed crops are kept; None for nowhere.
    """

    config: TrainConfig
    charset: Charset
    cache: Path | None = None

    @property
    def real(self) -> bool:
        """Whether these are scanned crops, not synthetic fields."""
        return self.config.data is not None

    @property
    def kind(self) -> str:
        """What the names are, for people."""
        return "labelled crops" if self.real else "synthetic fields"

    def calibration(self, canvas: Canvas, count: int, seed: int) -> NDArray[np.uint8]:
        """Training canvases, uint8 (count + 1, H, W); the last is blank paper.

        Raises:
            DataError: the data cannot be used.
        """
        if self.real:
            # Sampled first: cleaning looks at every file, and there are 331,000.
            rows = self._usable(
                sample(read_labelled_rows(self.config, "train"), 1.0, 2 * count, seed)
            )
            found = self._load(sample(rows, 1.0, count, seed), canvas).canvases
        else:
            found = self._made(canvas, count, seed).dataset(_CALIBRATION_EPOCH).canvases
        blank = np.full((1, canvas.height, canvas.width), PAPER, np.uint8)
        return np.concatenate([found, blank])

    def held_out(self, canvas: Canvas) -> NameData:
        """The validation names on canvases of one size; the same names for every size.

        Raises:
            DataError: the data cannot be used.
        """
        if self.real:
            return self._load(self._usable(read_labelled_rows(self.config, "validation")), canvas)
        return self._made(canvas, _MADE_HELD_OUT, self.config.seed).dataset(_HELD_OUT_EPOCH)

    def training_texts(self) -> list[str]:
        """Names that were learnt, with repetitions; of synthetic fields the list they are drawn from.

        Raises:
            DataError: the data cannot be used.
        """
        if self.real:
            rows = read_labelled_rows(self.config, "train")
            return [
                row.text for row in rows if row.text and not row.wrong and row.text not in NON_NAMES
            ]
        return list(self._made(Canvas(), 1, 0).maker.names.names)

    def _usable(self, rows: list[Row]) -> list[Row]:
        return clean(rows, None, frames=_ANY_LENGTH)[0]

    def _load(self, rows: list[Row], canvas: Canvas) -> NameData:
        return load(rows, CleaningReport(), canvas, self.cache)

    def _made(self, canvas: Canvas, count: int, seed: int) -> SyntheticNames:
        return SyntheticNames.of(self.config, self.charset, canvas, count, seed)


def name_source(
    config: TrainConfig,
    charset: Charset,
    data: Path | None,
    checked: str | None = None,
    cache: Path | None = None,
) -> NameSource:
    """The data folder that was named, else the run's own, else synthetic fields; all its rows.

    Files of the run's configuration that are not on this machine are left aside, and so is what
    part of the data the run was trained with. Labels are those that `checked` gives, a path with {split}.
    """

    def here(path: str | None) -> str | None:
        return path if path and Path(path).exists() else None

    folder = str(data) if data else here(config.data)
    names, strokes, fonts = here(config.names), here(config.strokes), here(config.fonts)
    relabel = here(config.relabel) if folder == config.data else None
    whole = replace(config, data=folder, names=names, strokes=strokes, fonts=fonts, relabel=relabel)
    fold = charset.folded if config.fold is None else config.fold
    whole = replace(whole, checked=checked, fold=fold)
    return NameSource(replace(whole, limit=None, fraction=1.0), charset, cache)
