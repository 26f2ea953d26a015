"""Sheets of paper on a table, found in a photograph by their edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import dilated
from hwr_edge.image.pixels import Grey, Mask
from hwr_edge.image.turning import turned_box
from hwr_edge.page.sheet import Sheet, level, whole_image
from hwr_edge.page.sheet_edges import all_sides_seen, sheet_of_edges

Quad = NDArray[np.float32]
"""Corners, float (4, 2), x and y."""


@dataclass(frozen=True)
class SheetLimits:
    """What counts as a sheet on a table; chosen by `make bench-pages`. Pixels are those of the small copy.

    size: pixels of the copy's longer side; enough to see the sheet.
    ink, gap: parts of that: ink is narrower; gaps between sheets are wider.
    extremes: per cent of the pixels that may be any. levels: of brightness, tried between the others.
    least: part of the image, all sheets together. least_other: of the largest sheet; smaller bright things are none.
    overlap: part of a sheet, at most, that lies on another.
    least_side: pixels of the image; on less nobody can write.
    whole: part of the image; there is no table around the sheet.
    near, far: pixels on both sides of an edge. places: along a side.
    steep: part of the difference far apart that is there near by, at the edge of a sheet.
    brighter: grey levels that paper is brighter than the table.
    darker: part of its brightness that the table is darker, at least, where there are several sheets.
    full: part of its hull that is bright.
    soft: pixels; the soft edge of a sheet and its rim, on both sides, are no wider.
    rim: pixels; so far inside its edges nothing of the table is seen.
    bent: of the copy's longer side; a curled sheet's edge is no further from straight.
    """

    size: int = 480
    ink: float = 0.03
    gap: float = 0.006
    extremes: int = 5
    levels: int = 6
    least: float = 0.04
    least_other: float = 0.2
    overlap: float = 0.2
    least_side: int = 16
    whole: float = 0.97
    near: float = 3.0
    far: float = 12.0
    places: int = 32
    steep: float = 0.45
    brighter: int = 30
    darker: float = 0.15
    full: float = 0.9
    soft: int = 7
    rim: float = 1.5
    bent: float = 0.05


LIMITS = SheetLimits()


def find_sheet(grey: Grey) -> Sheet:
    """The largest sheet on a table, its writing level; the whole image where no edge is seen.

    Args:
        grey: uint8 (H, W).
    """
    return level(sheet_on_table(grey))


def find_sheets(grey: Grey) -> list[Sheet]:
    """All sheets on a table, the largest first, each with its writing level; or the whole image.

    Args:
        grey: uint8 (H, W).
    """
    return [level(sheet) for sheet in sheets_on_table(grey)]


def sheet_on_table(grey: Grey) -> Sheet:
    """The largest sheet as its edges lie; the whole image where none are seen."""
    return sheets_on_table(grey)[0]


def sheets_on_table(grey: Grey) -> list[Sheet]:
    """All sheets as their edges lie, the largest first; the whole image where none are seen."""
    whole = whole_image(grey)
    found = [_between(whole, corners) for corners in _corners(whole)]
    return [sheet for sheet in found if min(sheet.size) >= LIMITS.least_side] or [whole]


def in_reading_order(sheets: Sequence[Sheet], turn: int = 0) -> list[Sheet]:
    """Rows from the top, in a row from the left, as they lie in their image after a turn clockwise.

    Args:
        sheets: of one image.
        turn: 0, 90, 180 or 270 degrees.
    """
    places = [
        turned_box(sheet.box_around((0, 0, *sheet.size)), turn, sheet.image.shape)
        for sheet in sheets
    ]
    rows: list[list[int]] = []
    for one in sorted(range(len(sheets)), key=lambda k: 2 * places[k][1] + places[k][3]):
        y, height = places[one][1], places[one][3]
        first = places[rows[-1][0]] if rows else None
        if first and y + height / 2 < first[1] + first[3]:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [sheets[k] for row in rows for k in sorted(row, key=lambda k: places[k][0])]


def _corners(whole: Sheet) -> list[Quad]:
    """The corners of each sheet in a whole image, clockwise from the upper left, the largest sheet first."""
    seen, part = whole.shrunk(LIMITS.size)
    quads, half = _several(seen), np.float32(0.5)
    if len(quads) < 2:
        quads = _one(seen) or [quad for quad in quads if _is_largest(seen, quad)]
        quads = _by_edges(seen, quads)
    return [(_clockwise(quad) + half) / np.float32(part) - half for quad in quads]


def _by_edges(seen: Grey, quads: list[Quad]) -> list[Quad]:
    """The sheet that was found, if it ends at its sides all along; or the one that does, if there is one.

    One that was found is more than one that lies in part outside the image: it may be curled.
    """
    filled, _ = _filled(seen, LIMITS.gap)
    dark, light = np.percentile(filled, (LIMITS.extremes, 100 - LIMITS.extremes))
    if dark > (1 - LIMITS.darker) * light:  # no table, as on a scan
        return quads
    if quads and all_sides_seen(filled, _clockwise(quads[0])):
        return quads
    quad = sheet_of_edges(filled, 4 if quads else 3)
    return quads if quad is None else [quad.astype(np.float32)]


def _one(seen: Grey) -> list[Quad]:
    """The largest bright thing in a small image, if that is a sheet."""
    filled, kernel = _filled(seen, LIMITS.ink)
    bright, contours = _bright(filled, _otsu(filled), kernel)
    hull = _hull(max(contours, key=cv2.contourArea)) if contours else None
    if (
        hull is None
        or not LIMITS.least * seen.size < cv2.contourArea(hull) < LIMITS.whole * seen.size
    ):
        return []
    inside, quad = _mask(seen, hull), _four(hull)
    full = cv2.countNonZero(cv2.min(bright, inside)) > LIMITS.full * cv2.countNonZero(inside)
    brighter = cv2.mean(filled, inside)[0] - cv2.mean(filled, 1 - inside)[0] >= LIMITS.brighter
    if quad is None or not full or not brighter or not _ends_at_once(filled, quad, hull):
        return []
    return [_within_rim(quad, hull)]


def _several(seen: Grey) -> list[Quad]:
    """Sheets beside each other in a small image, the largest first.

    Several levels part bright from dark, since some may lie in a shadow.
    """
    filled, kernel = _filled(seen, LIMITS.gap)
    dark, light = np.percentile(filled, (LIMITS.extremes, 100 - LIMITS.extremes))
    found: list[Quad] = []
    for least in np.linspace(dark, light, LIMITS.levels + 2)[1:-1]:
        for contour in _bright(filled, least, kernel)[1]:
            hull = _hull(contour)
            full = cv2.contourArea(contour) > LIMITS.full * cv2.contourArea(hull)
            if full and LIMITS.least / 16 < cv2.contourArea(hull) / seen.size < LIMITS.whole:
                quad = _four(hull)
                if quad is not None and _ends_at_once(filled, quad, hull, LIMITS.darker):
                    found.append(_within_rim(quad, hull))
    found.sort(key=cv2.contourArea, reverse=True)
    kept: list[Quad] = []
    for place, quad in enumerate(found):
        parted = _is_parted(seen, quad, found[place + 1 :])
        if not parted and all(_shared(quad, other) < LIMITS.overlap for other in kept):
            kept.append(quad)
    areas = [cv2.contourArea(quad) for quad in kept]
    if sum(areas) < LIMITS.least * seen.size:
        return []
    return [
        quad for quad, area in zip(kept, areas, strict=True) if area > LIMITS.least_other * areas[0]
    ]


def _is_largest(seen: Grey, quad: Quad) -> bool:
    """Whether a sheet is what the largest bright thing is a part of: if not, that may be one, partly seen."""
    filled, kernel = _filled(seen, LIMITS.gap)
    _, contours = _bright(filled, _otsu(filled), kernel)
    if not contours:
        return True
    hull = _hull(max(contours, key=cv2.contourArea)).reshape(-1, 2).astype(np.float32)
    return _shared(hull, quad) > 1 - LIMITS.overlap


def _is_parted(seen: Grey, quad: Quad, smaller: Sequence[Quad]) -> bool:
    """Whether what looks like a sheet is some smaller ones with the table between them."""
    parts: list[Quad] = []
    whole = cv2.contourArea(quad)
    for one in smaller:
        lies_in = (
            cv2.contourArea(one) < (1 - LIMITS.overlap) * whole
            and _shared(one, quad) > 1 - LIMITS.overlap
        )
        if lies_in and all(_shared(one, p) < LIMITS.overlap for p in parts):
            parts.append(one)
    if len(parts) < 2 or sum(map(cv2.contourArea, parts)) < whole / 2:
        return False
    paper = np.maximum.reduce([_mask(seen, part) for part in parts])
    between = cv2.subtract(_mask(seen, quad), dilated(paper, LIMITS.soft, LIMITS.soft))
    dark = seen < (1 - LIMITS.darker) * cv2.mean(seen, paper)[0]
    return bool(between.any() and dark[between > 0].mean() > 1 - LIMITS.overlap)


def _filled(seen: Grey, reach: float) -> tuple[Grey, Grey]:
    """Without dark things narrower than so much of the longer side; and the kernel that fills them."""
    side = max(3, round(max(seen.shape) * reach)) | 1
    kernel = np.ones((side, side), np.uint8)
    return np.asarray(cv2.morphologyEx(seen, cv2.MORPH_CLOSE, kernel), np.uint8), kernel


def _otsu(values: Grey) -> float:
    """The level that parts dark from bright best (Otsu 1979, "A threshold selection method")."""
    return cv2.threshold(values.reshape(-1, 1), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0]


def _bright(filled: Grey, level: float, kernel: Grey) -> tuple[Mask, list[NDArray[Any]]]:
    """What is brighter, and its outer contours."""
    _, bright = cv2.threshold(filled, level, 1, cv2.THRESH_BINARY)
    opened = np.asarray(cv2.morphologyEx(bright, cv2.MORPH_OPEN, kernel), np.uint8)
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return opened, [np.asarray(contour) for contour in contours]


def _hull(contour: NDArray[Any]) -> NDArray[np.int32]:
    return np.asarray(cv2.convexHull(contour), np.int32)


def _within_rim(quad: Quad, hull: NDArray[np.int32]) -> Quad:
    middle, rim = quad.mean(0), 2 * LIMITS.rim / np.sqrt(cv2.contourArea(hull))
    return np.asarray(middle + (quad - middle) * np.float32(1 - rim), np.float32)


def _mask(like: Grey, outline: NDArray[Any]) -> Mask:
    mask = np.zeros(like.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), [1])
    return mask


def _shared(one: Quad, other: Quad) -> float:
    """How much of a sheet lies on another, as a part of it."""
    return cv2.intersectConvexConvex(one, other)[0] / max(cv2.contourArea(one), 1.0)


def _four(hull: NDArray[np.int32]) -> Quad | None:
    """The outline as four corners, where that is what it is."""
    length, area = cv2.arcLength(hull, True), cv2.contourArea(hull)
    for part in (0.01, 0.02, 0.03, 0.05):
        found = cv2.approxPolyDP(hull, part * length, True)
        if len(found) == 4:
            quad = found[:, 0].astype(np.float32)
            return quad if cv2.contourArea(quad) > 0.9 * area else None
    return None


def _ends_at_once(grey: Grey, quad: Quad, hull: NDArray[np.int32], darker: float = 0.0) -> bool:
    """Whether brightness falls off at once, by such a part or more, at every side; at a shadow's edge it does slowly.

    A side is where the hull is: that of a curled sheet is bent.

    Sides along the image's border do not count; without any other it is no sheet on a table.
    """
    size = np.array(grey.shape[::-1])
    along = np.roll(quad, -1, axis=0) - quad
    out = np.stack([along[:, 1], -along[:, 0]], 1) / np.maximum(np.hypot(*along.T), 1)[:, None]
    out *= np.sign(((quad + along / 2 - quad.mean(0)) * out).sum(1))[:, None]
    places = quad[:, None] + along[:, None] * np.linspace(0.1, 0.9, LIMITS.places)[None, :, None]
    edge = _bent(places, out, _mask(grey, hull))
    beyond = edge + out[:, None] * LIMITS.far
    seen = ((beyond >= 0) & (beyond < size)).all(2)
    away = np.array([-LIMITS.far, -LIMITS.near, LIMITS.near, LIMITS.far])[:, None, None, None]
    x, y = np.moveaxis(np.round(edge + away * out[:, None]).astype(np.intp), -1, 0)
    found = grey[np.clip(y, 0, size[1] - 1), np.clip(x, 0, size[0] - 1)]
    sides = seen.any(1)
    inner, near_in, near_out, outer = (found * seen).sum(2)[:, sides] / seen.sum(1)[sides]
    at_once = near_in - near_out > np.maximum(darker * near_in, LIMITS.steep * (inner - outer))
    return bool(sides.any() and at_once.all())


def _bent(places: NDArray[Any], out: NDArray[Any], hull: Mask) -> NDArray[Any]:
    """Places along straight sides, float (4, N, 2), moved out to the edge of a hull, where that is near."""
    steps = np.arange(1, round(LIMITS.bent * LIMITS.size))
    there = np.round(places[..., None, :] + steps[:, None] * out[:, None, None]).astype(np.intp)
    x, y = np.moveaxis(there, -1, 0)
    seen = (x >= 0) & (y >= 0) & (x < hull.shape[1]) & (y < hull.shape[0])
    inside = seen & (hull[y * seen, x * seen] > 0)
    return np.asarray(places + inside.sum(-1)[..., None] * out[:, None])


def _clockwise(quad: Quad) -> Quad:
    """From the upper left, in reading order of a sheet that lies upright."""
    middle = quad.mean(0)
    around = np.argsort(np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0]))
    quad = quad[around]
    return np.roll(quad, -int(np.argmin(quad.sum(1))), axis=0)


def _between(whole: Sheet, corners: Quad) -> Sheet:
    top, right, bottom, left = (
        float(np.hypot(*(corners[k] - corners[(k + 1) % 4]))) for k in range(4)
    )
    width, height = round(max(top, bottom)), round(max(left, right))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(flat, corners), np.float64)
    return replace(whole, to_image=matrix, size=(width, height), outline=corners.astype(float))
