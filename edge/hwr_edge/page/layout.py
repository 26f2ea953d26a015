"""Where the lines of a flat page are: whose each component of ink is.

Lines are ridges of ink: where the image, blurred along the writing, is about as dark as anywhere
near above and below (blurs as of Bukhari, Shafait and Breuel, 2009). Each component of ink belongs to the
ridge it lies on; one that lies on two, as where a tail reaches into the line below, is parted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.ink import (
    components_of_ink,
    grain_of,
    letter_height,
    paper_of,
    stroke_width,
)
from hwr_edge.image.morphology import (
    Components,
    connected_components,
    dilated,
    downsampled,
    flat_indices,
    opened,
    transposed,
)
from hwr_edge.image.pixels import PAPER, Grey, Mask
from hwr_edge.image.ruled_lines import find_ruled_line_bands, ruled_line_pixels
from hwr_edge.page.box_sides import sides_of_boxes
from hwr_edge.page.pale_letters import pale_letters
from hwr_edge.page.spans import Labels, Span, in_reading_order, spans_of
from hwr_edge.page.tints import with_tints


@dataclass(frozen=True)
class LayoutLimits:
    """What counts as a line, in letter heights or parts of something named; chosen by `make bench-pages`.

    letter: pixels that letters are high where ridges are looked for.
    blur: of a ridge, along and across the writing.
    around, of_peak: so far above and below a ridge nothing is much darker than that part of it.
    least_ridge: share of ink.
    straight: a ridge runs that far without a step.
    short, too_near: a ridge's length, and from the middle of one to that of another.
    large_both, large_letters, large_shared: where two ridges are of one line of larger letters: the part of each one's
        ink that is in components which lie on both; or how many these are, and their part of one's ink.
    gap: between words of one line.
    same_row: of the lower one's height, that two parts of a line have in common.
    near: from a line to its accents and dots.
    most_pairs: of a component and a ridge, that are counted at once.
    shared: of a component's ink on another line's ridge; it is parted between them.
    wall: no letters above each other look like an upright line so long.
    table: of a level line's length, between upright ones that it meets: a table's.
    remnant: of a component, in the band of a ruled line; it is no part of a letter.
    touches: pixels around a line's ink; what is there goes on from it.
    """

    letter: float = 10.0
    blur: tuple[float, float] = (1.1, 0.22)
    around: float = 0.6
    of_peak: float = 0.85
    least_ridge: float = 0.02
    straight: float = 1.2
    short: float = 4.5
    too_near: float = 1.4
    large_letters: int = 2
    large_both: float = 0.4
    large_shared: float = 0.8
    gap: float = 2.2
    same_row: float = 0.5
    near: float = 0.7
    most_pairs: int = 1 << 24
    shared: float = 0.05
    wall: float = 5.0
    table: float = 0.5
    remnant: float = 0.7
    touches: int = 5


LIMITS = LayoutLimits()


class Rules(NamedTuple):
    """Ruled lines: the ruled_lines that level and upright ones run in, and their ink."""

    level: Components
    upright: Mask
    lines: Mask


@dataclass(frozen=True)
class Layout:
    """What is on a page; all but `spans` have its size.

    ink: without that of ruled lines.
    labels: int32, whose each pixel of ink is; 0 nobody's.
    rules: its ruled lines.
    paper: uint8, how bright it is.
    spans: its lines in reading order.
    """

    ink: Mask
    labels: Labels
    rules: Rules
    paper: Grey
    spans: list[Span]


def lay_out(grey: Grey, beyond: Mask | None = None) -> Layout:
    """The lines of a flat, level page, uint8 (H, W), some 1,200 pixels long.

    beyond: where it shows what is none of the page.
    """
    paper = paper_of(grey)
    flat = np.asarray(cv2.divide(grey, paper, scale=PAPER), np.uint8)
    if (tinted := with_tints(paper, flat)) is not paper:
        paper = tinted
        flat = np.asarray(cv2.divide(grey, paper, scale=PAPER), np.uint8)
    every, dark, shade = components_of_ink(flat, grain_of(flat))
    ink = every.mask_of(dark)
    if beyond is not None:
        ink, shade = ink & (1 - beyond), shade & (1 - beyond)
    level, upright = find_ruled_line_bands(ink, shade)
    stroke = stroke_width(ink)
    lines = ruled_line_pixels(shade, level)
    letter = letter_height(ink & (1 - transposed(upright.mask)) & (1 - lines), stroke)
    if letter and (pale := pale_letters(every, dark, letter)).any():
        ink |= every.mask_of(pale) if beyond is None else every.mask_of(pale) & (1 - beyond)
    long = upright.mask_of(upright.width >= LIMITS.wall * letter)
    sides, corners = sides_of_boxes(ink, shade, level, letter)
    walls = connected_components(long | transposed(sides))
    lines |= transposed(ruled_line_pixels(transposed(shade), walls))
    rules = Rules(level, transposed(walls.mask), lines)
    found = _without_remnants_of_lines(
        connected_components(ink & (1 - lines)), level.mask | rules.upright
    )
    ink, labels = found.mask, np.zeros(ink.shape, np.int32)
    if letter:
        labels = _owners(found, ink, *_ridges(ink, letter, rules), letter)
        labels[found.mask_of(_rests_of_corners(found, corners, lines)) > 0] = 0
    if beyond is not None:
        ink |= beyond  # nobody's
    return Layout(ink, labels, rules, paper, in_reading_order(spans_of(labels, letter, stroke)))


def _without_remnants_of_lines(ink: Components, ruled_lines: Mask) -> Components:
    """The ink without what is left of ruled lines: components that lie in their ruled_lines, and dots."""
    return ink.select(~_is_mostly_in(ink, ruled_lines))


def _rests_of_corners(ink: Components, corners: Mask, lines: Mask) -> NDArray[np.bool_]:
    """Which components are the rest of a box's round corner: they lie there and go on from its lines."""
    rests = _is_mostly_in(ink, corners)
    if rests.any():
        beside = flat_indices(corners & dilated(lines, LIMITS.touches, LIMITS.touches))
        touch = np.zeros(len(rests), np.bool_)
        touch[ink.labels.ravel()[beside]] = True
        rests &= touch
    return rests


def _is_mostly_in(found: Components, places: Mask) -> NDArray[np.bool_]:
    inside = np.bincount(found.labels.ravel()[flat_indices(places)], minlength=len(found.area))
    return np.asarray(inside >= LIMITS.remnant * found.area, np.bool_)


def _open_ruled_lines(rules: Rules) -> Mask:
    """Of the level ruled_lines those of a table, which writing stands between, not on."""
    found = rules.level
    at = flat_indices(rules.upright & found.mask)
    crossed, x = found.labels.ravel()[at], at % found.labels.shape[1]
    left = np.full(len(found.area), found.labels.shape[1])
    right = np.zeros(len(found.area), np.int64)
    np.minimum.at(left, crossed, x)
    np.maximum.at(right, crossed, x)
    return found.mask_of(right - left > LIMITS.table * found.width)


def _ridges(ink: Mask, letter: float, rules: Rules) -> tuple[Labels, float]:
    """The middles of lines, each with a number from 1; 0 elsewhere.

    Returns:
        int32 (h, w), a smaller copy where letters are some `LIMITS.letter` pixels high; and its size, as a part
        of the page's.
    """
    height, width = ink.shape
    part = min(1.0, LIMITS.letter / letter)
    size = max(1, round(width * part)), max(1, round(height * part))
    unit = letter * part
    along = cv2.GaussianBlur(
        downsampled(ink, size), (0, 0), LIMITS.blur[0] * unit, sigmaY=LIMITS.blur[1] * unit
    )
    peak = cv2.dilate(along, np.ones((2 * round(LIMITS.around * unit) + 1, 1), np.uint8))
    ridge = ((along >= LIMITS.of_peak * peak) & (along > LIMITS.least_ridge)).astype(np.uint8)
    ridge = opened(ridge, round(LIMITS.straight * unit), 1)
    wall = np.zeros(ridge.shape, bool)
    y, x = np.divmod(flat_indices(rules.upright), width)
    wall[y * size[1] // height, x * size[0] // width] = True
    if len(x):
        open_lines = cv2.resize(_open_ruled_lines(rules), size, interpolation=cv2.INTER_NEAREST)
        ridge[wall | (open_lines > 0)] = 0
    found = connected_components(ridge, connectivity=4)
    numbers = np.zeros(len(found.area), np.int32)
    kept = _main_ridges(found, unit)
    numbers[kept] = _joined(Components(found.labels, *(v[kept] for v in found[1:])), wall, unit)
    return np.asarray(numbers[found.labels], np.int32), part


def _main_ridges(ridges: Components, letter: float) -> NDArray[np.int64]:
    """The ridges that are lines: not the top of a tall letter, nor the end of a tail.

    Those are short, and a much longer ridge runs past them nearer than any line would. But a short ridge that goes
    on a line is a part of it.
    """
    left, width, middle = ridges.left[1:], ridges.width[1:], (ridges.top + ridges.height / 2)[1:]
    kept = width > LIMITS.short * letter
    for k in np.flatnonzero(~kept):
        past = (left < left[k] + width[k]) & (left + width > left[k]) & (width > 2 * width[k])
        kept[k] = not (past & (np.abs(middle - middle[k]) < LIMITS.too_near * letter)).any()
    for k in np.flatnonzero(~kept):
        left_or_right = _in_row(ridges, int(k) + 1, letter)[:, 1:]
        kept[k] = bool((kept & left_or_right).any())
    return 1 + np.flatnonzero(kept)


def _in_row(ridges: Components, k: int, letter: float) -> NDArray[np.bool_]:
    """Which ridges go on to the left of ridge k, and which to the right, bool (2, ridges)."""
    left, top = ridges.left, ridges.top
    right, low = left + ridges.width, top + ridges.height
    common = np.minimum(low, low[k]) - np.maximum(top, top[k])
    row = common >= LIMITS.same_row * np.minimum(low - top, low[k] - top[k])
    gaps = np.stack([left[k] - right, left - right[k]])
    return np.asarray(row & (gaps > -letter) & (gaps <= LIMITS.gap * letter), np.bool_)


def _joined(ridges: Components, wall: NDArray[np.bool_], letter: float) -> NDArray[np.int32]:
    """A number from 1 for each ridge; parts of one line, with a gap between, have the same."""
    left, top = ridges.left, ridges.top
    right, low = left + ridges.width, top + ridges.height
    group = np.arange(1, len(left) + 1, dtype=np.int32)
    for k in np.argsort(left, kind="stable"):
        gap = left - right[k]
        near = _in_row(ridges, int(k), letter)[1] & (left > left[k])
        for j in np.flatnonzero(near)[np.argsort(gap[near], kind="stable")][:1]:
            between = wall[max(top[k], top[j]) : min(low[k], low[j]), right[k] : left[j]]
            if not between.any(axis=1).sum() > len(between) / 2:
                group[group == group[j]] = group[k]
    return group


def _owners(found: Components, ink: Mask, ridges: Labels, part: float, letter: float) -> Labels:
    """Whose each pixel of ink is, component by component, int32 (H, W): a ridge's number, 0 for nobody's."""
    away, nearest = _nearest(ridges)
    at = flat_indices(ink)
    y, x = np.divmod(at, ink.shape[1])
    small = (y * ridges.shape[0] // ink.shape[0]) * ridges.shape[1]
    small += x * ridges.shape[1] // ink.shape[1]
    on, near = ridges.ravel()[small], nearest.ravel()[small]
    component, far = found.labels.ravel()[at], away.ravel()[small] / part
    count, many = len(found.area), int(ridges.max()) + 1
    there = on > 0
    voter, choice, votes = _votes(component[there], on[there], count, many)
    same = _of_larger_letters(voter, choice, votes, many)
    if len(np.unique(same)) < many:
        near = same[near]
        voter, choice, votes = _votes(component[there], same[on[there]], count, many)
    total = np.bincount(voter, votes, count).astype(np.int64)
    order = np.lexsort((choice, -votes, voter))  # a component's likeliest ridge first
    voters, first = np.unique(voter[order], return_index=True)
    owner, most = np.zeros((2, count), np.int64)
    owner[voters], most[voters] = choice[order][first], votes[order][first]
    # A component on no ridge is an accent or a dot of the line that its nearest pixel is near to.
    lone = np.flatnonzero((total == 0)[component])
    lone = lone[np.lexsort((far[lone], component[lone]))]
    ones, first = np.unique(component[lone], return_index=True)
    lone = lone[first]
    small = (far[lone] <= LIMITS.near * letter) & (found.height[ones] <= 2 * letter)
    owner[ones[small]] = near[lone[small]]
    parted = total - most > LIMITS.shared * np.maximum(total, 1)
    labels = np.zeros(ink.shape, np.int32)
    labels.ravel()[at] = np.where(parted[component], near, owner[component])
    return labels


def _votes(
    component: NDArray[np.integer], ridge: NDArray[np.integer], components: int, ridges: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of pixels with their component and ridge: each pair that occurs, and how often, sorted."""
    pairs = component.astype(np.int64) * ridges + ridge
    if components * ridges <= LIMITS.most_pairs:
        counts = np.bincount(pairs, minlength=components * ridges)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:  # slower, but of specks all over an image there are too many to count all pairs
        found, counts = np.unique(pairs, return_counts=True)
    whose, which = np.divmod(found, ridges)
    return whose, which, counts


def _of_larger_letters(
    component: NDArray[np.int64], ridge: NDArray[np.int64], ink: NDArray[np.int64], ridges: int
) -> NDArray[np.int32]:
    """The number that each ridge of a line has, where several may be of one line of larger letters.

    Beside small print, letters three times as high have a ridge at their heads and one at their feet. Much of
    the ink of both is then in components that lie on both, or nearly all of one's, as of a ridge that is the
    bars of some letters. Between two lines few components reach from one to the other.

    Args:
        component, ridge, ink: how many pixels of a component lie on a ridge, as `_votes` gives it.
        ridges: how many numbers there are.
    """
    same, total = np.arange(ridges, dtype=np.int32), np.bincount(ridge, ink, ridges)
    on: dict[int, list[tuple[int, int]]] = {}
    for whose, which, pixels in zip(component.tolist(), ridge.tolist(), ink.tolist(), strict=True):
        on.setdefault(whose, []).append((which, pixels))
    shared: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for those in on.values():
        for (one, here), (other, there) in itertools.combinations(those, 2):
            shared.setdefault((one, other), []).append((here, there))
    for (one, other), counts in shared.items():
        parts = np.sum(counts, axis=0) / total[[one, other]]
        most = parts.max() >= LIMITS.large_shared and len(counts) >= LIMITS.large_letters
        if most or parts.min() >= LIMITS.large_both:
            same[same == same[other]] = same[one]
    return same


def _nearest(ridges: Labels) -> tuple[NDArray[np.float32], Labels]:
    """How far the nearest ridge is from each pixel, float32 (H, W), and which it is."""
    away, zones = cv2.distanceTransformWithLabels(
        (ridges == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    number = np.zeros(int(zones.max()) + 1, np.int32)
    number[zones[ridges > 0]] = ridges[ridges > 0]
    return np.asarray(away, np.float32), np.asarray(number[zones], np.int32)
