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
    low, high: of a word; title: of a title's letters, beside usual ones.
    wide: of a word and of a bar, at least, and of its own height.
    long: of what is compared at once: more is parted where its widest gap is.
    line, side: of a level line, and of an upright one that meets it, at least; thick: of both, at most.
    tall: is a bar that light words stand on, at least; edge: of it, where none do.
    full, solid: of the rectangle around a bar, that its outline fills, and that is ink; dark: of the paper's brightness.
    darker: times as bright as the shade that it stands on is a letter, at most.
    """

    between: float = 0.5
    low: float = 0.45
    high: float = 2.0
    title: float = 3.0
    wide: float = 1.5
    long: float = 8.0
    line: float = 3.0
    side: float = 1.2
    thick: float = 0.4
    tall: float = 1.2
    edge: float = 0.2
    full: float = 0.85
    solid: float = 0.5
    dark: float = 0.6
    darker: float = 0.7


_LIMITS = _Limits()


class PrintedWord(NamedTuple):
    """A word's box, pixels, and whether it is light on dark."""

    box: Box
    light: bool


def printed_words(page: Print) -> list[PrintedWord]:
    """The words of a form that copies are compared by, a long phrase in parts."""
    side = round(page.letter) | 1
    bars = _bars(page)
    bare = page.ink & (1 - dilated(bars, 3, 3))
    shade = opened(closed(bare, 3, 3), side, side)
    plain = bare & (1 - dilated(shade, 3, 3))
    text = without_lines(plain, page.letter) | without_lines(_on_shade(page, shade), page.letter)
    edge = 2 * round(_LIMITS.edge * page.letter) + 1
    light = (1 - dilated(1 - bars, edge, edge)) & (1 - page.ink)
    dark = [PrintedWord(box, False) for box in _words(text, page.letter)]
    return dark + [PrintedWord(box, True) for box in _words(light, page.letter)]


def _on_shade(page: Print, shade: Mask) -> Mask:
    """The dark letters in shaded places, uint8 (H, W)."""
    side = round(page.letter) | 1
    around = cv2.dilate(page.grey, np.ones((side, side), np.uint8))
    return (page.grey < _LIMITS.darker * around).view(np.uint8) & shade


def without_lines(ink: Mask, letter: float) -> Mask:
    """Ink without thin level lines, and without thin upright ones that meet them; a letter that touches one is cut."""
    thick = round(_LIMITS.thick * letter) | 1
    level = opened(ink, round(_LIMITS.line * letter), 1)
    level = dilated(level & (1 - opened(level, 1, thick)), 3, 3)
    thin = ink & (1 - opened(ink, thick, 1))
    upright = connected_components(opened(thin, 1, round(_LIMITS.side * letter)))
    met = np.zeros(len(upright.area), bool)
    met[upright.labels[dilated(level, 1, 3) > 0]] = True
    met |= upright.height > _LIMITS.title * letter
    met[0] = False
    return ink & (1 - level) & (1 - dilated(upright.mask_of(met), 3, 3))


def _bars(page: Print) -> Mask:
    """The dark bars that light letters stand on, with the letters, uint8 (H, W)."""
    bars: Mask = np.zeros(page.ink.shape, np.uint8)
    edge = max(3, round(_LIMITS.edge * page.letter))
    solid = opened(page.ink, edge, edge)
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        own = solid[y : y + height, x : x + width]
        filled = cv2.contourArea(outline) >= _LIMITS.full * width * height
        if height < _LIMITS.tall * page.letter or width < _LIMITS.wide * height or not filled:
            continue
        shade = np.median(page.grey[y : y + height, x : x + width][own > 0])
        if own.mean() >= _LIMITS.solid and shade < _LIMITS.dark * page.paper:
            cv2.drawContours(bars, [outline], -1, (1,), cv2.FILLED)
    return bars


def _words(text: Mask, letter: float) -> Iterator[Box]:
    """The words of letters as high as usual, and of titles' higher ones, which stand farther apart."""
    for size in (letter, _LIMITS.title * letter):
        joined = connected_components(closed(text, round(_LIMITS.between * size) | 1, 1))
        is_word = (joined.height >= _LIMITS.low * size) & (joined.height <= _LIMITS.high * size)
        # a box to tick is as high as wide
        is_word &= joined.width >= _LIMITS.wide * np.maximum(size, joined.height)
        for k in np.flatnonzero(is_word):
            if k:
                place = part_of(joined, int(k))
                yield from _parted(text, place, _LIMITS.long * max(size, place.height))
        text = text & joined.mask_of(~is_word)


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
