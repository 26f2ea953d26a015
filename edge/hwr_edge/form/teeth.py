"""Rows of comb cells on a filled page, told by the upright teeth that stand on a level line, as far from each other.

Teeth may be whole sides or short ticks, pale or broken, one or two between two letters. Strokes of letters stand on
the line, too, but not as regularly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place
from hwr_edge.image.morphology import closed, connected_components, dilated, opened
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a row of teeth; chosen on believable forms (`make bench-pages`).

    line: of the page's longer side, a level line at least; piece: pixels of its pieces, and broken: between them.
    tall: pixels that a tooth is high, at least; thick: wide, at most; foot: that it may be off the line.
    pitch: pixels between two teeth, at least; most: of the page's longer side.
    alike: of their usual height, that teeth differ by: strokes of letters do more.
    off: of the pitch, that a tooth is off its place. there: of the places, that have a tooth. fewest: teeth.
    second: likewise, of the places that have another tooth beside.
    low, high: pitches that a row is high, at least and at most; usual: where no line is above.
    """

    line: float = 0.05
    piece: int = 13
    broken: int = 15
    tall: int = 5
    thick: int = 6
    foot: int = 3
    pitch: int = 14
    most: float = 0.05
    alike: float = 0.2
    off: float = 0.06
    there: float = 0.85
    fewest: int = 8
    second: float = 0.6
    low: float = 0.7
    high: float = 2.4
    usual: float = 1.47


_LIMITS = _Limits()


class CombRow(NamedTuple):
    """A row: its place; where its teeth stand, float (teeth,), pixels; and how far they reach up from its line."""

    place: Place
    teeth: NDArray[np.float64]
    tall: float


def rows_of_teeth(shade: Mask) -> list[CombRow]:
    """The rows on a level page.

    Args:
        shade: uint8 (H, W), whatever is darker than its paper, some 1,600 pixels long.
    """
    length = round(_LIMITS.line * max(shade.shape))
    bare = opened(dilated(shade, 1, 3), _LIMITS.piece, 1)  # no letters
    level = opened(closed(bare, _LIMITS.broken, 1), length, 1)
    found = connected_components(level)
    lines = [
        Place(int(x), int(y), int(x + w), int(y + h))
        for x, y, w, h, _ in zip(*(v[1:] for v in found[1:]), strict=True)
    ]
    rows: list[CombRow] = []
    for k, line in enumerate(lines, 1):
        if line.height > _LIMITS.most * max(shade.shape):
            continue
        x, tall = _alike(*_teeth(shade, found.labels == k, line))
        if grid := _grid(x, _LIMITS.most * max(shade.shape)):
            rows.append(_row(line, lines, x, tall, *grid))
    return [row for k, row in enumerate(rows) if not any(_is_within(row, o) for o in rows[:k])]


def _teeth(
    shade: Mask, own: NDArray[np.bool_], line: Place
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where thin upright runs stand on a line, and how high they are, pixels."""
    left, right, low = round(line.left), round(line.right), round(line.low)
    top = max(0, round(line.top - 4 * _LIMITS.tall - 60))
    part, there = shade[top:low, left:right], own[top:low, left:right]
    surface = np.where(there.any(axis=0), there.argmax(axis=0), len(part) - 1)  # its first row
    rows = np.arange(len(part))[:, None]
    filled = (part > 0) | (rows >= surface - _LIMITS.foot + 2)
    blank = np.where(~filled & (rows < surface), rows, -1).max(axis=0)  # the lowest above it
    high = (surface - 1 - blank).astype(np.float64)
    columns = np.flatnonzero(high >= _LIMITS.tall)
    if not len(columns):
        return np.zeros(0), np.zeros(0)
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    thin = [g for g in groups if len(g) <= _LIMITS.thick]
    x = np.array([left + g.mean() for g in thin])
    return x, np.array([high[g].max() for g in thin])


def _alike(
    x: NDArray[np.float64], tall: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Those of one height, as most are."""
    if not len(x):
        return x, tall
    near = np.abs(tall[:, None] - tall) <= _LIMITS.alike * tall[:, None] + 1
    kept = near[int(near.sum(axis=1).argmax())]
    return x[kept], tall[kept]


def _grid(x: NDArray[np.float64], most: float) -> tuple[float, float] | None:
    """The pitch of teeth that stand regularly, and where the first one is; None where none do."""
    best, found = 0.0, None
    for k, first in enumerate(x):
        for second in x[k + 1 : k + 8]:
            pitch = float(second - first)
            if not _LIMITS.pitch <= pitch <= most:
                continue
            for start, step in _refined(x, float(first), pitch):
                every, near = _places(x, start, step)
                taken = every[near]
                count, places = len(np.unique(taken)), int(np.ptp(taken)) + 1 if len(taken) else 0
                share = count / max(places, 1)
                if count >= _LIMITS.fewest and share >= _LIMITS.there and count * share > best:
                    best, found = count * share, (step, start)
    return found


def _refined(x: NDArray[np.float64], first: float, pitch: float) -> Iterator[tuple[float, float]]:
    """First place and pitch, fitted to the teeth to the right that are near theirs, step by step."""
    for _ in range(3):
        taken, near = _places(x, first, pitch)
        near &= taken >= 0
        if np.count_nonzero(near) < 3 or np.ptp(taken[near]) < 1:
            return
        pitch, first = (float(v) for v in np.polyfit(taken[near], x[near], 1))
        if pitch < _LIMITS.pitch:
            return
    yield first, pitch


def _places(
    x: NDArray[np.float64], first: float, pitch: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The place that is nearest to each tooth, and whether the tooth stands near it."""
    places = np.rint((x - first) / pitch)
    near = np.abs(x - first - places * pitch) <= _LIMITS.off * pitch
    return places.astype(np.int64), near


def _row(
    line: Place,
    lines: list[Place],
    x: NDArray[np.float64],
    tall: NDArray[np.float64],
    pitch: float,
    first: float,
) -> CombRow:
    """The row of a grid of teeth on a line."""
    places, near = _places(x, first, pitch)
    start, stop = int(places[near].min()), int(places[near].max())
    left, right = first + start * pitch, first + stop * pitch
    if line.left <= left - 0.9 * pitch:
        left -= pitch
    if line.right >= right + 0.9 * pitch:
        right += pitch
    teeth = first + np.arange(start, stop + 1, dtype=np.float64) * pitch
    others = x[~near & (x > left) & (x < right)]
    phase = (others - first) % pitch
    if len(phase):
        usual = float(np.median(phase))
        beside = np.abs(phase - usual) <= _LIMITS.off * pitch
        if np.count_nonzero(beside) >= _LIMITS.second * (stop - start):
            teeth = np.concatenate([teeth, teeth + usual])
    y = line.top
    above = [
        y - other.top
        for other in lines
        if other.left < right - pitch
        and other.right > left + pitch
        and _LIMITS.low * pitch <= y - other.top <= _LIMITS.high * pitch
    ]
    high = min(above, default=_LIMITS.usual * pitch)
    return CombRow(
        Place(left, max(0.0, y - high), right, line.low),
        teeth,
        min(high, float(np.median(tall[near]))),
    )


def _is_within(row: CombRow, other: CombRow) -> bool:
    middle = (row.place.top + row.place.low) / 2
    return row.place.overlaps(other.place) and other.place.top < middle < other.place.low
