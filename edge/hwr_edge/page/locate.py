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

from hwr_edge.image.pixels import PAPER, Box, Grey
from hwr_edge.page.alone import alone, hides_lines, paper_at
from hwr_edge.page.find_sheets import find_sheets, in_reading_order
from hwr_edge.page.layout import Layout, lay_out
from hwr_edge.page.parts import Part, Start, parts_of, together
from hwr_edge.page.sheet import Sheet, level, part_of_image
from hwr_edge.page.spans import Span

# Set by hand; `make bench-pages` measures what they lead to.
_TALL = 1.7  # letter heights of a crop
_ROOM, _BESIDE = 0.2, 0.4  # letter heights of paper above and below the ink, and beside it
_MORE = 0.9  # letter heights beside that, of a line as it stands
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
        for cut in ("crop", "as_it_stands"):
            found.__dict__.pop(cut, None)
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
        x, y, width, height = self._place
        more = width // 2 if hides_lines(self._layout, self._place, self._part) else 0
        left, right = min(more, max(0, x)), min(more, max(0, self._sheet.size[0] - x - width))
        place = x - left, y, left + width + right, height
        own = alone(self._sheet.cut(place), self._layout, self._span, place, self._part)
        return padded(np.ascontiguousarray(own[:, left : left + width]))

    @cached_property
    def as_it_stands(self) -> tuple[Grey, int]:
        """As `crop`, with ruled lines and neighbours, and a letter's width more on both sides; how many columns are left of `crop`'s."""
        x, y, width, height = self._place
        more = round(_MORE * self.letter)
        left, right = max(0, x - more), min(self._sheet.size[0], x + width + more)
        place = left, y, max(1, right - left), height
        paper = paper_at(self._layout, place, self._part)
        cut = padded(np.asarray(cv2.divide(self._sheet.cut(place), paper, scale=PAPER), np.uint8))
        return cut, round((x - left) * cut.shape[0] / height)

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
