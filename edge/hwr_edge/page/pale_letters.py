"""Pale letters: what is no darker than a stain by itself, but stands in a row with ink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components


@dataclass(frozen=True)
class PaleLimits:
    """What counts as a pale letter beside ink, in letter heights; chosen on filled believable forms.

    least, most: how high it is. widest: how wide, at most.
    neighbour: how high the ink beside it is, at least. beside: how far away, at most.
    same_row: of its height, that it has in common with that ink.
    most_pale: more pale components are the grain of the paper.
    """

    least: float = 0.35
    most: float = 2.0
    widest: float = 2.5
    neighbour: float = 0.45
    beside: float = 0.7
    same_row: float = 0.5
    most_pale: int = 300


LIMITS = PaleLimits()


def pale_letters(found: Components, dark: NDArray[np.bool_], letter: float) -> NDArray[np.bool_]:
    """Which pale components of ink are letters of a line whose other letters are dark, bool (components,).

    Args:
        found, dark: as `components_of_ink` gives them.
        letter: how high letters are, pixels.
    """
    is_letter = np.zeros(len(found.area), np.bool_)
    high, wide = found.height / letter, found.width / letter
    pale = ~dark & (high >= LIMITS.least) & (high <= LIMITS.most) & (wide <= LIMITS.widest)
    pale[0] = False
    some, ink = np.flatnonzero(pale), np.flatnonzero(dark & (high >= LIMITS.neighbour))
    if not 0 < len(some) <= LIMITS.most_pale:
        return is_letter
    left, top = (values[some][:, None] for values in (found.left, found.top))
    right, low = left + found.width[some][:, None], top + found.height[some][:, None]
    gap = np.maximum(found.left[ink] - right, left - (found.left + found.width)[ink])
    common = np.minimum((found.top + found.height)[ink], low) - np.maximum(found.top[ink], top)
    beside = (gap <= LIMITS.beside * letter) & (common >= LIMITS.same_row * (low - top))
    is_letter[some[beside.any(axis=1)]] = True
    return is_letter
