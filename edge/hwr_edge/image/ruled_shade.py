"""Grey ruled lines taken out of a crop with the light that they let through, so that letters on them keep their own grey.

Where a line is black, nothing shows through it: `ruled_lines.ruled_line_pixels` says what of it is a letter's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components
from hwr_edge.image.pixels import PAPER, Grey, Mask
from hwr_edge.image.ruled_lines import clear_columns, course_of, thickness_of


@dataclass(frozen=True)
class ShadeLimits:
    """What counts as a grey line; parts of the paper's brightness, chosen on believable forms.

    black: a darker line hides what is under it. edge: a row of it that is brighter is paper.
    rest: what is brighter once the line is taken out is paper.
    soft: pixels of its soft edge. fewest, most: columns that show nothing but the line.
    alone: per cent of these that are no brighter than the line; in others a letter's foot may lie within it.
    """

    black: float = 0.25
    edge: float = 0.96
    rest: float = 0.84
    soft: int = 3
    fewest: int = 12
    most: int = 128
    alone: int = 75


LIMITS = ShadeLimits()


def without_grey_lines(grey: Grey, bands: Components) -> tuple[Grey, NDArray[np.bool_]]:
    """A crop without its grey level lines.

    Args:
        grey: uint8 (H, W), on white paper.
        bands: where lines run, as `find_ruled_line_bands` gives those of level ones.

    Returns:
        The crop, and which bands held a grey line, bool (bands,).
    """
    out, done = grey.copy(), np.zeros(len(bands.area), bool)
    inked = (grey < LIMITS.edge * PAPER).view(np.uint8)
    for k in range(1, len(bands.area)):
        x, y, width, height = (int(v[k]) for v in bands[1:5])
        here = np.s_[y : y + height, x : x + width]
        band = inked[here] & (bands.labels[here] == k).view(np.uint8)
        if thick := thickness_of(band):
            middle = y + np.round(course_of(band, thick)).astype(np.intp)
            done[k] = _divide(out, x, middle, thick, clear_columns(band, thick))
    return out, done


def _divide(
    grey: Grey, left: int, middle: NDArray[np.intp], thick: float, clear: Mask | NDArray[np.bool_]
) -> bool:
    """Divide a line's shade out of the crop, in place, where it is grey.

    middle: its row in each column from `left` on. clear: which of these show nothing but the line.
    """
    reach = int(np.ceil(thick / 2)) + LIMITS.soft
    rows = middle[:, None] + np.arange(-reach - 1, reach + 2)
    if np.count_nonzero(clear) < LIMITS.fewest:
        return False
    columns = np.broadcast_to(left + np.arange(len(middle))[:, None], rows.shape)
    inside = (rows >= 0) & (rows < len(grey))
    rows = np.clip(rows, 0, len(grey) - 1)
    strip = np.where(inside, grey[rows, columns], PAPER).astype(np.float32)
    beside = np.abs(np.arange(-reach - 1, reach + 2)) > thick / 2 + LIMITS.soft - 1
    bare = clear & (strip[:, beside] > LIMITS.rest * PAPER).all(axis=1)  # no letter above or below
    some = np.flatnonzero(bare if np.count_nonzero(bare) >= LIMITS.fewest else clear)
    seen = strip[some[:: -(-len(some) // LIMITS.most)]]
    through = np.percentile(seen, LIMITS.alone, axis=0) / PAPER
    if not LIMITS.black <= through.min() < LIMITS.edge:
        return False
    alone = np.minimum(strip / through, np.maximum(strip[:, :1], strip[:, -1:]))
    alone[alone > LIMITS.rest * PAPER] = PAPER
    line = inside & (through < LIMITS.edge)
    grey[rows[line], columns[line]] = alone[line]
    return True
