"""The printed words of an empty form that its copies are compared by: dark ones on paper, and light ones on bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, Print, part_of
from hwr_edge.image.morphology import closed, connected_components, dilated, opened
from hwr_edge.image.pixels import Box, Mask


@dataclass(frozen=True)
class _Limits:
    """What is compared; chosen by `make bench-forms`.

    Heights of the form's printed letters, unless they are parts of something named.

    between: from one letter to the next of a word or of a few, at most.
    low, high: of a word; wide: at least, and of its own height.
    long: of what is compared at once: more is parted where its widest gap is.
    bar: thick is what light words stand on; its edge, where none do.
    darker: times as bright as the shade that it stands on is a letter, at most.
    """

    between: float = 0.5
    low: float = 0.45
    high: float = 4.0
    wide: float = 1.5
    long: float = 8.0
    bar: float = 0.9
    edge: float = 0.15
    darker: float = 0.7


_LIMITS = _Limits()


class PrintedWord(NamedTuple):
    """A word's box, pixels, and whether it is light on dark."""

    box: Box
    light: bool


def printed_words(page: Print) -> list[PrintedWord]:
    """The words of a form that copies are compared by, a long phrase in parts."""
    text = page.text | _on_shade(page)
    dark = [PrintedWord(box, False) for box in _words(text, page.letter)]
    return dark + [PrintedWord(box, True) for box in _words(_light(page), page.letter)]


def _on_shade(page: Print) -> Mask:
    """The dark letters in shaded places, uint8 (H, W), which are ink all over."""
    side = round(page.letter) | 1
    shaded = opened(closed(page.ink, 3, 3), side, side)
    around = cv2.dilate(page.grey, np.ones((side, side), np.uint8))
    darker = (page.grey < _LIMITS.darker * around).view(np.uint8)
    lines = opened(darker, 3 * side, 1) | opened(darker, 1, 2 * side)
    return darker & shaded & (1 - dilated(lines, 3, 3))


def _light(page: Print) -> Mask:
    """The light letters on dark bars, uint8 (H, W)."""
    thick = max(3, round(_LIMITS.bar * page.letter))
    solid = opened(page.ink, round(3 * thick), max(3, round(_LIMITS.edge * page.letter)))
    bars = opened(closed(solid, thick, thick), thick, 2 * thick)
    edge = 2 * max(1, round(_LIMITS.edge * page.letter)) + 1
    inner = 1 - dilated(1 - bars, edge, edge)
    return inner & (1 - page.ink)


def _words(text: Mask, letter: float) -> Iterator[Box]:
    joined = connected_components(closed(text, round(_LIMITS.between * letter) | 1, 1))
    least, most = _LIMITS.low * letter, _LIMITS.high * letter
    for k in np.flatnonzero((joined.height >= least) & (joined.height <= most)):
        # a box to tick is as high as wide
        if k and joined.width[k] >= _LIMITS.wide * max(letter, joined.height[k]):
            place = part_of(joined, int(k))
            yield from _parted(text, place, _LIMITS.long * max(letter, place.height))


def _parted(text: Mask, place: Place, long: float) -> Iterator[Box]:
    """A phrase's parts, none longer unless it has no gap."""
    left, top, right, low = (int(v) for v in place)
    if right - left > long:
        gap, wide = _widest_gap(np.atleast_1d(text[top:low, left:right].any(axis=0)))
        if wide:
            yield from _parted(text, place._replace(right=left + gap), long)
            yield from _parted(text, place._replace(left=left + gap + wide), long)
            return
    yield left, top, right - left, low - top


def _widest_gap(inked: NDArray[np.bool_]) -> tuple[int, int]:
    """The first column and the width of the widest gap in the middle half; the width is 0 where there is none."""
    at = np.flatnonzero(inked)
    gaps = np.diff(at) - 1
    middle = (at[:-1] > len(inked) / 4) & (at[:-1] < 3 * len(inked) / 4)
    if not (gaps * middle).any():
        return 0, 0
    k = int((gaps * middle).argmax())
    return int(at[k]) + 1, int(gaps[k])
