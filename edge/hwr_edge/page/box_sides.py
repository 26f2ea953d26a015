"""The upright sides of boxes, which may be as low as a tall letter: told by the level lines that begin or end there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hwr_edge.image.morphology import Components, connected_components
from hwr_edge.image.pixels import Mask
from hwr_edge.image.ruled_lines import upright_runs


@dataclass(frozen=True)
class SideLimits:
    """What counts as a box's side, in letter heights; chosen on believable forms (`make bench-pages`).

    least: its straight part.
    near: pixels that a side may stand within the ends of the lines that it joins.
    corner: the radius of a round corner, at most.
    """

    least: float = 1.0
    near: int = 8
    corner: float = 0.8


LIMITS = SideLimits()


class _Run(NamedTuple):
    """An upright run, pixels; right and low are the first beyond it."""

    left: int
    top: int
    right: int
    low: int


def sides_of_boxes(ink: Mask, shade: Mask, level: Components, letter: float) -> tuple[Mask, Mask]:
    """The sides of boxes: two uprights, which join two level lines where both begin, and where both end.

    Args:
        ink, shade: as `ink_of` gives them, uint8 (H, W).
        level: the bands of level lines.
        letter: how high letters are, pixels.

    Returns:
        uint8 (H, W): the bands that sides run in, and where their corners may be round.
    """
    sides: Mask = np.zeros(shade.shape, np.uint8)
    corners: Mask = np.zeros(shade.shape, np.uint8)
    least, reach = max(4, round(LIMITS.least * letter)), round(LIMITS.corner * letter)
    if not letter or not _may_be_boxes(level, reach):
        return sides, corners
    found = connected_components(upright_runs(ink, shade, least))
    runs = [_Run(x, y, x + w, y + h) for x, y, w, h in np.stack(found[1:5], 1)[1:].tolist()]
    at_left, at_right = (_at_ends(level, runs, reach, right) for right in (False, True))
    for lines in at_left.keys() & at_right.keys():
        top, low = int(level.top[lines[0]]), int(level.top[lines[1]] + level.height[lines[1]])
        for run in (at_left[lines], at_right[lines]):
            sides[run.top : run.low, run.left : run.right] = 1
            across = slice(max(0, run.left - reach), run.right + reach)
            corners[top : top + reach, across] = corners[low - reach : low, across] = 1
    return sides, corners


def _may_be_boxes(level: Components, reach: int) -> bool:
    """Whether some two level lines begin and end alike."""
    order = np.lexsort((level.left, level.width))[:-1]  # without the background
    if len(order) < 2:
        return False
    left, right = level.left[order], level.left[order] + level.width[order]
    return bool(((np.abs(np.diff(left)) <= reach) & (np.abs(np.diff(right)) <= reach)).any())


def _at_ends(
    level: Components, runs: Sequence[_Run], reach: int, right: bool
) -> dict[tuple[int, int], _Run]:
    """Two level lines that begin, or on the `right` end, where a run joins them; and that run."""
    end = level.left + level.width if right else level.left
    middle = level.top + level.height / 2
    found = {}
    for run in runs:
        beyond = (run.left + run.right) / 2 - end if right else end - (run.left + run.right) / 2
        at_end = (beyond <= reach) & (beyond >= -LIMITS.near)
        at_end[0] = False
        above = np.flatnonzero(at_end & (np.abs(middle - run.top) <= reach))
        below = np.flatnonzero(at_end & (np.abs(middle - run.low) <= reach))
        below = np.setdiff1d(below, above)
        if len(above) and len(below):
            found[int(above[-1]), int(below[0])] = run
    return found
