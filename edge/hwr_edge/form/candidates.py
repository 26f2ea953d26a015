"""Places of an empty form that may be fields, more than are; `field_score` tells which are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import cv2
import numpy as np

from hwr_edge.form.boxes import cells_of, combs_and_single_cells
from hwr_edge.form.places import Place, Print, components_of, lie_on_each_other, part_of
from hwr_edge.form.ruled import rows_on_lines
from hwr_edge.image.morphology import closed, connected_components, dilated, opened


@dataclass(frozen=True)
class _Limits:
    """What may be a field; chosen on believable forms (`python -m bench.form_fields`).

    Heights of the form's printed letters, unless they are parts of something named.

    wide, high: of a field, at least; tall: of a shaded one, at most.
    inset: from a box's side to what is in it; letter: of a mark in it, high at least; print: times as bright as it.
    upright: of a mark's height, wide at most is a stroke that alone is no print.
    dark, tint: of the paper's brightness, from and to, is a shaded place; solid: is higher and wider than;
        full: of the rectangle around it.
    """

    wide: float = 3.0
    high: float = 1.2
    tall: float = 9.0
    inset: float = 0.25
    letter: float = 0.5
    print: float = 0.75
    upright: float = 0.3
    dark: float = 0.6
    tint: float = 0.965
    solid: float = 0.5
    full: float = 0.85


_LIMITS = _Limits()


class Kind(IntEnum):
    """Where one may write: in a box, or below or beside the print in it; in a comb; on a line, on one with teeth."""

    BOX = 0
    BELOW = 1
    BESIDE = 2
    COMB = 3
    LINE = 4
    TEETH = 5


class Candidate(NamedTuple):
    """A place that may be a field; `line`: the row of its lower edge, or of the line that one writes on."""

    place: Place
    kind: Kind
    line: float


def candidates_of(page: Print) -> list[Candidate]:
    """All places of a form that may be fields; some lie on each other."""
    cells = cells_of(page)
    combs, singles = combs_and_single_cells(cells, page)
    shaded = [
        place
        for place in _shaded(page)
        if not any(lie_on_each_other(place, cell) for cell in cells)
    ]
    found = [Candidate(comb, Kind.COMB, comb.low) for comb in combs]
    for box in singles + shaded:
        found += _in_box(box, page)
    found += [
        Candidate(row.place, Kind.TEETH if row.toothed else Kind.LINE, row.line)
        for row in rows_on_lines(page, cells + combs)
    ]
    wide, high = _LIMITS.wide * page.letter, _LIMITS.high * page.letter
    return [one for one in found if one.place.width >= wide and one.place.height >= high]


def _in_box(box: Place, page: Print) -> Iterator[Candidate]:
    """A box, and the parts of it below and beside the print that stands in it."""
    yield Candidate(box, Kind.BOX, box.low)
    if inside := _words_in(box, page) or _marks_in(box, page):
        low, right = max(w.low for w in inside), max(w.right for w in inside)
        yield Candidate(box._replace(top=low + 1), Kind.BELOW, box.low)
        yield Candidate(box._replace(left=right + page.letter / 2), Kind.BESIDE, box.low)


def _words_in(box: Place, page: Print) -> list[Place]:
    return [
        word
        for word in page.words
        if word.overlaps(box)
        and box.top <= (word.top + word.low) / 2 <= box.low
        and word.width > word.height / 2
        and word.right - box.left > page.letter  # a label beside may reach in a little
    ]


def _marks_in(box: Place, page: Print) -> list[Place]:
    """What is darker than the rest of a box, as high as letters: print that hangs together with its lines or shade."""
    inner = box.grown(-_LIMITS.inset * page.letter)
    if min(inner.width, inner.height) < page.letter:
        return []
    left, top, right, low = (int(v) for v in inner)
    grey, walls = page.grey[top:low, left:right], dilated(page.walls[top:low, left:right], 5, 5)
    dark = (grey < _LIMITS.print * float(np.median(grey))) & (walls == 0)
    found = connected_components(dark.view(np.uint8))
    high = found.height >= _LIMITS.letter * page.letter
    high &= found.height < len(grey)  # what goes through is a line
    if not (high & (found.width > _LIMITS.upright * found.height)).any():  # a comb's separators
        return []
    marks = [part_of(found, int(k)) for k in np.flatnonzero(high)]
    left_, top_ = min(m.left for m in marks), min(m.top for m in marks)
    right_, low_ = max(m.right for m in marks), max(m.low for m in marks)
    around = Place(left + left_, top + top_, left + right_, top + low_)
    return [around] if around.width >= page.letter else []


def _shaded(page: Print) -> list[Place]:
    """Rectangles that are darker than the paper all over, and lighter than bars."""
    even = np.asarray(cv2.medianBlur(page.grey, 5), np.uint8)
    tint = (even > _LIMITS.dark * page.paper) & (even < _LIMITS.tint * page.paper)
    solid, letter = max(3, round(_LIMITS.solid * page.letter)), page.letter
    found = components_of(opened(closed(tint.view(np.uint8), 3, 3), solid, solid))
    kept = (found.height >= _LIMITS.high * letter) & (found.height <= _LIMITS.tall * letter)
    kept &= found.width >= _LIMITS.wide * letter
    kept &= found.area >= _LIMITS.full * found.width * found.height
    return [part_of(found, int(k)) for k in np.flatnonzero(kept) if k]
