"""Where each letter of a reading stands in its image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.alignment import letter_frames
from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import LogProbs
from hwr_edge.line.preprocess import Placed
from hwr_edge.line.reading import Letter, Reading

_INK = 144  # grey level of the canvas; what is darker counts as ink


def letters_of(
    reading: Reading, log_probs: LogProbs, placed: Placed, charset: Charset, frames: int
) -> tuple[Letter, ...]:
    """The letters of a reading, with boxes in its image's pixels.

    Each stands near where the text's likeliest alignment has it; between two of them they are parted where
    there is least ink. A box is that of the ink there.

    Args:
        reading: of the whole image.
        log_probs: float32 (T, classes), of all frames that are used.
        placed: the canvas that was read.
        charset: of the model.
        frames: how many the canvas' width has.
    """
    if not reading.text:
        return ()
    step = placed.pixels.shape[1] / frames
    peaks = [(k + 0.5) * step for k in letter_frames(log_probs, charset.encode(reading.text))]
    ink = (placed.pixels < _INK).sum(axis=0)
    ends = _between(_centred(peaks, ink), placed.place, ink)
    boxes = [_ink_box(placed.pixels, left, right, placed.place) for left, right in pairwise(ends)]
    return tuple(
        Letter(text, sure, placed.in_image(box))
        for text, sure, box in zip(reading.text, reading.letter_confidences, boxes, strict=True)
    )


def _centred(peaks: Sequence[float], ink: NDArray[np.int64]) -> list[float]:
    """The columns moved together to the ink's middle: a network is often sure before it has seen all of a letter.

    By half of a letter's way at most: the line may have other ink on one side.
    """
    inked = np.flatnonzero(ink)
    if not len(inked):
        return list(peaks)
    most = (inked[-1] - inked[0] + 1) / len(peaks) / 2
    off = (inked[0] + inked[-1]) / 2 - (peaks[0] + peaks[-1]) / 2
    return [peak + min(max(off, -most), most) for peak in peaks]


def _between(middles: Sequence[float], place: Box, ink: NDArray[np.int64]) -> list[int]:
    """Columns where letters begin and end: where there is least ink between two of them, and the line's ends.

    Args:
        middles: columns near the middle of each letter.
        place: of the line on the canvas.
        ink: of each column of the canvas, int (W,).
    """
    left, right = place[0], place[0] + place[2]
    cuts = []
    for one, other in pairwise(min(max(round(x), left), right) for x in middles):
        between = ink[one:other]
        clear = np.flatnonzero(between == between.min()) if len(between) else np.zeros(1, np.intp)
        runs = np.split(clear, np.flatnonzero(np.diff(clear) > 1) + 1)
        widest = max(runs, key=len)
        cuts.append(one + int(widest[len(widest) // 2]))
    return [left, *cuts, right]


def _ink_box(canvas: Grey, left: int, right: int, place: Box) -> Box:
    """The box of the ink between two columns; all of the line's height where there is none."""
    _, top, _, height = place
    ink = canvas[top : top + height, left:right] < _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return left, top, max(1, right - left), height
    first, low = int(columns[0]), int(rows[0])
    return left + first, top + low, int(columns[-1]) - first + 1, int(rows[-1]) - low + 1
