"""Tinted paper: fields and table heads that are shaded, on which ink is as dark as beside them.

The light that falls on a page changes slowly, a tint ends at once. So it is told by what no stroke is: pale, and thick.
A grey-level closing fills the strokes, and leaves the tint with its edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.image.morphology import closed, opened
from hwr_edge.image.pixels import PAPER, Grey, Mask


@dataclass(frozen=True)
class _Limits:
    """What is a tint; chosen on made pages.

    Parts of the page's longer side:

    stroke: no stroke of a page of writing is as thick.
    high, wide: of a tint, at least; a large letter's strokes are not as wide.

    least: pixels of the page's longer side, or its letters are as large as tints: a copy is smaller where letters are large.
    pale: of the paper's brightness, from and to.
    edge: pixels around a tint that may be its edge.
    """

    stroke: float = 0.0125
    high: float = 0.02
    wide: float = 0.1
    least: int = 800
    pale: tuple[float, float] = (0.6, 0.96)
    edge: int = 3


_LIMITS = _Limits()


def with_tints(paper: Grey, flat: Grey) -> Grey:
    """How bright the paper is where tints are, too, uint8 (H, W); `paper` itself where there is none.

    Args:
        paper: uint8 (H, W), how bright it is by the light that falls.
        flat: uint8 (H, W), the page by that light.
    """
    if max(flat.shape) < _LIMITS.least:
        return paper
    half = cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if not _tinted(np.asarray(half, np.uint8))[1].any():
        return paper
    smooth = cv2.blur(flat, (_LIMITS.edge, _LIMITS.edge))
    ground, tinted = _tinted(np.asarray(smooth, np.uint8))
    ground[tinted == 0] = PAPER
    around = cv2.erode(ground, np.ones((_LIMITS.edge, _LIMITS.edge), np.uint8))
    return np.asarray(cv2.multiply(paper, around, scale=1 / PAPER), np.uint8)


def _tinted(flat: Grey) -> tuple[Grey, Mask]:
    """A page without its strokes, and where that is tinted."""
    side = max(3, round(_LIMITS.stroke * max(flat.shape))) | 1
    ground = closed(flat, side, side)
    least, most = (round(part * PAPER) for part in _LIMITS.pale)
    pale = ((ground >= least) & (ground <= most)).view(np.uint8)
    wide, high = (round(part * max(flat.shape)) for part in (_LIMITS.wide, _LIMITS.high))
    return ground, opened(pale, max(1, wide), max(1, high))
