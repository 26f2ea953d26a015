"""Rows of comb cells on a page that no template describes: the cells themselves are the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from hwr_edge.form.boxes import comb_rows
from hwr_edge.form.places import Place, Print, print_of
from hwr_edge.form.teeth import CombRow, level_lines, rows_of_teeth
from hwr_edge.form.template import Field, Form
from hwr_edge.image.ink import flatten_light, grain_of, ink_of
from hwr_edge.image.morphology import closed, connected_components, dilated, opened
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.page.sheet import Sheet


@dataclass(frozen=True)
class _Limits:
    """Which boxes on a filled page are a row of comb cells; chosen on believable forms (`make bench-pages`).

    look: pixels of the longer side, as empty forms are looked at.
    fewest: cells of a row; a table has fewer.
    drawn: of a cell's level sides, that is seen; writing may hide its upright ones.
    line, gap, tooth: of the longer side: the least length of a row's level lines, what lies between boxes that stand
        in a row, at most, and the least length of upright ones.
    off: of a row's height, that its level lines are off the place.
    beside: pixels that its upright ones are.
    thickness, shade: pixels and grey level of the cells' lines on the form that is made of them.
    """

    look: int = 1600
    fewest: int = 6
    drawn: float = 0.8
    line: float = 0.06
    gap: float = 0.006
    tooth: float = 0.01
    off: float = 0.1
    beside: int = 3
    thickness: int = 2
    shade: int = 40


_LIMITS = _Limits()


def may_have_combs(sheet: Sheet) -> bool:
    """Whether many upright strokes meet level lines on a sheet: a quick look before `comb_form`."""
    small, _ = sheet.small
    ink, _ = ink_of(flatten_light(small))
    line, gap, tooth = (
        max(1, round(part * max(small.shape)))
        for part in (_LIMITS.line, _LIMITS.gap, _LIMITS.tooth)
    )
    level, upright = opened(closed(ink, gap, 1), line, 1), opened(ink, 1, tooth)
    meetings = connected_components(dilated(level, 3, 3) & dilated(upright, 3, 3))
    return len(meetings.area) - 1 >= 2 * _LIMITS.fewest


def comb_form(sheet: Sheet) -> Form | None:
    """The comb rows of a flat sheet as an empty form with a field for each; None without any.

    The form has the sheet's size, and nothing printed on it but the cells.
    """
    small, part = sheet.shrunk(_LIMITS.look)
    page = print_of(small, filled=True)
    flat = flatten_light(small)
    shade = ink_of(flat, grain_of(flat))[1]
    level = level_lines(shade)
    closed_in = [_whole(row, page) for row in comb_rows(page) if len(row) >= _LIMITS.fewest]
    rows: list[CombRow] = []
    for row in closed_in:
        if not any(row.is_of(other) for other in rows):
            rows.append(row)
    for row in rows_of_teeth(shade, level):
        same = [k for k, other in enumerate(rows) if row.is_of(other)]
        if len(same) == 1:
            rows[same[0]] = _longer(rows[same[0]], row)
        elif not same:
            rows.append(row)
    if not rows:
        return None
    image: Grey = np.full(sheet.size[::-1], PAPER, np.uint8)
    fields = []
    for number, row in enumerate(sorted(rows, key=lambda row: (row.place.top, row.place.left)), 1):
        _draw(image, row, shade, level, part)
        fields.append(Field(str(number), _box(row.place, part)))
    return Form(Path(), image, tuple(fields))


def _longer(one: CombRow, other: CombRow) -> CombRow:
    """A row with what only another way of looking saw of it, at its ends."""
    left, right = min(one.place.left, other.place.left), max(one.place.right, other.place.right)
    beyond = (other.teeth < one.place.left) | (other.teeth > one.place.right)
    place = one.place._replace(left=left, right=right)
    return CombRow(place, np.concatenate([one.teeth, other.teeth[beyond]]), one.tall)


def _draw(image: Grey, row: CombRow, shade: Mask, level: Mask, part: float) -> None:
    """Draw a row's lines on the form that is made of it: as they are seen, for they may be thick or bent.

    shade, level: uint8 (h, w), what is darker than its paper and where level lines are, on a copy of the form's size
        times `part`. Lines that are not seen are drawn where they should be.
    """
    left, top, right, low = (max(0, round(v)) for v in row.place)
    seen = np.zeros_like(level)
    x, y, width, height = _box(row.place, part)
    reach = max(1, round(_LIMITS.off * row.place.height))
    for edge, at in ((top, y), (low, y + height)):
        band = np.s_[max(0, edge - reach) : edge + reach, left:right]
        if level[band].any(axis=0).mean() >= _LIMITS.drawn:
            seen[band] = level[band]
        else:
            cv2.line(image, (x, at), (x + width, at), _LIMITS.shade, _LIMITS.thickness)
    foot = round(row.place.low - row.tall)
    for tooth, first in ((left, top), (right, top), *((tooth, foot) for tooth in row.teeth)):
        there = max(0, round(tooth) - _LIMITS.beside), round(tooth) + _LIMITS.beside + 1
        band = np.s_[first:low, slice(*there)]
        tall = max(1, round(_LIMITS.drawn * (low - first)))
        if shade[band].any() and (upright := opened(shade[band], 1, tall)).any():
            seen[band] |= upright
        else:
            ends = (round(tooth / part), round(first / part)), (round(tooth / part), y + height)
            cv2.line(image, *ends, _LIMITS.shade, _LIMITS.thickness)
    lines = cv2.resize(seen, image.shape[::-1], interpolation=cv2.INTER_NEAREST)
    image[lines > 0] = _LIMITS.shade


def _whole(row: Sequence[Place], page: Print) -> CombRow:
    """A row with the cells at its ends and between, whose upright sides writing hides."""
    lefts = np.array([cell.left for cell in row])
    number = np.rint((lefts - lefts[0]) / np.median(np.diff(lefts)))
    pitch = max(1.0, float(np.polyfit(number, lefts, 1)[0]))
    top, low = (float(np.median([getattr(cell, side) for cell in row])) for side in ("top", "low"))
    left = float(np.median(lefts - number * pitch))
    right = left + (float(number[-1]) + 1) * pitch
    while left - pitch > 0 and _has_level_sides(page.walls, left - pitch, left, top, low):
        left -= pitch
    while right + pitch < page.walls.shape[1] and _has_level_sides(
        page.walls, right, right + pitch, top, low
    ):
        right += pitch
    edges = np.linspace(left, right, max(1, round((right - left) / pitch)) + 1)
    gap = float(np.median([b.left - a.right for a, b in pairwise(row)]))
    sides = np.concatenate([edges, edges[1:] - gap])
    return CombRow(Place(left, top, right, low), sides, low - top)


def _has_level_sides(walls: Mask, left: float, right: float, top: float, low: float) -> bool:
    across = np.s_[max(0, round(left)) : round(right)]
    return all(
        bool(walls[max(0, round(y) - 3) : round(y) + 4, across].any(axis=0).mean() >= _LIMITS.drawn)
        for y in (top, low)
    )


def _box(place: Place, part: float) -> Box:
    left, top, right, low = (round(v / part) for v in place)
    return left, top, right - left, low - top
