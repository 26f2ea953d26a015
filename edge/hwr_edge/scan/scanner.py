"""An image read as what it is: a crop of one line, a page, or a filled form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwr_edge.errors import ImageError
from hwr_edge.image.ink import dark_on_light
from hwr_edge.image.pixels import Grey
from hwr_edge.image.shape import Shape, shape_of
from hwr_edge.image.sources import label
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.scan.scan import Page, Scan

if TYPE_CHECKING:
    from hwr_edge.image.anything import Anything, Opened
    from hwr_edge.scan.form_reader import KnownForm


class Scanner:
    """A recognizer with what it is to look for."""

    def __init__(
        self,
        recognizer: Recognizer,
        shape: Shape | None = None,
        form: Path | str | KnownForm | None = None,
    ) -> None:
        """Make ready.

        Args:
            recognizer: reads the lines.
            shape: what images show; None to tell by their shape.
            form: the template whose fields are read, for filled forms; one that is known takes no time.

        Raises:
            DataError: the template cannot be used, or a roster that it names.
        """
        self.recognizer, self._shape = recognizer, shape
        self._form = None
        if form is not None:
            from hwr_edge.scan.form_reader import FormReader

            self._form = FormReader(recognizer, Path(form) if isinstance(form, str) else form)

    def read(self, grey: Grey, name: str = "the image") -> Page:
        """Read an image, uint8 (H, W); `name` is what errors call it.

        Raises:
            ImageError: it does not show the form, or no paper.
        """
        page = self._read(dark_on_light(grey), name)
        height, width = grey.shape if page.turn % 180 == 0 else grey.shape[::-1]
        return replace(page, size=(width, height))

    def _read(self, grey: Grey, name: str) -> Page:
        if self._form:
            return self._form.read(grey, name)
        shape = self._shape or shape_of(grey.shape[1], grey.shape[0])
        if shape is Shape.LINE:
            return Page(0, ((None, self.recognizer.read_grey(grey)),))
        # With it comes all that finds lines, which a crop does not need.
        from hwr_edge.page.reader import read_page
        from hwr_edge.scan.comb_rows import with_comb_rows

        page = read_page(self.recognizer, grey, name)
        page = with_comb_rows(self.recognizer, grey, page, name)
        found = tuple((None, reading) for reading in page.readings)
        return Page(page.turn, found, note=page.note)

    def scan(self, image: Anything, rgb: bool = False) -> Scan:
        """Read an image, or all pages of a file.

        Args:
            image: a path; the bytes of a file, or a binary file object with them; a Pillow image; pixels,
                uint8 or uint16, (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA.
            rgb: the pixels' colours are RGB or RGBA.

        Raises:
            ImageError: it cannot be read, or does not show the form. Of a file with many pages those that
                can be are read, and `problems` says what is wrong with the others.
        """
        from hwr_edge.image.anything import opened

        with opened(image, rgb) as found:
            if found.pages == 1:
                pages = [self.read(found.grey(), found.image)]
            else:
                pages = [self._page(found, number) for number in range(1, found.pages + 1)]
            return Scan(found.image, tuple(pages), self.recognizer.top, found.crc32)

    def _page(self, found: Opened, number: int) -> Page:
        """A page of many; one that cannot be read holds the problem."""
        try:
            page = self.read(found.grey(number), label(found.image, number))
        except ImageError as error:
            return Page(0, (), (str(error),), number)
        return replace(page, number=number)
