"""The form editor inside the desk: one for each of its forms."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from hwr_edge.desk.asked import Asked
from hwr_edge.desk.asking import Failure
from hwr_edge.desk.form_editor.editor import Editor
from hwr_edge.desk.form_editor.server import add_routes

if TYPE_CHECKING:
    from hwr_edge.desk.parts import Desk
    from hwr_edge.web import Page

PREFIX = "/forms/<form>"


def address_of(name: str) -> str:
    """Where a form is edited; the address does not say its name."""
    return f"/forms/{_id(name)}/"


class Editors:
    """The editors that were opened."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._open: dict[str, Editor] = {}

    def add_to(self, page: Page) -> None:
        """Serve them below the page."""
        add_routes(page, self.find, PREFIX)

    def find(self, form: str) -> Editor:
        """The editor of a form; an answer of 404 where there is no such form."""
        place, readers = self._desk.place, self._desk.readers
        names = {_id(name): name for name in place.form_names()}
        if form not in names:
            raise Failure(404, "there is no such form")
        with self._lock:
            if form not in self._open:
                self._open[form] = Editor(
                    place.form_path(names[form]),
                    lambda: readers.ready(Asked(), None, None).scanner.recognizer,
                    place.lists,
                )
            return self._open[form]


def _id(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
