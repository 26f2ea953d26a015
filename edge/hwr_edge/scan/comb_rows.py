"""Comb rows on a page that is read without a template: a letter stands in each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwr_edge.form.combs import comb_form, may_have_combs
from hwr_edge.form.fields import Cut, FieldCutter
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.find_sheets import find_sheet
from hwr_edge.page.line_kinds import Kind, shipped_kinds
from hwr_edge.page.reader import PageReading, mean_confidence, read_page
from hwr_edge.page.sheet import Sheet
from hwr_edge.scan.digits import is_digits, without_text

# Set by hand; `make bench-pages` measures what they lead to.
_DOUBTED = 0.5  # cells read as letters give long, unsure texts
_LONG = 4  # letters
_WRITTEN = 0.5  # probability: the sides of empty cells are read as letters, and look like some


def with_comb_rows(recognizer: Recognizer, grey: Grey, page: PageReading, name: str) -> PageReading:
    """What was read on a page, its comb rows read cell by cell; boxes are in the turned image.

    Args:
        recognizer: what reads the rows.
        grey: uint8 (H, W).
        page: what was read in it.
        name: what a note calls it.
    """
    doubted = [r for r in page.readings if r.confidence < _DOUBTED and len(r.text) > _LONG]
    sheet = find_sheet(grey)
    if page.readings and not doubted and not may_have_combs(sheet):
        return page
    turn, rows = page.turn, _rows(recognizer, sheet, page.turn)
    over = (turn + 180) % 360
    if _sure(turned := _rows(recognizer, sheet, over)) > max(_sure(rows), _sure(page.readings)):
        turn, rows = over, turned
    written = [row for row in rows if row.text]
    if not written:
        return page
    if turn != page.turn:
        page = read_page(recognizer, grey, name, turn)
    others = [one for one in page.readings if not _meets(one.box, rows)]
    every = sorted([*others, *written], key=lambda one: (one.box[1] + one.box[3] / 2, one.box[0]))
    note = f"{name}: {len(rows)} rows of comb cells; --form reads such forms better"
    return PageReading(turn, tuple(every), page.note or note)


def _rows(recognizer: Recognizer, sheet: Sheet, turn: int) -> list[Reading]:
    """The readings of all comb rows, empty ones too; of a sheet, turned clockwise."""
    shape = sheet.image.shape
    sheet = sheet.turned(turn) if turn else sheet
    form = comb_form(sheet)
    readings = []
    for cut in FieldCutter(form).cut(sheet) if form else ():

        def to_image(box: Box, cut: Cut = cut) -> Box:
            return turned_box(cut.in_image(box), turn, shape)

        box = turned_box(cut.box, turn, shape)
        reading = recognizer.read_grey(cut.crop)
        if not _is_written(cut.crop) or is_digits(cut.crop, reading):
            reading = without_text(reading)
        readings.append(reading.moved(box, to_image))
    return readings


def _is_written(crop: Grey) -> bool:
    return bool(shipped_kinds().probabilities(crop)[Kind.HANDWRITING] >= _WRITTEN)


def _sure(rows: Sequence[Reading]) -> float:
    written = [mean_confidence(row) for row in rows if row.text]
    return float(np.mean(written)) if written else 0.0


def _meets(box: Box, rows: Sequence[Reading]) -> bool:
    """Whether the middle of a box is as high as a comb row, beside it or in it."""
    middle = box[1] + box[3] / 2
    return any(
        row.box[1] <= middle <= row.box[1] + row.box[3]
        and box[0] < row.box[0] + row.box[2]
        and row.box[0] < box[0] + box[2]
        for row in rows
    )
