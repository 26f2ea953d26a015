"""The API over HTTP, which the page uses as well: one file read at once, and batches."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import Any

import bottle

from hwr_edge import __version__
from hwr_edge.desk import tables
from hwr_edge.desk.batch import Gone, State
from hwr_edge.desk.desk import Desk
from hwr_edge.desk.http_json import (
    Failure,
    RequestQueue,
    answering,
    busy,
    choice,
    json_body,
    number,
    uploads,
)
from hwr_edge.desk.openapi import description
from hwr_edge.desk.place import (
    FORM_ENDINGS,
    IMAGE_ENDINGS,
    LIST_ENDINGS,
    keep_file,
    safe_name,
)
from hwr_edge.desk.readers import Ready
from hwr_edge.desk.reading_options import KEYS, ReadingOptions, options_of
from hwr_edge.errors import DataError
from hwr_edge.limits import IMAGE_BYTES, REQUEST_BYTES, RESULTS_BYTES, TEXT_BYTES
from hwr_edge.results.separator import Separator
from hwr_edge.web import Page

_MOST_FILES = 1000  # of a request
_MOST_WAITING = 200  # batches
_MOST_ROWS = 5000  # of an answer
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Api:
    """What the API does."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.place, self.batches = desk, desk.place, desk.batches
        self.readers, self.queue = desk.readers, desk.queue
        cores = os.cpu_count() or 1
        self._reads = RequestQueue(cores, 2 * cores + 2)

    def add_to(self, page: Page) -> None:
        """Answer the API's paths, behind the page's token; its health and description without."""
        page.bottle.route("/api/health", "GET", self.health)
        for method, path, call in (
            ("GET", "/api/openapi.json", description),
            ("POST", "/api/read", self.read),
            ("GET", "/api/batches", self.list_batches),
            ("POST", "/api/batches", self.new_batch),
            ("GET", "/api/batches/<batch>", self.state),
            ("DELETE", "/api/batches/<batch>", self.delete),
            ("POST", "/api/batches/<batch>/scans", self.add_scans),
            ("GET", "/api/batches/<batch>/results", self.results),
            ("GET", "/api/batches/<batch>/table", self.table),
            ("POST", "/api/batches/<batch>/cancel", self.cancel),
            ("POST", "/api/batches/<batch>/continue", self.go_on),
            ("GET", "/api/lists", self.lists),
            ("POST", "/api/lists", self.add_list),
            ("GET", "/api/forms", self.forms),
            ("POST", "/api/forms", self.add_form),
        ):
            page.route(method, path, answering(call))

    def health(self) -> dict[str, Any]:
        """Whether the desk runs; anybody may ask."""
        return {"status": "ok", "version": __version__}

    def read(self) -> dict[str, Any]:
        """Read one file at once."""
        (upload,) = uploads("file", 1, REQUEST_BYTES)
        forms = bottle.request.forms
        asked = options_of({key: forms.getunicode(key) for key in KEYS if key in forms})
        with self._reads.taken():
            ready = self._ready(asked)
            name = safe_name(upload.raw_filename)
            rows, problems = self.readers.read_file(ready, name, upload.file.read())
        return {"rows": [row.to_dict() for row in rows], "problems": problems}

    def _ready(self, asked: ReadingOptions) -> Ready:
        listed = self.place.list_path(asked.list) if asked.list else None
        form = self.place.form_path(asked.form) if asked.form else None
        return self.readers.ready(asked, listed, form)

    def list_batches(self) -> dict[str, Any]:
        """All batches, the newest first."""
        found = []
        for batch in self.batches.all():
            try:
                found.append(batch.to_dict())
            except Gone:
                continue
        return {"batches": found, "damaged": self.batches.damaged}

    def new_batch(self) -> dict[str, Any]:
        """Make an empty batch."""
        said = json_body()
        title = said.pop("title", "")
        if not isinstance(title, str):
            raise DataError("title is a text")
        asked = options_of(said)
        batch = self.batches.new(title, asked)
        if asked.form:
            self.readers.prepare(self.place.form_path(asked.form))
        bottle.response.status = 201
        return batch.to_dict()

    def state(self, batch: str) -> dict[str, Any]:
        """How far a batch is."""
        return self.batches.get(batch).to_dict()

    def delete(self, batch: str) -> dict[str, Any]:
        """Delete a batch for good."""
        self.desk.delete(self.batches.get(batch))
        return {"deleted": batch}

    def add_scans(self, batch: str) -> dict[str, Any]:
        """Take scans; they are read in their turn."""
        found = self.batches.get(batch)
        if self.queue.length >= _MOST_WAITING and found.state is not State.READING:
            raise busy()
        names = [
            found.add(upload.raw_filename, upload.file)
            for upload in uploads("file", _MOST_FILES, IMAGE_BYTES)
        ]
        self.queue.put(found)
        bottle.response.status = 202
        return {"added": names, **found.to_dict()}

    def results(self, batch: str) -> dict[str, Any]:
        """Rows so far, as the command's JSON, with what was answered."""
        found = self.batches.get(batch)
        after = number("after", 0, RESULTS_BYTES)
        first = number("first", 0, 1 << 31)
        rows, end = found.rows(after, number("count", 1000, _MOST_ROWS))
        return {
            "rows": tables.answered(found, rows, first),
            "next": end,
            "state": found.state.value,
        }

    def table(self, batch: str) -> bytes:
        """The table for people."""
        found = self.batches.get(batch)
        kind, separator = choice("format", ("csv", "xlsx")), choice("separator", tuple(Separator))
        cells = tables.cells(found)
        bottle.response.content_type = "text/csv; charset=utf-8" if kind == "csv" else _XLSX
        name = f'attachment; filename="names-{found.id}.{kind}"'
        bottle.response.set_header("Content-Disposition", name)
        return (
            tables.as_xlsx(cells) if kind == "xlsx" else tables.as_csv(cells, Separator(separator))
        )

    def cancel(self, batch: str) -> dict[str, Any]:
        """Stop reading a batch; what was read stays."""
        found = self.batches.get(batch)
        self.queue.cancel(found)
        return found.to_dict()

    def go_on(self, batch: str) -> dict[str, Any]:
        """Read what is unread of a batch that failed or was cancelled."""
        found = self.batches.get(batch)
        if found.state is State.EMPTY:
            raise Failure(409, "the batch has no scans")
        self.queue.put(found)
        return found.to_dict()

    def lists(self) -> dict[str, Any]:
        """The lists that a batch may name."""
        return {"lists": self.place.list_names()}

    def add_list(self) -> dict[str, Any]:
        """Keep a list, after it was understood."""
        from hwr_edge.results.roster_file import read_people

        (upload,) = uploads("file", 1, TEXT_BYTES)
        name = safe_name(upload.raw_filename)
        draft = keep_file(
            self.place.lists, f"{token_hex(8)}{Path(name).suffix}", upload.file.read(), LIST_ENDINGS
        )
        path = self.place.lists / draft
        try:
            people = read_people(path)
            os.replace(path, self.place.lists / name)
        except DataError as error:
            raise DataError(str(error).replace(str(path), name)) from error
        finally:
            path.unlink(missing_ok=True)
        bottle.response.status = 201
        return {"name": name, "names": len(people.names), "notes": list(people.notes)}

    def forms(self) -> dict[str, Any]:
        """The forms that a batch may name."""
        return {"forms": self.place.form_names()}

    def add_form(self) -> dict[str, Any]:
        """Keep a form's template with the images and lists that it names."""
        endings = FORM_ENDINGS + IMAGE_ENDINGS + LIST_ENDINGS
        names = [
            keep_file(self.place.forms, upload.raw_filename, upload.file.read(), endings)
            for upload in uploads("file", _MOST_FILES, TEXT_BYTES)
        ]
        for name in names:
            if name in self.place.form_names():
                self.readers.prepare(self.place.form_path(name))
        bottle.response.status = 201
        return {"names": names}
