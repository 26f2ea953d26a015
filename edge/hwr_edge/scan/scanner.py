"""An image read as what it is: a crop of one line, a page, or a filled form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_edge.line.recognizer import Reading, Recognizer
from hwr_edge.scan.shape import Shape, shape_of

if TYPE_CHECKING:
    from hwr_edge.form.align import Aligner
    from hwr_edge.form.fields import FieldCutter
    from hwr_edge.page.sheet import Sheet

_LEAST_SEEN = 0.9  # of a form's field that must be in the image


@dataclass(frozen=True)
class Scan:
    """What was read in one image.

    turn: degrees clockwise by which the image was turned to be read; boxes are in the turned one.
    found: readings in reading order, with the field of each where there is a form.
    problems: a line for each thing that could not be read.
    """

    turn: int
    found: tuple[tuple[str | None, Reading], ...]
    problems: tuple[str, ...] = ()


class Scanner:
    """A recognizer with what it is to look for."""

    def __init__(
        self, recognizer: Recognizer, shape: Shape | None = None, form: Path | None = None
    ) -> None:
        """Make ready.

        Args:
            recognizer: reads the lines.
            shape: what images show; None to tell by their shape.
            form: the template whose fields are read, for filled forms.

        Raises:
            DataError: the template cannot be used.
        """
        self.recognizer, self._shape = recognizer, shape
        self._form = None
        if form is not None:
            from hwr_edge.form.align import Aligner
            from hwr_edge.form.fields import FieldCutter
            from hwr_edge.form.template import read_form

            empty = read_form(form)
            self._form = Aligner(empty), FieldCutter(empty)

    def read(self, grey: Grey, name: str = "the image") -> Scan:
        """Read an image, uint8 (H, W); `name` is what errors call it.

        Raises:
            ImageError: it does not show the form, or no paper.
        """
        if self._form:
            return self._read_form(grey, name, *self._form)
        shape = self._shape or shape_of(grey.shape[1], grey.shape[0])
        if shape is Shape.LINE:
            return Scan(0, ((None, self.recognizer.read_grey(grey)),))
        # With it comes all that finds lines, which a crop does not need.
        from hwr_edge.page.reader import read_page

        page = read_page(self.recognizer, grey, name)
        return Scan(page.turn, tuple((None, reading) for reading in page.readings))

    def _read_form(self, grey: Grey, name: str, aligner: Aligner, cutter: FieldCutter) -> Scan:
        from hwr_edge.image.turning import turned_box

        sheet = aligner.align(grey, name)
        turn = _turn_of(sheet)
        found, cut_off = [], []
        for cut in cutter.cut(sheet):
            reading = self.recognizer.read_grey(cut.crop)
            if cut.seen < _LEAST_SEEN:
                cut_off.append(cut.field.name)
                reading = reading.doubted()
            box = turned_box(cut.box, turn, grey.shape)
            found.append((cut.field.name, replace(reading, box=box)))
        told = (
            f"{name}: fields cut off at the image's edge: {', '.join(cut_off)}; scan the whole form"
        )
        return Scan(turn, tuple(found), (told,) if cut_off else ())


def _turn_of(sheet: Sheet) -> int:
    """Degrees clockwise, 0, 90, 180 or 270, that bring a sheet's image nearest to upright."""
    corners = sheet.corners((0, 0, *sheet.size))
    along = corners[1] - corners[0]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    return round(-angle / 90) % 4 * 90
