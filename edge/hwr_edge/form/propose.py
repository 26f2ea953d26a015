"""Where one may write on an empty form: in its boxes and table cells, and on its ruled lines."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.candidate_features import features_of
from hwr_edge.form.candidates import candidates_of
from hwr_edge.form.field_score import shipped_score
from hwr_edge.form.places import Place, Print, print_of, without_overlaps
from hwr_edge.form.two_tone import restored
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import whole_image

LOOK = 1600
"""Pixels of the longer side of the form as it is looked at: 137 dpi of an A4 page."""
_LARGER = (
    2.2  # times, at most, that a lower scan is enlarged: lines of one pixel are hard to follow
)


def propose_fields(grey: Grey) -> list[Box]:
    """Places to write in on an empty form, in reading order, for a person to correct.

    Boxes, shaded places, combs and empty table cells are fields, and ruled or dotted lines with some room
    above them; boxes to tick are none.

    Args:
        grey: uint8 (H, W), upright; as it was scanned: with even light a shaded place has none.
    """
    page, part = look_at(grey)
    candidates = candidates_of(page)
    score = shipped_score()
    likely = score.of(features_of(candidates, page)) if candidates else np.zeros(0)
    best = [candidates[k].place for k in np.argsort(-likely) if likely[k] >= score.least]
    height, width = grey.shape
    fields = in_reading_order(without_overlaps(best))
    return list(dict.fromkeys(box_of(one, part, width, height) for one in fields))


def look_at(grey: Grey) -> tuple[Print, float]:
    """What is printed on a form, uint8 (H, W), as large as forms are looked at; and how large that is, beside it."""
    small, part = whole_image(grey).shrunk(LOOK)
    larger = min(_LARGER, LOOK / max(small.shape))
    if larger > 1:
        size = round(small.shape[1] * larger), round(small.shape[0] * larger)
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        part *= larger
    return print_of(restored(small), larger=max(1.0, larger)), part


def in_reading_order(fields: Sequence[Place]) -> list[Place]:
    """Rows from the top; in a row from the left."""
    rows: list[list[Place]] = []
    for one in sorted(fields, key=lambda f: f.low):
        row = rows[-1] if rows else []
        if row and (one.top + one.low) / 2 < row[0].low - 0.1 * one.height:
            row.append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda f: f.left)]


def box_of(one: Place, part: float, width: int, height: int) -> Box:
    """The box in an image, (width, height), of a place on a copy whose size is `part` of the image's."""
    edges: NDArray[np.float64] = np.array(one) / part
    left, top = (max(0, int(v)) for v in edges[:2])
    right, low = min(width, int(np.ceil(edges[2]))), min(height, int(np.ceil(edges[3])))
    return left, top, right - left, low - top
