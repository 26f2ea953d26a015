"""Bubbles to fill and boxes to tick: an answer sheet may have more of them than words."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a bubble: a ring around a hole.

    square: of the hole's longer side, the other one at least. whole: of the rectangle around it, the hole at least.
    hole: pixels of its shorter side, at least. thick: times the hole's longer side, the ring's at most.
    """

    square: float = 0.8
    whole: float = 0.6
    hole: int = 9
    thick: float = 2.0


_LIMITS = _Limits()


def without_bubbles(text: Mask) -> Mask:
    """Print, uint8 (H, W), without its bubbles and what stands in them; all of it where there is nothing else."""
    out = text.copy()
    outlines, nested = cv2.findContours(text, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for k, hole in enumerate(outlines):
        ring = int(nested[0, k, 3])
        _, _, width, height = cv2.boundingRect(hole)
        shorter, longer = sorted((width, height))
        if ring < 0 or shorter < max(_LIMITS.hole, _LIMITS.square * longer):
            continue
        left, top, wide, high = cv2.boundingRect(outlines[ring])
        whole = cv2.contourArea(hole) >= _LIMITS.whole * width * height
        if whole and max(wide, high) <= _LIMITS.thick * longer:
            out[top : top + high, left : left + wide] = 0
    return out if out.any() else text
