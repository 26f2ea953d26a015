"""Written lines on a page or in a frame, with their boxes, in reading order.

Print is among the lines: `line_kinds` tells it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components, dilated, transposed
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.image.ruled_lines import ruled_line_pixels
from hwr_edge.image.ruled_shade import without_grey_lines
from hwr_edge.page.find_sheets import find_sheets, in_reading_order
from hwr_edge.page.layout import Layout, lay_out
from hwr_edge.page.parts import Part, Start, parts_of, together
from hwr_edge.page.sheet import Sheet, level, part_of_image
from hwr_edge.page.spans import Span

# Set by hand; `make bench-pages` measures what they lead to.
_TALL = 1.7  # letter heights of a crop
_ROOM, _BESIDE = 0.2, 0.4  # letter heights of paper above and below the ink, and beside it
_LINE_INK = 225  # grey level, on white paper, from which a ruled line is taken out
_MOST_TALL = 640  # pixels of a crop: more are of no use
_WIDE = 8.0  # heights that a crop is wide: as the published crops are


class Line:
    """A written line, cut from the image when its crop is first asked for: that must not have changed.

    box: x, y, width, height in pixels of the image.
    letter: about how high its letters are, pixels of the image.
    """

    def __init__(self, sheet: Sheet, layout: Layout, span: Span, part: float) -> None:
        """The line of a sheet; its layout has a size that is `part` of the sheet's."""
        self._sheet, self._layout, self._span, self._part = sheet, layout, span, part
        x, y, width, height = (round(side / part) for side in span.box)
        self.box: Box = sheet.box_around((x, y, width, height))
        self.letter = span.letter / part

    @property
    def outline(self) -> NDArray[np.float64]:
        """The corners of its ink's box in the image, float (4, 2), clockwise as it is read."""
        x, y, width, height = (round(side / self._part) for side in self._span.box)
        return self._sheet.corners((x, y, width, height))

    @property
    def on_sheet(self) -> tuple[Sheet, Box]:
        """The level sheet that it stands on, and its ink's box there, pixels."""
        x, y, width, height = (round(side / self._part) for side in self._span.box)
        return self._sheet, (x, y, width, height)

    def moved(self, grey: Grey, matrix: NDArray[np.float64]) -> Line:
        """The same line in another image, uint8 (H, W), to whose points a homography (3, 3) takes those of its own."""
        outline = cv2.perspectiveTransform(self._sheet.outline[None], matrix)[0]
        sheet = replace(
            self._sheet, image=grey, to_image=matrix @ self._sheet.to_image,
            outline=np.asarray(outline, np.float64), copies={},
        )  # fmt: skip
        found = copy(self)
        found.__dict__.pop("crop", None)
        found._sheet = sheet
        x, y, width, height = (round(side / self._part) for side in self._span.box)
        found.box = sheet.box_around((x, y, width, height))
        return found

    @cached_property
    def parts(self) -> list[tuple[Line, Start]]:
        """Its words and what stands in different fields, from the left, and what each begins after."""
        return [(self._with(part.span), part.start) for part in self._parts]

    def of_parts(self, first: int, stop: int) -> Line:
        """Some of its parts that stand side by side, as one line."""
        return self._with(together(self._layout, self._span, self._parts[first:stop]))

    @cached_property
    def _parts(self) -> list[Part]:
        return parts_of(self._layout, self._span)

    def _with(self, span: Span) -> Line:
        return Line(self._sheet, self._layout, span, self._part)

    @cached_property
    def crop(self) -> Grey:
        """uint8 (H, W), the line alone, upright, ruled lines and neighbours taken out."""
        place = self._place
        cut = self._sheet.cut(place)
        alone = _alone(cut, self._layout, self._span, place, self._part)
        return padded(_without_lines(*alone))

    @property
    def _place(self) -> Box:
        """What the crop shows, in pixels of the sheet."""
        return room_for(self._span.box, self._span.letter, self._part)

    def in_image(self, box: Box) -> Box:
        """Where a box of the crop lies in the image: the upright box that holds it."""
        left, top, _, height = self._place
        scale = height / self.crop.shape[0]
        x, y, wide, high = (round(side * scale) for side in box)
        return self._sheet.box_around((left + x, top + y, max(1, wide), max(1, high)))


def find_lines(grey: Grey, area: Box | None = None) -> list[Line]:
    """The written lines of an image of a page, a card or a table with sheets on it.

    Args:
        grey: uint8 (H, W), upright.
        area: the part to look at; a sheet around it is still seen as a whole.

    Returns:
        In reading order; none where nothing is written.
    """
    sheets = in_reading_order(find_sheets(grey))
    if area:  # as if it were the image, where the sheets are other things
        there = [part for sheet in sheets if (part := sheet.within(area))]
        sheets = there or [level(part_of_image(grey, area))]
    return [line for sheet in sheets for line in lines_of(sheet)]


def lines_of(sheet: Sheet) -> list[Line]:
    """The written lines of a sheet, as `find_lines`."""
    small, part = sheet.small
    layout = lay_out(small, sheet.beyond if sheet.beyond.any() else None)
    return [Line(sheet, layout, span, part) for span in layout.spans]


def room_for(ink: Box, letter: float, part: float = 1.0) -> Box:
    """What a crop shows of a line: the box of its ink and paper around it.

    Args:
        ink: the box.
        letter: how high its letters are.
        part: pixels of the box by pixels of the crop.
    """
    x, y, width, height = ink
    tall = max(_TALL * letter, height + 2 * _ROOM * letter)
    top, left = y + (height - tall) / 2, x - _BESIDE * letter
    wide = width + 2 * _BESIDE * letter
    return round(left / part), round(top / part), round(wide / part), round(tall / part)


def padded(alone: Grey) -> Grey:
    """A line's pixels with paper on their right, as wide as the published crops are."""
    if alone.shape[0] > _MOST_TALL:  # a page of rules, turned: padded, it would take gigabytes
        size = max(1, round(alone.shape[1] * _MOST_TALL / alone.shape[0])), _MOST_TALL
        alone = np.asarray(cv2.resize(alone, size, interpolation=cv2.INTER_AREA), np.uint8)
    blank = max(0, round(_WIDE * alone.shape[0]) - alone.shape[1])
    crop = cv2.copyMakeBorder(alone, 0, 0, 0, blank, cv2.BORDER_CONSTANT, value=[PAPER])
    return np.asarray(crop, np.uint8)


def _alone(
    crop: Grey, layout: Layout, span: Span, place: Box, part: float
) -> tuple[Grey, Mask, Mask]:
    """A cut of the sheet on white paper, with other lines' ink painted over, and its level and upright ruled lines."""
    x, y, width, height = place
    x0, y0 = max(0, int(x * part) - 2), max(0, int(y * part) - 2)
    there = np.s_[y0 : int((y + height) * part) + 3, x0 : int((x + width) * part) + 3]
    move = np.array([[part, 0, x * part - x0], [0, part, y * part - y0]])

    def seen(small: Grey) -> Grey:
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(small, move, (width, height), flags=how), np.uint8)

    paper = cv2.resize(layout.paper[there], (width, height))  # smooth: to the pixel or two
    alone = np.array(cv2.divide(crop, paper, scale=PAPER), np.uint8)
    mine = (layout.labels[there] == span.label).astype(np.uint8)
    left, right = span.box[0] - x0, span.box[0] + span.box[2] - x0
    mine[:, : max(0, left)] = mine[:, right:] = 0  # of a part of a line, the others are neighbours
    others = dilated(layout.ink[there] & (1 - mine), 3, 3) & (1 - dilated(mine, 3, 3))
    if others.any():
        alone[seen(others * np.uint8(PAPER)) > PAPER // 2] = PAPER
    level, upright = (
        (seen(dilated(ruled_lines.astype(np.uint8), 3, 3) * np.uint8(PAPER)) > 0).astype(np.uint8)
        if ruled_lines.any()
        else np.zeros_like(alone)
        for ruled_lines in (layout.rules.level.labels[there] > 0, layout.rules.upright[there] > 0)
    )
    return alone, level, upright


def _without_lines(alone: Grey, level: Mask, upright: Mask) -> Grey:
    """A crop without its ruled lines: grey ones are divided out, of others their own pixels are painted over."""
    for upright_ones, mask in ((False, level), (True, transposed(upright))):
        if mask.any():
            turned = transposed(alone) if upright_ones else alone
            bands = connected_components(mask)
            rest, grey = without_grey_lines(turned, bands)
            if not grey[1:].all():
                rest[_soft_lines(rest, bands.select(~grey)) > 0] = PAPER
            alone = transposed(rest) if upright_ones else rest
    return alone


def _soft_lines(alone: Grey, bands: Components) -> Mask:
    """Level ruled lines with their soft edges, and no letter's."""
    inked = (alone < _LINE_INK).astype(np.uint8)
    lines = ruled_line_pixels(inked, bands)
    letters = inked & (1 - lines)
    return np.asarray(dilated(lines, 3, 3) & bands.mask & (1 - letters), np.uint8)
