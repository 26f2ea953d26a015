"""Which lines of a page are handwriting, told by how each looks beside the others.

A logistic regression decides. `hwr_train.line_kinds.among` fits it on forms and class lists; the card of the model
that tells print from handwriting has its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.ink import stroke_width
from hwr_edge.image.pixels import PAPER, Grey

_DARK = 140  # grey level on white paper: what is darker is the middle of a stroke
_OTHERS = (
    5  # so many lines of the page, those that look most like handwriting, speak for the others
)
_SURE = (1.0, 3.0, 6.0)  # log odds that count as certain, of those
_PRINT = -1.0  # log odds: lower ones are print, which the other lines are compared with
_FEW = 3  # lines of print; less are compared with nothing
_MOST = 14.0  # log odds, the highest that count
_KNOWN = 0.3  # share of letters that recur, where nothing is known of them
_LITTLE = 2, 8  # letters, of a line and of all that look written, that count as knowing nothing
_CHANCE = 0.4  # share of a hand's letters that may look alike
FEATURES = 11
"""How many numbers `features` gives for a line."""


@dataclass(frozen=True)
class Look:
    """How a line looks.

    odds: log odds that it is handwriting, of each of its windows; none of an empty line.
    letter: how high its letters are, pixels of the image.
    wide: times as wide as high.
    stroke: how thick its strokes are, pixels.
    dark: grey level of its strokes, on white paper.
    apart, recur: how many of its letters stand apart, and recur on the page (`recurrence.recurring`).
    """

    odds: tuple[float, ...]
    letter: float
    wide: float
    stroke: float
    dark: float
    apart: int = 0
    recur: int = 0


@dataclass(frozen=True)
class Weights:
    """Of the regression: log odds that a line is handwriting are bias + each · features. None: a line's own odds."""

    bias: float = 0.0
    each: Sequence[float] = ()


def look(crop: Grey, odds: Sequence[float], letter: float, wide: float) -> Look:
    """How a line's crop, uint8 (H, W) as `Line.crop`, looks; the others as in `Look`."""
    ink = cv2.threshold(crop, _DARK - 1, 1, cv2.THRESH_BINARY_INV)[1]
    dark = float(np.median(crop[ink > 0])) if ink.any() else float(PAPER)
    within = tuple(float(np.clip(v, -_MOST, _MOST)) for v in odds)
    return Look(within, letter, wide, stroke_width(np.asarray(ink, np.uint8)), dark)


def features(looks: Sequence[Look]) -> NDArray[np.float64]:
    """What the regression knows of the lines of a page, float (lines, FEATURES).

    Its own odds, the highest and the mean; how sure the most written other lines are, and what all of them are on
    average; its letters' height, its strokes' thickness and darkness beside those of the page's print; its shape; which share of
    its letters recurs where others look written whose letters recur, too: print in a font like a hand.
    """
    own = np.array([max(one.odds, default=-_MOST) for one in looks])
    mean = [float(np.mean(one.odds)) if one.odds else -_MOST for one in looks]
    shape = np.array([(one.letter, one.stroke, one.dark, one.wide) for one in looks]).reshape(-1, 4)
    printed = own < _PRINT
    like = np.median(shape[printed if printed.sum() >= _FEW else own < np.inf], axis=0)
    letter, stroke = (np.log(np.maximum(shape[:, k], 0.3) / max(like[k], 0.3)) for k in (0, 1))
    dark, wide = (shape[:, 2] - like[2]) / 50, np.log(np.maximum(shape[:, 3], 0.1))
    beside = [_beside(np.delete(own, k)) for k in range(len(own))]
    like_a_hand = _recurrence(looks, own) * np.array([sure for _, sure, *_ in beside])
    return np.column_stack([own, mean, np.array(beside), letter, stroke, dark, wide, like_a_hand])


def _recurrence(looks: Sequence[Look], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each line's letters that recurs, times that share of all that look written, beyond chance."""
    apart, recur = (np.array([getattr(one, of) for one in looks]) for of in ("apart", "recur"))
    line, page = _LITTLE
    written = own > 0
    of_page = (recur[written].sum() + page * _KNOWN) / (apart[written].sum() + page)
    share = (recur + line * _KNOWN) / (apart + line)
    return np.asarray(share * max(0.0, of_page - _CHANCE), np.float64)


def _beside(others: NDArray[np.float64]) -> list[float]:
    """What the other lines of a page say: where they are few, each line speaks for itself."""
    most = np.sort(others)[::-1][:_OTHERS]
    likely = [
        float(np.concatenate([np.clip(most, 0, sure), np.full(_OTHERS - len(most), sure)]).mean())
        / sure
        for sure in _SURE
    ]
    return [*likely, float(np.clip(others, -3, 3).mean()) if len(others) else 0.0]


def handwriting_among(looks: Sequence[Look], least: float, weights: Weights) -> list[bool]:
    """Which lines of a page are handwriting.

    Args:
        looks: of all its lines.
        least: the log odds from which a line by itself is.
        weights: of the regression.
    """
    if not looks:
        return []
    known = features(looks)
    if len(looks) == 1 or not weights.each:
        return [bool(own >= least) for own in known[:, 0]]
    return [bool(odds >= 0) for odds in weights.bias + known @ np.array(weights.each)]
