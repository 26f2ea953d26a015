"""The lines of writing on a card in a frame, and which way up they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hwr_edge.camera.sheets import Hull
from hwr_edge.image.ink import flatten_light, ink_of, letter_height, stroke_width
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.reading import Reading
from hwr_edge.page.find_sheets import in_reading_order, sheets_on_table
from hwr_edge.page.line_kinds import Kind, shipped_kinds
from hwr_edge.page.locate import Line, lines_of
from hwr_edge.page.sheet import Matrix, Sheet, part_of_image, skew_of

Read = Callable[[Grey], Reading]
"""A line's crop, uint8 (h, w), read."""


@dataclass(frozen=True)
class _Limits:
    """What may be a line on a card, and when its way up is sure; chosen on made films (`make bench-camera`).

    most_letter: part of the image's height; larger things are no letters.
    least_width: of a line's height; narrower things are upright strokes.
    bends: parts of an outline's length, tolerances in turn by which it is made a quadrilateral.
    four: part of the outline's area that four corners must span.
    rim: part of a card's width; so far inside its outline nothing of the background is seen.
    glance: pixels of the longer side of the copy that shows how high letters are, if half of its size is less or more.
    letter: pixels that letters are high where lines are looked for.
    part, part_anywhere: of its size, at least, that a card is looked at in; a frame, where no card's edges are seen.
    upright: confidence of a letter that is read the right way up, at least.
    written: probability of a line that it is handwriting, at least, for it to tell the way up.
    surer: the right way up has at most this part of the doubt of another way.
    short: letters at most: what lies the wrong way up reads as two or three.
    lines_to_turn: lines that decide which way up a card is.
    """

    most_letter: float = 0.33
    least_width: float = 0.8
    bends: tuple[float, ...] = (0.02, 0.035, 0.05)
    four: float = 0.94
    rim: float = 0.014
    glance: tuple[int, int] = (320, 600)
    letter: float = 28.0
    part: float = 0.45
    part_anywhere: float = 0.6
    upright: float = 0.9
    written: float = 0.5
    surer: float = 0.5
    short: int = 3
    lines_to_turn: int = 3


_LIMITS = _Limits()


def sheet_of(grey: Grey, hull: Hull, area: Box | None = None) -> Sheet | None:
    """A card as it lies in a frame.

    Args:
        grey: uint8 (H, W).
        hull: its outline, in pixels of that.
        area: what counts of the frame.

    Returns:
        The card with its longer sides within 45 degrees of level or upright; None where little of it
        lies in the area.
    """
    flat = _flat(hull)
    if flat is None:
        return None
    to_image, size = flat
    width, height = size
    centre = hull.mean(0)
    within = 1 - 2 * _LIMITS.rim * max(width, height) / math.sqrt(width * height)
    outline = centre + (hull - centre) * np.float32(within)
    sheet = Sheet(grey, to_image, size, outline.astype(np.float64))
    return sheet.within(area) if area else sheet


def _flat(hull: Hull) -> tuple[Matrix, tuple[int, int]] | None:
    """From points of a card laid flat to those of an outline, and its size; None of a line."""
    quad = _corners(hull)
    if quad is not None:
        sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
        wide, tall = (max(1, round(float(sides[k] + sides[k + 2]) / 2)) for k in (0, 1))
        flat = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
        return np.asarray(cv2.getPerspectiveTransform(flat, quad), np.float64), (wide, tall)
    middle, (width, height), angle = cv2.minAreaRect(hull)
    angle = (angle + 45) % 90 - 45
    if width < 4 or height < 4:
        return None
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    off = cv2.transform((hull - np.array(middle, np.float32))[None], turn.T[:2])[0]
    width, height = (float(side) for side in np.ptp(off, axis=0))
    to_image = (
        np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1.0]])
        @ turn
        @ np.array([[1, 0, float(off[:, 0].min())], [0, 1, float(off[:, 1].min())], [0, 0, 1.0]])
    )
    return to_image, (max(1, round(width)), max(1, round(height)))


def _corners(hull: Hull) -> Hull | None:
    """The four corners of an outline, the upper left one first, clockwise; None where it has others."""
    around = cv2.arcLength(hull, True)
    for part in _LIMITS.bends:
        corners = cv2.approxPolyDP(hull, part * around, True).reshape(-1, 2)
        if len(corners) == 4 and cv2.contourArea(corners) > _LIMITS.four * cv2.contourArea(hull):
            if cv2.contourArea(corners, oriented=True) < 0:
                corners = corners[::-1]
            along = np.roll(corners, -1, 0) - corners
            level = np.abs(np.degrees(np.arctan2(along[:, 1], along[:, 0])))
            return np.asarray(np.roll(corners, -int(level.argmin()), 0), np.float32)
    return None


def lines_on(sheet: Sheet, height: int) -> list[Line]:
    """The lines of a card that may be writing, in a frame so many pixels high."""
    return written(spans_on(sheet), height)


def spans_on(sheet: Sheet) -> list[Line]:
    """All that looks like a line on a card, as it lies."""
    return _spans(sheet, _LIMITS.part)


def written(lines: Sequence[Line], height: int) -> list[Line]:
    """Those of a shape that writing has, in a frame so many pixels high."""
    return [line for line in lines if _may_be_written(line, height)]


def _spans(sheet: Sheet, least: float) -> list[Line]:
    """All that looks like a line on a sheet; that is seen as small as its letters allow, at `least` in part.

    A page is looked at in 0.8 of its size or more (`page.sheet.level`), for its print; a name held up is large.
    """
    few, most = _LIMITS.glance
    copy, part = sheet.shrunk(min(most, max(few, max(sheet.size) // 2)))
    ink = ink_of(flatten_light(copy))[0]
    letter = letter_height(ink, stroke_width(ink)) / part
    if not letter:
        return []
    straight = sheet.rotated(skew_of(ink))
    look = max(straight.size) * min(1.0, max(least, _LIMITS.letter / letter))
    return lines_of(replace(straight, look=round(look)))


def lines_anywhere(grey: Grey, area: Box | None) -> list[Line]:
    """The lines of a frame where no card's edges are seen."""
    sheets = in_reading_order(sheets_on_table(grey))
    if area:
        there = [part for sheet in sheets if (part := sheet.within(area))]
        sheets = there or [part_of_image(grey, area)]
    found = [line for sheet in sheets for line in _spans(sheet, _LIMITS.part_anywhere)]
    return written(found, grey.shape[0])


def _may_be_written(line: Line, height: int) -> bool:
    """Whether a line is of a shape that writing has, in an image so many pixels high."""
    corners = line.outline
    along, across = (float(np.linalg.norm(corners[k] - corners[0])) for k in (1, 3))
    return along >= _LIMITS.least_width * across and line.letter <= _LIMITS.most_letter * height


WAYS = (180, 90, 270)
"""Degrees clockwise by which a card may lie turned."""


def turn_of(sheet: Sheet, read: Read, own: float, ways: Sequence[int] = WAYS) -> int:
    """Degrees clockwise, 0, 90, 180 or 270, by which a card is read with much less doubt.

    Args:
        own: how sure a letter is as it lies, 0 to 1.
        ways: those that are tried.
    """
    best, turn = own, 0
    lines: list[Line] | None = None
    for other in ways:
        if lines == [] and other == WAYS[2]:  # as from the other side
            continue
        lines = lines_on(sheet.turned(other), sheet.image.shape[0])
        sure = surest(lines, read)
        if sure > max(best, _LIMITS.upright) and 1 - sure < _LIMITS.surer * (1 - own):
            best, turn = sure, other
    return turn


def surest(lines: Sequence[Line], read: Read) -> float:
    """How sure a letter is in the surest of the largest lines, 0 to 1."""
    largest = sorted(lines, key=lambda line: -line.letter)[: _LIMITS.lines_to_turn]
    kinds = shipped_kinds()
    written = [kinds.probabilities(line.crop)[Kind.HANDWRITING] for line in largest]
    readings = [
        read(line.crop)
        for line, share in zip(largest, written, strict=True)
        if share >= _LIMITS.written
    ]
    return max((certainty(one) for one in readings), default=0.0)


def certainty(reading: Reading) -> float:
    """How sure a letter of a text is, 0 to 1: short texts must be sure as a whole, and one letter tells nothing."""
    letters = len(reading.text)
    if letters < 2:
        return 0.0
    return float(
        reading.confidence if letters <= _LIMITS.short else reading.confidence ** (1 / letters)
    )
