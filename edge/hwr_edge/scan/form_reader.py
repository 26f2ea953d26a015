"""Filled forms read: which page of the form an image shows, and what stands in each of its fields."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwr_edge.errors import NotTheForm
from hwr_edge.form.align import Aligner
from hwr_edge.form.fields import Cut, FieldCutter
from hwr_edge.form.template import Field, read_pages
from hwr_edge.image.pixels import PAPER, Box, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.sheet import Sheet
from hwr_edge.results.roster_file import read_roster
from hwr_edge.scan.digits import is_digits, without_text
from hwr_edge.scan.scan import Page

# Set by hand; `make bench-forms` measures what they lead to.
_LIKELY = 0.5  # probability: a reading is rather right than wrong
_LEAST_SEEN = 0.9  # of a form's field that must be in the image


class KnownForm:
    """A form's print and fields, looked at once; any number of readers in any number of threads may share it."""

    def __init__(self, path: Path) -> None:
        """Read a template.

        Raises:
            DataError: it cannot be used.
        """
        self.pages = [(Aligner(form), FieldCutter(form)) for form in read_pages(path)]


class FormReader:
    """A form's pages, and who reads each of their fields."""

    def __init__(self, recognizer: Recognizer, form: Path | KnownForm) -> None:
        """Read a template, unless it is known.

        Raises:
            DataError: it cannot be used, or a roster that it names.
            ModelError: the model's card has no calibration for rosters.
        """
        self._plain = recognizer.without_roster()
        self._pages = (KnownForm(form) if isinstance(form, Path) else form).pages
        fields = [field for aligner, _ in self._pages for field in aligner.form.fields]
        self._readers = {field.name: self._reader(field, recognizer) for field in fields}

    def _reader(self, field: Field, recognizer: Recognizer) -> Recognizer:
        if field.kind == "text":
            return self._plain
        if field.roster is None:
            return recognizer
        return recognizer.with_roster(read_roster(field.roster, field.column))

    def read(self, grey: Grey, name: str) -> Page:
        """Read an image, uint8 (H, W), of any page of the form; `name` is what errors call it.

        Raises:
            NotTheForm: it shows none.
            ImageError: it shows more than one.
        """
        sheet, cutter = self._aligned(grey, name)
        turn = _turn_of(sheet)
        found, cut_off, digits = [], [], []
        for cut in cutter.cut(sheet):
            if cut.field.kind == "skip":
                continue
            reading = self._read(cut)
            if cut.seen < _LEAST_SEEN:
                cut_off.append(cut.field.name)
                reading = reading.doubted()
            elif is_digits(cut.crop, reading):
                digits.append(cut.field.name)
                reading = without_text(reading)

            def to_image(box: Box, cut: Cut = cut) -> Box:
                return turned_box(cut.in_image(box), turn, grey.shape)

            box = turned_box(cut.box, turn, grey.shape)
            found.append((cut.field.name, reading.moved(box, to_image)))
        told = (
            f"{name}: fields cut off at the image's edge: {', '.join(cut_off)}; scan the whole form"
        )
        note = (
            f"{name}: digits, which are not read: {', '.join(digits)}; to leave such a field out, "
            'write kind = "skip" in the template'
        )
        problems = (told,) if cut_off else ()
        return Page(turn, tuple(found), problems, note=note if digits else "")

    def _aligned(self, grey: Grey, name: str) -> tuple[Sheet, FieldCutter]:
        refused: list[NotTheForm] = []
        for aligner, cutter in self._pages:
            try:
                return aligner.align(grey, name), cutter
            except NotTheForm as error:
                refused.append(error)
        raise max(refused, key=lambda error: error.share)

    def _read(self, cut: Cut) -> Reading:
        """What stands in a field: no roster has a name for an empty one."""
        reader = self._readers[cut.field.name]
        reading = reader.read_grey(cut.crop)
        if cut.standing is not None and reading.confidence < _LIKELY:
            other = reader.read_grey(cut.standing)  # with feet in the printed line
            reading = other if other.confidence > _LIKELY else reading
        empty = not reading.text and reader.roster is not None and (cut.crop == PAPER).all()
        return self._plain.read_grey(cut.crop) if empty else reading


def _turn_of(sheet: Sheet) -> int:
    """Degrees clockwise, 0, 90, 180 or 270, that bring a sheet's image nearest to upright."""
    corners = sheet.corners((0, 0, *sheet.size))
    along = corners[1] - corners[0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    return round(-angle / 90) % 4 * 90
