"""Which names were said and still lie there: a name is said once for each time it is laid down.

A paper is known by its ink: nudged, or partly covered by a hand, it is the same one. Missing from a
still view for a moment it was taken away, and may be laid down and said again; unless it then lies
where it lay, to the pixel: a hand had covered it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.preprocess import Canvas, preprocess

_INK = Canvas(24, 192)
_SHIFT = 5  # pixels of that by which two views of one line may differ
_SAME = 0.75  # likeness of two views of one line, whatever was read
_SAME_TEXT = 0.5  # where the same was read
_TAKEN = 0.35  # seconds that a name is missing in a still view
_COVERED = 3.0  # seconds that a hand may lie on a name
_DARK = 0.8  # of the paper's grey: less is ink
_STROKE = 0.3  # of a line's height: strokes are thinner
_NUDGED = 0.4  # of two boxes, what they have in common where one text was read in both
_IN_PLACE = 0.7  # of a line's ink that lies where ink lay before


@dataclass
class _Paper:
    text: str
    box: Box
    ink: Grey
    seen: Grey
    missing: float | None = None
    taken: bool = False


class Papers:
    """The papers whose names were said."""

    def __init__(self) -> None:
        self._said: list[_Paper] = []

    def look(self, lines: list[tuple[Box, Grey]], time: float) -> None:
        """Take note of what lies in a still view.

        Args:
            lines: box and crop of each located line.
            time: seconds, of the frame.
        """
        inks = [(box, ink_of(crop)) for box, crop in lines] if self._said else []
        for paper in self._said:
            if paper.taken:
                continue
            there = [(like(paper.ink, ink), box) for box, ink in inks]
            best = max((likeness for likeness, _ in there), default=0.0)
            beside = any(overlap(paper.box, other) > 0.5 for _, other in there)
            if best >= _SAME or (beside and best >= _SAME_TEXT):
                paper.missing = None
            elif paper.missing is None:
                paper.missing = time
            elif time - paper.missing >= _TAKEN:
                paper.taken = True
        self._said = [p for p in self._said if not p.taken or time - (p.missing or time) < _COVERED]

    def moved(self) -> None:
        """Something moves: what was missing for less than a moment may only have been covered."""
        for paper in self._said:
            if not paper.taken:
                paper.missing = None

    def cleared(self) -> None:
        """The table is seen as it was before anything lay there: all were taken away."""
        self._said = []

    def knows(self, text: str) -> bool:
        """Whether a name was said and may still lie there."""
        return any(paper.text == text for paper in self._said)

    def is_new(self, text: str, box: Box, crop: Grey, grey: Grey) -> bool:
        """Whether a settled name was laid down since it was last said; from then on it was said.

        Args:
            text: the name.
            box: of its line in `grey`.
            crop: uint8 (h, w), the line alone.
            grey: uint8 (H, W), the still view.
        """
        ink = ink_of(crop)
        for paper in self._said:
            in_place = _in_place(paper, box, grey)
            same = like(paper.ink, ink) >= (_SAME_TEXT if paper.text == text else _SAME)
            same |= paper.text == text and alike(paper.box, box) > _NUDGED
            if in_place or (same and not paper.taken):
                paper.missing, paper.taken = None, False
                if same:
                    paper.box, paper.seen = box, _part(grey, box).copy()
                return False
        # What is not in view beside a new name has made room for it.
        there = [paper for paper in self._said if paper.missing is None]
        self._said = [*there, _Paper(text, box, ink, _part(grey, box).copy())]
        return True


def ink_of(crop: Grey) -> Grey:
    """A line in little, uint8 (24, 192), by which it is known again."""
    return np.asarray(cv2.GaussianBlur(preprocess(crop, _INK), (0, 0), 1.0), np.uint8)


def like(one: Grey, other: Grey) -> float:
    """Likeness of two lines in little, at most 1: their correlation where they fit best."""
    height, width = one.shape
    part = other[_SHIFT // 2 : height - _SHIFT // 2, _SHIFT : width - _SHIFT]
    return float(cv2.matchTemplate(one, part, cv2.TM_CCOEFF_NORMED).max())


def overlap(one: Box, other: Box) -> float:
    """The common part of two boxes, by the smaller one's size, 0 to 1."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    least = min(one[2] * one[3], other[2] * other[3])
    return max(across, 0) * max(down, 0) / max(least, 1)


def alike(one: Box, other: Box) -> float:
    """The common part of two boxes, by all that they cover, 0 to 1."""
    common = overlap(one, other) * min(one[2] * one[3], other[2] * other[3])
    return common / max(one[2] * one[3] + other[2] * other[3] - common, 1)


def _in_place(paper: _Paper, box: Box, grey: Grey) -> bool:
    """Whether a line's ink lies where that paper's ink lay, what a hand covers aside."""
    ink, before = np.zeros(grey.shape, np.uint8), np.zeros(grey.shape, np.uint8)
    _part(ink, box)[:] = _dark(_part(grey, box))
    x, y, width, height = paper.box
    if _part(before, paper.box).shape != paper.seen.shape:
        return False  # the view has another size by now
    before[y : y + height, x : x + width] = _dark(paper.seen)
    common = cv2.countNonZero(cv2.min(ink, cv2.dilate(before, np.ones((3, 3), np.uint8))))
    return common > _IN_PLACE * max(cv2.countNonZero(ink), 1)


def _part(grey: Grey, box: Box) -> Grey:
    x, y, width, height = box
    return grey[y : y + height, x : x + width]


def _dark(seen: Grey) -> Grey:
    """Strokes, 1 where they are; what is as broad as a finger is none."""
    side = max(3, round(seen.shape[0] * _STROKE)) | 1
    paper = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(seen < _DARK * paper, np.uint8)
