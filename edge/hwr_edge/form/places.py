"""Rectangles of a form's image, and its print: what places to write in are looked for in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from hwr_edge.form.segments import Segments, dotted_lines, find_segments, is_print
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import (
    Components,
    closed,
    connected_components,
    dilated,
    opened,
)
from hwr_edge.image.pixels import Box, Grey, Mask

# Heights of the form's printed letters, unless they are parts of something named.
_LEAST_WALL = 1.3  # of a box
_LEAST_LINE = 6.0  # of a line to write on
_SPACE, _BETWEEN = 1.5, 0.3  # between the words of a label, at most; between letters
_LEAST_WORD = 0.5  # high is a word
_LONG, _USUAL = 0.03, 0.01  # of the form's longer side: longer than any letter's stroke; a letter
# Usual letter heights of a word, at least and at most; of the rectangle around it, that is ink.
_LOW, _HIGH, _DENSE = 0.4, 1.8, 0.4
_PAPER = 75  # per cent of the pixels are no brighter
_SIDE, _FULL = 12, 0.92  # pixels of a box, at least; of the rectangle around it, that it is
_SPECK = 4  # pixels: no letter is as low
_MOST = 40  # per cent of the words are no higher
_CORNER = 3.0  # pixels: LSD ends a line before its corner


class Place(NamedTuple):
    """A rectangle, pixels; right and low are beyond it."""

    left: float
    top: float
    right: float
    low: float

    @property
    def width(self) -> float:
        """Pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels."""
        return self.low - self.top

    def grown(self, by: float) -> Place:
        """With so many pixels more on all sides."""
        return Place(self.left - by, self.top - by, self.right + by, self.low + by)

    def overlaps(self, other: Place) -> bool:
        """Whether both have a point in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.low and other.top < self.low

    def goes_on_in(self, other: Place, apart: float, alike: float) -> bool:
        """Whether the other is next to it on its right and as high: so many of its heights off at most."""
        near = -alike <= (other.left - self.right) / self.height <= apart
        off = max(abs(self.top - other.top), abs(self.low - other.low))
        return near and off <= alike * self.height


def place_of(box: Box) -> Place:
    """A box as a place."""
    return Place(box[0], box[1], box[0] + box[2], box[1] + box[3])


def part_of(found: Components, k: int) -> Place:
    """A component's place."""
    left, top = int(found.left[k]), int(found.top[k])
    return Place(left, top, left + int(found.width[k]), top + int(found.height[k]))


@dataclass(frozen=True)
class Print:
    """What is printed on an empty form.

    grey: uint8 (H, W), as it was scanned.
    paper: grey level of its paper.
    ink: uint8 (H, W), all that is printed.
    text: its ink without that of lines and boxes, and of what hangs together with them.
    walls: the lines, boxes and edges of shaded places alone.
    lines: those of them that are level and as long as a line to write on, dotted ones too.
    letter: how high letters are, pixels.
    words: where its labels stand.
    """

    grey: Grey
    paper: float
    ink: Mask
    text: Mask
    segments: Segments
    walls: Mask
    lines: Mask
    letter: float
    words: list[Place]


def print_of(small: Grey) -> Print:
    """What is printed on a flat form, uint8 (H, W)."""
    ink, _ = ink_of(flatten_light(small))
    segments = find_segments(small)
    segments = replace(segments, level=[s for s in segments.level if not is_print(s, ink)])
    long = segments.drawn(ink.shape, _LONG * max(ink.shape), _CORNER)
    dots = dotted_lines(ink, _USUAL * max(ink.shape))
    text = ink & (1 - _hanging_together(ink, long | dots | _small_boxes(segments, ink.shape)))
    letter = _letter(text)
    tall = opened(ink, 1, round(_LEAST_WALL * letter))
    level = opened(ink, round(_LEAST_LINE * letter), 1)
    drawn = segments.drawn(ink.shape, _LEAST_WALL * letter, _CORNER)
    walls = closed(level | tall | drawn, 3, 3)
    lines = _lines(segments, ink, letter)
    text &= 1 - _hanging_together(text, opened(walls | lines, round(_LEAST_LINE * letter), 1))
    paper = float(np.percentile(small, _PAPER))
    return Print(small, paper, ink, text, segments, walls, lines, letter, _words(text, letter))


def _small_boxes(segments: Segments, shape: tuple[int, ...]) -> Mask:
    """The outlines of boxes to tick, and of comb cells, uint8 (H, W): rectangles as no letter has in it."""
    walls = dilated(segments.drawn(shape, _SIDE / 2, _CORNER), 3, 3)
    found = components_of(1 - walls)
    full = found.area >= _FULL * found.width * found.height
    small = np.maximum(found.width, found.height) <= _LONG * max(shape)
    inside = found.mask_of(full & small & (np.minimum(found.width, found.height) >= _SIDE))
    return dilated(inside, 7, 7) & walls


def _letter(text: Mask) -> float:
    """How high capitals are: as most words are, a short one counting as much as a long one."""
    found = connected_components(text)
    tall = found.height[1:][(found.height[1:] >= _SPECK) & (found.width[1:] >= _SPECK / 2)]
    words = _words(text, float(np.median(tall))) if len(tall) else []
    return float(np.percentile([word.height for word in words], _MOST)) if words else 12.0


def _hanging_together(ink: Mask, long: Mask) -> Mask:
    """The ink of boxes and combs: what hangs together with a long line, and is no word."""
    found = connected_components(ink | long)
    met = np.zeros(len(found.area), bool)
    met[found.labels[long > 0]] = True
    letter = _USUAL * max(ink.shape)
    word = (found.height >= _LOW * letter) & (found.height <= _HIGH * letter)
    inked = np.bincount(found.labels[ink > 0], minlength=len(met))
    word &= inked >= _DENSE * found.width * found.height
    return found.mask_of(met & ~word)


def words_of(page: Print) -> list[Place]:
    """Where single words stand."""
    return _words(page.text, page.letter, _BETWEEN)


def _words(text: Mask, letter: float, space: float = _SPACE) -> list[Place]:
    """Where words stand, those of a line together."""
    joined = connected_components(closed(text, round(space * letter) | 1, 1))
    high = joined.height >= _LEAST_WORD * letter
    return [part_of(joined, int(k)) for k in np.flatnonzero(high) if k]


def _lines(segments: Segments, ink: Mask, letter: float) -> Mask:
    level = Segments(segments.level, []).drawn(ink.shape, letter, 1)
    every = closed(level | dotted_lines(ink, letter), 1, 3)
    return opened(closed(every, round(letter) | 1, 1), round(_LEAST_LINE * letter), 1)


def components_of(free: Mask) -> Components:
    """The places without walls; corners part them."""
    return connected_components(free, connectivity=4)
