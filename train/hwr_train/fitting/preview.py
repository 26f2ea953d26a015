"""Real crops and synthetic names side by side, on the canvases that training sees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.files import write_whole
from hwr_edge.folders import make_folder
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.preprocess import Canvas
from hwr_train.fitting.prepare import RunData

_EPOCH = 2**30  # one that training never reaches
_GAP = 4  # pixels of grey between canvases


def write_preview(data: RunData, path: Path, rows: int) -> None:
    """A PNG with a column for real crops and one for each kind of synthetic names, in turn.

    Which crops are shown depends on the batches' seed alone.

    Raises:
        OutputError: the image cannot be written.
    """
    buckets = data.loader.buckets
    columns: list[list[Grey]] = []
    if buckets.data:
        rng = np.random.default_rng(buckets.seed)
        picks = rng.permutation(len(buckets.data))[:rows]
        columns.append([np.asarray(buckets.data.canvases[i]) for i in picks])
    columns += [[source.sample(_EPOCH, i)[1] for i in range(rows)] for source in buckets.sources]
    make_folder(path.parent)
    write_whole(path, cv2.imencode(".png", side_by_side(columns, buckets.canvas))[1].tobytes())


def side_by_side(columns: Sequence[Sequence[Grey]], canvas: Canvas) -> Grey:
    """Columns of canvases as one image; a shorter column ends in blank paper."""
    blank = np.full((canvas.height, canvas.width), PAPER, np.uint8)
    lines = [np.hstack([_framed(c) for c in row]) for row in zip_longest(*columns, fillvalue=blank)]
    return np.asarray(np.vstack(lines), np.uint8)


def _framed(canvas: Grey) -> Grey:
    return np.asarray(
        cv2.copyMakeBorder(canvas, 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT, value=128), np.uint8
    )
