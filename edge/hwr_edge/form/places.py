"""Rectangles of a form's image, and its print: what places to write in are looked for in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np

from hwr_edge.form.bubbles import without_bubbles
from hwr_edge.form.line_ends import to_their_ends
from hwr_edge.form.segments import Segments, dotted_lines, find_segments, is_print, steeper
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import (
    Components,
    closed,
    connected_components,
    dilated,
    opened,
)
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask


@dataclass(frozen=True)
class _Limits:
    """What on an empty form is a line, a box, a letter or a word; chosen on made forms (`make bench-forms`).

    Heights of the form's printed letters, unless they are parts of something named:

    least_wall: of a box's side, at least. least_line: of a line to write on, at least; piece: of a part of a broken one.
    space, between: between the words of a label, at most; between letters, at most.
    least_word: high is a word, at least.
    long, usual, least_letter: of the form's longer side: longer than any letter's stroke; a letter where there is
        none; and at least, as a bad scan breaks letters. highest: likewise, of the usual letters, at most.
    tall: of such letters, an upright line at least; closes: of a letter, a gap in a line at most.
    low, high, dense: usual letter heights of a word, at least and at most; part of the rectangle around it
        that is ink, at least.
    paper: per cent of the pixels that are no brighter.
    side, hole, full: pixels of a box's side, at least, between its lines' edges and within its ink; part of the rectangle around it that it fills.
    dot, grain: of white, and deviations of the paper's grain, that a dot is darker.
    speck: pixels; no letter is as low.
    most: per cent of the words that are no higher.
    corner: pixels before its corner, where LSD ends a line.
    """

    least_wall: float = 1.3
    least_line: float = 6.0
    piece: float = 3.0
    space: float = 1.5
    between: float = 0.3
    least_word: float = 0.5
    long: float = 0.03
    usual: float = 0.01
    least_letter: float = 0.006
    highest: float = 0.02
    tall: float = 1.2
    closes: float = 0.4
    low: float = 0.4
    high: float = 1.8
    dense: float = 0.4
    paper: int = 75
    side: int = 12
    hole: int = 9
    full: float = 0.92
    dot: float = 0.1
    grain: float = 4.0
    speck: int = 4
    most: int = 40
    corner: float = 3.0


_LIMITS = _Limits()
_MOST_COMMON = 0.5  # of the smaller of two places, or they are one


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

    def is_followed_by(self, other: Place, apart: float, differ: float) -> bool:
        """Whether the other is next to it on its right and as high: so many of its heights off at most."""
        near = -differ <= (other.left - self.right) / self.height <= apart
        off = max(abs(self.top - other.top), abs(self.low - other.low))
        return near and off <= differ * self.height


def place_of(box: Box) -> Place:
    """A box as a place."""
    return Place(box[0], box[1], box[0] + box[2], box[1] + box[3])


def around(places: Sequence[Place]) -> Place:
    """The place that holds places side by side, from the left."""
    tops, lows = [p.top for p in places], [p.low for p in places]
    return Place(places[0].left, min(tops), places[-1].right, max(lows))


def lie_on_each_other(one: Place, other: Place) -> bool:
    """Whether two places have more than half of the smaller one in common."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.low, other.low) - max(one.top, other.top)
    least = min(one.width * one.height, other.width * other.height)
    return min(wide, high) > 0 and wide * high > _MOST_COMMON * least


def without_overlaps(places: Sequence[Place]) -> list[Place]:
    """Of places that lie on each other the first, in their order."""
    kept: list[Place] = []
    for place in places:
        if not any(lie_on_each_other(place, other) for other in kept):
            kept.append(place)
    return kept


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


def print_of(small: Grey, filled: bool = False, larger: float = 1.0) -> Print:
    """What is printed on a flat form.

    Args:
        small: uint8 (H, W).
        filled: letters in cells may stand at the cells' lines.
        larger: times as large as it was scanned.
    """
    flat = flatten_light(small)
    ink, _ = ink_of(flat, _grain(flat))
    pale = pale_of(flat)
    segments = find_segments(steeper(small, larger))
    if not filled:
        walls = Segments([], segments.upright).drawn(
            ink.shape, _LIMITS.tall * _LIMITS.usual * max(ink.shape), 0
        )
        bare = ink & (1 - dilated(walls, 5, 5))  # a comb's thick sides are no letters
        segments = replace(segments, level=[s for s in segments.level if not is_print(s, bare)])
    long = segments.drawn(ink.shape, _LIMITS.long * max(ink.shape), _LIMITS.corner)
    dots = _dotted(ink, pale, _LIMITS.usual * max(ink.shape))
    text = ink & (1 - _hanging_together(ink, long | dots | _small_boxes(segments, ink)))
    letter = max(_letter(text), _LIMITS.least_letter * max(ink.shape))
    tall = opened(ink, 1, round(_LIMITS.least_wall * letter))
    level = opened(ink, round(_LIMITS.least_line * letter), 1)
    drawn = segments.drawn(ink.shape, _LIMITS.least_wall * letter, _LIMITS.corner)
    walls = closed(level | tall | drawn, 3, 3)
    lines = _lines(segments, ink, pale, letter)
    text &= 1 - _hanging_together(
        text, opened(walls | lines, round(_LIMITS.least_line * letter), 1)
    )
    paper = float(np.percentile(small, _LIMITS.paper))
    return Print(small, paper, ink, text, segments, walls, lines, letter, _words(text, letter))


def _small_boxes(segments: Segments, ink: Mask) -> Mask:
    """The outlines of boxes to tick, and of comb cells, uint8 (H, W): rectangles as no letter has in it."""
    walls = dilated(segments.drawn(ink.shape, _LIMITS.side / 2, _LIMITS.corner), 3, 3)
    thick = dilated(_rectangles(ink, _LIMITS.hole), 7, 7) & ink
    return dilated(_rectangles(walls, _LIMITS.side), 7, 7) & walls | thick


def _rectangles(walls: Mask, side: int) -> Mask:
    """The small rectangles that walls close in, uint8 (H, W), with sides of so many pixels at least."""
    found = components_of(1 - walls)
    full = found.area >= _LIMITS.full * found.width * found.height
    small = np.maximum(found.width, found.height) <= _LIMITS.long * max(walls.shape)
    return found.mask_of(full & small & (np.minimum(found.width, found.height) >= side))


def _letter(text: Mask) -> float:
    """How high capitals are: as most words are, a short one counting as much as a long one."""
    text = without_bubbles(text)
    found = connected_components(text)
    tall = found.height[1:][
        (found.height[1:] >= _LIMITS.speck) & (found.width[1:] >= _LIMITS.speck / 2)
    ]
    words = _words(text, float(np.median(tall))) if len(tall) else []
    most = _LIMITS.highest * max(text.shape)
    high = [word.height for word in words if word.height <= most]  # higher ones are a comb's cells
    return float(np.percentile(high, _LIMITS.most)) if high else 12.0


def _hanging_together(ink: Mask, long: Mask) -> Mask:
    """The ink of boxes and combs: what hangs together with a long line, and is no word."""
    found = connected_components(ink | long)
    met = np.zeros(len(found.area), bool)
    met[found.labels[long > 0]] = True
    letter = _LIMITS.usual * max(ink.shape)
    word = (found.height >= _LIMITS.low * letter) & (found.height <= _LIMITS.high * letter)
    inked = np.bincount(found.labels[ink > 0], minlength=len(met))
    word &= inked >= _LIMITS.dense * found.width * found.height
    return found.mask_of(met & ~word)


def words_of(page: Print) -> list[Place]:
    """Where single words stand."""
    return _words(page.text, page.letter, _LIMITS.between)


def _words(text: Mask, letter: float, space: float = _LIMITS.space) -> list[Place]:
    """Where words stand, those of a line together."""
    joined = connected_components(closed(text, round(space * letter) | 1, 1))
    high = joined.height >= _LIMITS.least_word * letter
    return [part_of(joined, int(k)) for k in np.flatnonzero(high) if k]


def _grain(flat: Grey) -> float:
    """One standard deviation of the paper's grain, grey levels: of what differs from its neighbours, shaded or not."""
    off = cv2.absdiff(flat, cv2.medianBlur(flat, 5))
    return max(0.5, 1.48 * float(np.median(off)))


def pale_of(flat: Grey) -> Mask:
    """Whatever is darker than the paper's grain, uint8 (H, W): dots are, of which a low scan leaves little."""
    darker = max(_LIMITS.dot * PAPER, _LIMITS.grain * _grain(flat))
    return (flat < float(np.median(flat)) - darker).view(np.uint8)


def _dotted(ink: Mask, pale: Mask, letter: float) -> Mask:
    """Rows of dots: pale ones run together in a sharp scan, dark ones are lost in a low one."""
    return dotted_lines(pale, letter) | dotted_lines(ink, letter)


def _lines(segments: Segments, ink: Mask, pale: Mask, letter: float) -> Mask:
    level = Segments(segments.level, []).drawn(pale.shape, letter, 1)
    whole = closed(level, round(_LIMITS.closes * letter) | 1, 3) | _dotted(ink, pale, letter)
    pieces = opened(closed(whole, 1, 3), round(_LIMITS.piece * letter), 1)
    lines = closed(to_their_ends(pieces, pale, letter), 1, 3)
    return opened(lines, round(_LIMITS.least_line * letter), 1)


def components_of(free: Mask) -> Components:
    """The places without walls; corners part them."""
    return connected_components(free, connectivity=4)
