"""The desk's forms: proposed of a scan of an empty one, and drawn in the browser."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr_edge.desk.form_editor.editor import Editor
from hwr_edge.desk.form_editor.server import add_routes
from hwr_edge.desk.http_json import Failure, uploads
from hwr_edge.desk.place import safe_name
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.errors import HwrError
from hwr_edge.limits import IMAGE_BYTES

if TYPE_CHECKING:
    from hwr_edge.desk.desk import Desk
    from hwr_edge.line.recognizer import Recognizer
    from hwr_edge.web import Page

PREFIX = "/forms/<form>/edit"
"""<form> is `id_of` its file's name: whatever people call a form, no address says it."""
_MOST_PAGES = 10  # of a form
_MOST = 4  # editors that keep the filled form that was tried


def id_of(form: str) -> str:
    """What addresses call a form: 16 hexadecimal digits of its file's name."""
    return sha256(form.encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Forms:
    """The editors that are open."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, threading.Lock()
        self._open: OrderedDict[Path, Editor] = OrderedDict()

    def add_to(self, page: Page) -> None:
        """Serve them below the page."""
        add_routes(page, self.find, PREFIX)
        page.route("POST", "/forms/new", self.propose)
        page.route("GET", "/forms/ids", self.ids)

    def ids(self) -> dict[str, Any]:
        """The ids of the forms, by their names."""
        return {"ids": {name: id_of(name) for name in self._desk.place.form_names()}}

    def find(self, form: str) -> Editor:
        """The editor of a form by its id; bottle's errors where there is none."""
        place = self._desk.place
        path = next(
            (place.forms / name for name in place.form_names() if id_of(name) == form), None
        )
        if path is None:
            raise Failure(404, "there is no such form")
        with self._lock:
            if path not in self._open:
                self._open[path] = Editor(path, self._recognizer, place.lists)
            self._open.move_to_end(path)
            while len(self._open) > _MOST:
                self._open.popitem(last=False)
            return self._open[path]

    def _recognizer(self) -> Recognizer:
        return self._desk.readers.ready(ReadingOptions(), None, None).scanner.recognizer

    def propose(self) -> dict[str, Any]:
        """Make a template of an empty form's scans, each its first page; the name of the form."""
        from hwr_edge.form.new import EmptyPage, new_pages
        from hwr_edge.image.document import Document

        sent = uploads("file", _MOST_PAGES, IMAGE_BYTES)
        try:
            pages = []
            for upload in sent:
                document = Document(safe_name(upload.raw_filename), upload.file.read())
                try:
                    pages.append(
                        EmptyPage(document.grey(1), document.name, document.text_fields(1))
                    )
                finally:
                    document.close()
            path = self._free(Path(safe_name(sent[0].raw_filename)).stem)
            new_pages(pages, path)
        except HwrError as error:
            raise Failure(422, str(error).replace(f"{self._desk.place.forms}/", "")) from error
        self._desk.readers.prepare(path)
        return {"name": path.name}

    def _free(self, stem: str) -> Path:
        """A name that no form has; nor one of its images."""
        forms = self._desk.place.forms
        names = {path.name.partition(".")[0].casefold() for path in forms.iterdir()}
        ways = (stem, *(f"{stem}-form{k}" for k in range(2, 1000)))
        free = next((way for way in ways if way.partition(".")[0].casefold() not in names), stem)
        return forms / f"{free}.toml"
