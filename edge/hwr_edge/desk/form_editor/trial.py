"""A filled form on which the fields are tried before they are saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr_edge.desk.form_editor.draft import Drawn, as_template
from hwr_edge.errors import DataError, ImageError, NotTheForm
from hwr_edge.image.document import Document
from hwr_edge.image.ink import dark_on_light
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer

if TYPE_CHECKING:
    from hwr_edge.scan.form_reader import FormReader
    from hwr_edge.scan.scan import Page

_NAME = "the filled form"
_MOST_PAGES = 10  # of a document that are looked at


class Trial:
    """Keeps the last filled form that was given, in memory alone."""

    def __init__(self, recognizer: Callable[[], Recognizer]) -> None:
        self._make = recognizer
        self._recognizer: Recognizer | None = None
        self._pages: list[Grey] = []
        self._mutex = threading.Lock()

    def give(self, data: bytes) -> int:
        """Take a filled form, an image or a document; how many pages of it are looked at.

        Raises:
            ImageError: it cannot be read.
        """
        document = Document(_NAME, data)
        try:
            count = min(document.pages, _MOST_PAGES)
            pages = [dark_on_light(document.grey(page)) for page in range(1, count + 1)]
        finally:
            document.close()
        with self._mutex:
            self._pages = pages
        return count

    def read(self, folder: Path, images: Sequence[str], drawn: Drawn) -> dict[str, Any]:
        """What each field reads, by its name, on the first page that shows the form.

        Args:
            folder: where the template is.
            images: of each page of it.
            drawn: the fields of each page.

        Raises:
            DataError: no filled form was given, or the fields cannot be used.
            ImageError: it does not show the form.
            ModelError: the model cannot be used.
        """
        with self._mutex:  # one at a time: it is a person who tries
            if not self._pages:
                raise DataError("no filled form was given yet")
            from hwr_edge.scan.form_reader import FormReader

            with as_template(folder, images, drawn) as path:
                reader = FormReader(self._reads_with(), path)
            found = self._first_shown(reader)
        return {
            "fields": {name: _said(reading) for name, reading in found.fields.items()},
            "notes": [problem.removeprefix(f"{_NAME}: ") for problem in found.problems],
        }

    def _reads_with(self) -> Recognizer:
        if self._recognizer is None:
            self._recognizer = self._make()
        return self._recognizer

    def _first_shown(self, reader: FormReader) -> Page:
        refused: ImageError | None = None
        for grey in self._pages:
            try:
                return reader.read(grey, _NAME)
            except NotTheForm as error:
                refused = refused or error
        raise refused or ImageError(f"{_NAME}: has no page")


def _said(reading: Reading) -> dict[str, Any]:
    match = reading.match.name if reading.match else None
    return {"text": reading.text, "confidence": reading.confidence, "match": match}
