"""What reads: one model for the whole desk, with the list and the form that each reading asks for."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hwr_edge.desk.cache import Cache
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.errors import DataError, HwrError, ImageError
from hwr_edge.image.document import Document, Unit
from hwr_edge.limits import REQUEST_PAGES, REQUEST_SECONDS
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.results.matched import Matches
from hwr_edge.results.rows import Row
from hwr_edge.scan.form_pages import FormPages
from hwr_edge.scan.scanner import Scanner

if TYPE_CHECKING:
    from hwr_edge.results.roster_file import People
    from hwr_edge.scan.form_reader import KnownForm

ACCEPT = 0.9
"""Below it a person looks, where nothing else is asked."""
_KEPT = 8  # scanners, with their lists and forms


class TooMuch(HwrError):  # noqa: N818  # says what is wrong, as its siblings do
    """A file takes more than a request may; `code` is of which."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


class Ready(NamedTuple):
    """What reads for one set of options."""

    scanner: Scanner
    people: People | None
    pages: FormPages | None


class Readers:
    """Scanners by what they look for; any number of threads may ask."""

    def __init__(self, model: Path | None = None, accept: float | None = None) -> None:
        """Load the model.

        Args:
            model: by itself the default one.
            accept: by itself ACCEPT, where the model is calibrated for it.

        Raises:
            ModelError, RuntimeMissing: as of `Recognizer`.
        """
        self._made: Cache[Ready] = Cache(_KEPT)
        self._known: Cache[KnownForm] = Cache(_KEPT)
        self._model, self._workers = model, (os.cpu_count() or 1) + 1
        first = Recognizer(model, workers=self._workers)
        self._first, self._others = first, Cache[Recognizer](len(Decoder))
        calibrated = first.card.confidence.get(first.decoder.value) is not None
        self._accept = accept if accept is not None else ACCEPT if calibrated else None
        if accept is not None:
            Recognizer(model, accept=accept)  # raises where it is not calibrated

    def ready(self, asked: ReadingOptions, list_path: Path | None, form: Path | None) -> Ready:
        """What reads with these options.

        Raises:
            DataError: the list or the form cannot be used.
            ModelError: the model is not calibrated for lists.
        """
        key = (asked, _stamps(list_path, form))
        return self._made.get(key, lambda: self._make(asked, list_path, form))

    def prepare(self, form: Path) -> None:
        """Get ready, in a thread of its own, for scans of a form that are about to come.

        What is wrong with the form is told to who reads with it.
        """
        threading.Thread(target=self._prepare, args=(form,), name="preparing", daemon=True).start()

    def _prepare(self, form: Path) -> None:
        from hwr_edge.image import sandbox

        with suppress(HwrError, OSError):
            sandbox.begin()
            self._form(form)

    def _form(self, path: Path) -> KnownForm:
        """A form that is looked at once, whatever else is asked of the reading; raises as `KnownForm`."""
        from hwr_edge.scan.form_reader import KnownForm

        return self._known.get(_stamps(None, path), lambda: KnownForm(path))

    def _base(self, decoder: str | None) -> Recognizer:
        """The model with a way to decode."""
        if decoder in (None, self._first.decoder.value):
            return self._first
        make = partial(Recognizer, self._model, decoder=decoder, workers=self._workers)
        return self._others.get(decoder, make)

    def _make(self, asked: ReadingOptions, list_path: Path | None, form: Path | None) -> Ready:
        from hwr_edge.image.shape import Shape
        from hwr_edge.results.roster_file import read_people

        recognizer = copy(self._base(asked.decoder))
        recognizer.accept = self._accept if asked.accept is None else asked.accept
        recognizer.top = asked.top
        people = None
        if list_path:
            people = read_people(list_path, asked.columns)
            recognizer = recognizer.with_roster(people.spelt())
        shape = Shape(asked.layout) if asked.layout else None
        pages = FormPages.of(asked.form_pages) if asked.form_pages else None
        known = self._form(form) if form else None
        return Ready(Scanner(recognizer, shape, known), people, pages)

    def read_file(self, ready: Ready, name: str, data: bytes) -> tuple[list[Row], list[str]]:
        """Read one file at once: its rows, and a line for each thing that could not be read.

        Raises:
            ImageError: nothing of it can be read.
            TooMuch: it has more pages, or takes more time, than one request may have.
        """
        end, rows, problems = time.monotonic() + REQUEST_SECONDS, list[Row](), list[str]()
        document = Document(name, data)
        try:
            for unit in _units(document, ready.pages):
                if time.monotonic() > end:
                    told = f"reading takes more than {REQUEST_SECONDS} seconds; make a batch"
                    raise TooMuch("too_slow", told)
                try:
                    page = ready.scanner.read(document.grey(unit.page), unit.label)
                except ImageError as error:
                    if document.pages == 1:
                        raise
                    problems.append(str(error))
                    continue
                problems += page.problems
                read = replace(page, number=unit.page)
                rows += read.rows(name, ready.scanner.recognizer.top)
        finally:
            document.close()
        if problems and not rows:
            raise ImageError(problems[0])
        return Matches(ready.people).add(rows) if ready.people else rows, problems


def _units(document: Document, pages: FormPages | None) -> list[Unit]:
    """What is read of a file."""
    if document.pages > REQUEST_PAGES:
        raise TooMuch(
            "too_many_pages",
            f"the file has {document.pages} pages, and a request reads {REQUEST_PAGES}; make a batch",
        )
    return [u for u in document.units() if pages is None or u.page is None or u.page in pages]


def _stamps(list_path: Path | None, form: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Of the files that a scanner is made of, which tell whether they are the same."""
    files = [path for path in (list_path, form) if path]
    if form:
        from hwr_edge.form.template import files_of

        files += files_of(form)
    try:
        return tuple((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in files)
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read ({error.strerror})") from error
