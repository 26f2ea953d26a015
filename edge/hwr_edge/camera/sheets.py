"""Papers in a small view, quickly: bright, even, and about rectangular, also where fingers lie over an edge.

`page.find_sheets` wants edges that nothing covers; a card that is held has none such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey

Hull = NDArray[np.float32]
"""Corners of a convex outline, float32 (N, 2), x and y in pixels of the view."""


@dataclass(frozen=True)
class PaperLimits:
    """When a bright outline in a view is a paper; chosen on made films (`make bench-camera`).

    ink: pixels; strokes are narrower.
    levels: of the brightest in view, tried as the darkest of the paper.
    least: of the view's area.
    full: of its hull that is bright.
    square: of the rectangle around it that the hull fills: more than an ellipse does.
    even: of its mean brightness that paper varies by (standard deviation).
    brighter: of its mean brightness that it is brighter than what is around it.
    whole: of the view: nothing is around it.
    larger: the power of its area by which a larger outline is preferred.
    same: of the smaller of two outlines that they share, where one of them is left out.
    darker: of the paper's brightness that ink is darker than what is around it.
    strokes: pixels of ink that may be writing.
    notch: pixels that a notch in an outline is deep.
    notches: the deepest so many are tried.
    """

    ink: int = 7
    levels: tuple[float, ...] = (0.965, 0.935, 0.9, 0.86, 0.8, 0.71, 0.58)
    least: float = 0.008
    full: float = 0.82
    square: float = 0.82
    even: float = 0.16
    brighter: float = 0.08
    whole: float = 0.9
    same: float = 0.6
    larger: float = 0.12
    darker: float = 0.09
    strokes: int = 8
    notch: int = 6
    notches: int = 5


_LIMITS = PaperLimits()


def papers_in(view: Grey, limits: PaperLimits = _LIMITS) -> list[Hull]:
    """The outlines of papers, the most even first.

    Args:
        view: uint8 (h, w), some 320 pixels wide.
    """
    kernel = np.ones((limits.ink, limits.ink), np.uint8)
    filled = np.asarray(cv2.morphologyEx(view, cv2.MORPH_CLOSE, kernel), np.uint8)
    high = float(np.percentile(filled[::4, ::4], 99))
    found: list[tuple[float, Hull]] = []
    others = np.ones(view.shape, np.uint8)
    for level in limits.levels:
        bright = np.asarray(cv2.threshold(filled, level * high, 1, cv2.THRESH_BINARY)[1], np.uint8)
        here = [*_paper_candidates(filled, bright, limits)]
        if found:  # what lies against a brighter thing
            here += _paper_candidates(filled, np.asarray(cv2.min(bright, others), np.uint8), limits)
        for _, hull in here:
            cv2.fillConvexPoly(others, np.round(hull).astype(np.int32), [0])
            cv2.polylines(others, [np.round(hull).astype(np.int32)], True, [0], limits.ink)
        found += here
    kept: list[Hull] = []
    for _, hull in sorted(found, key=lambda one: -one[0]):
        if all(overlap(hull, other) < limits.same for other in kept):
            kept.append(hull)
    return kept


def _paper_candidates(
    filled: Grey, bright: Grey, limits: PaperLimits
) -> Iterator[tuple[float, Hull]]:
    """The bright parts that may be paper, with a score of each."""
    for whole in cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        for contour in _parts(whole, limits.least * filled.size, limits):
            hull = cv2.convexHull(contour)
            around = cv2.contourArea(hull)
            full = cv2.contourArea(contour) / max(around, 1.0)
            if around > limits.whole * filled.size or full < limits.full:
                continue
            _, sides, _ = cv2.minAreaRect(hull)
            square = around / max(sides[0] * sides[1], 1.0)
            rate = _stands_out(filled, hull, limits) if square >= limits.square else 0.0
            if rate > 0:
                rate *= square * full * around**limits.larger
                yield rate, hull.reshape(-1, 2).astype(np.float32)


def _parts(contour: NDArray[Any], least: float, limits: PaperLimits) -> list[NDArray[Any]]:
    """A contour, and what it falls into, cut from one deep notch to another.

    So a paper is parted from a thing as bright that it lies against.
    """
    if cv2.contourArea(contour) < least:
        return []
    notches = _notches(contour, limits)
    parts = [contour]
    for k, one in enumerate(notches):
        for other in notches[k + 1 :]:
            first, last = min(one, other), max(one, other)
            parts += [
                contour[first : last + 1],
                np.concatenate([contour[last:], contour[: first + 1]]),
            ]
    return [part for part in parts if len(part) > 2 and cv2.contourArea(part) >= least]


def _notches(contour: NDArray[Any], limits: PaperLimits) -> list[int]:
    """Places of a contour's deepest points between the corners of its hull, the deepest first."""
    hull = cv2.convexHull(contour, returnPoints=False)
    try:
        found = cv2.convexityDefects(contour, np.sort(hull, axis=0)[::-1])
    except cv2.error:  # a contour that touches itself
        return []
    if found is None:
        return []
    deep = [
        (depth, place) for _, _, place, depth in found.reshape(-1, 4) if depth >= 256 * limits.notch
    ]
    return [int(place) for _, place in sorted(deep, reverse=True)[: limits.notches]]


def _stands_out(filled: Grey, hull: NDArray[Any], limits: PaperLimits) -> float:
    """How even a part is, and brighter than what is around it; 0 where it is no paper."""
    x, y, width, height = cv2.boundingRect(hull)
    room = limits.ink
    x0, y0 = max(0, x - room), max(0, y - room)
    part = filled[y0 : y + height + room, x0 : x + width + room]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(inside, hull - (x0, y0), [1])
    core = cv2.erode(inside, np.ones((3, 3), np.uint8))
    mean, spread = (float(v[0, 0]) for v in cv2.meanStdDev(part, mask=core))
    ring = cv2.dilate(inside, np.ones((room, room), np.uint8)) - inside
    beside = cv2.mean(part, ring)[0] if ring.any() else mean
    if spread > limits.even * mean or mean - beside < limits.brighter * mean:
        return 0.0
    return 1.0 - spread / mean


def ink_in(view: Grey, hull: Hull, limits: PaperLimits = _LIMITS) -> int:
    """Pixels of what may be writing on a paper, darker than what is around them; 0 where they are too few."""
    x, y, width, height = cv2.boundingRect(hull)
    x, y = max(x, 0), max(y, 0)
    part = view[y : y + height, x : x + width]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.round(hull - (x, y)).astype(np.int32), [1])
    inside = np.asarray(cv2.erode(inside, np.ones((limits.ink, limits.ink), np.uint8)), np.uint8)
    kernel = np.ones((limits.ink, limits.ink), np.uint8)
    darker = cv2.morphologyEx(part, cv2.MORPH_BLACKHAT, kernel)
    least = max(limits.darker * cv2.mean(part, inside)[0], 1.0)
    strokes = cv2.threshold(darker, least, 1, cv2.THRESH_BINARY)[1]
    pixels = cv2.countNonZero(cv2.min(np.asarray(strokes, np.uint8), inside))
    return pixels if pixels >= limits.strokes else 0


def iou(one: Hull, other: Hull) -> float:
    """Intersection over union of two outlines, 0 to 1."""
    common = cv2.intersectConvexConvex(one, other)[0]
    return float(common / max(cv2.contourArea(one) + cv2.contourArea(other) - common, 1.0))


def overlap(one: Hull, other: Hull) -> float:
    """Intersection of two outlines over the smaller one, 0 to 1."""
    common = cv2.intersectConvexConvex(one, other)[0]
    return float(common / max(min(cv2.contourArea(one), cv2.contourArea(other)), 1.0))
