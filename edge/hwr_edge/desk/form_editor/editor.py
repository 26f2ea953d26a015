"""A template on the disk that is changed in the browser: read, checked, saved; and never overwritten unseen."""

from __future__ import annotations

import hashlib
import os
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from hwr_edge.desk.form_editor.draft import DraftField, Drawn, problem_of
from hwr_edge.desk.form_editor.source import Source, changed, cut
from hwr_edge.desk.form_editor.trial import Trial
from hwr_edge.errors import DataError, ImageError, OutputError
from hwr_edge.files import write_whole
from hwr_edge.form.template import KINDS
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.limits import TOML_BYTES
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.locks import hold

LIST_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".ods", ".xls")
_QUALITY = 85  # of a form's JPEG


class ChangedMeanwhile(OutputError):  # noqa: N818  # says what is wrong, as its siblings do
    """Somebody else changed the template since it was opened."""


class _Read(NamedTuple):
    """A template as it lies on the disk.

    version: of its content.
    images: of each page, as the template names it.
    """

    source: Source
    version: str
    images: tuple[str, ...]


class Editor:
    """A template, and where its lists are."""

    def __init__(
        self, path: Path, recognizer: Callable[[], Recognizer], lists: Path | None = None
    ) -> None:
        """Open a template.

        Args:
            path: the TOML.
            recognizer: makes what reads a filled form, when one is tried.
            lists: a folder whose files may be fields' lists; those beside the template may, too.

        Raises:
            DataError: it cannot be read, or is written in a way that cannot be kept.
        """
        self.path, self._lists = path, lists
        self.trial = Trial(recognizer)
        self._mutex = threading.Lock()
        self._read()

    def _read(self) -> _Read:
        try:
            with self.path.open("rb") as file:
                raw = file.read(TOML_BYTES + 1)
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be read ({error.strerror}); make one with `hwr-edge form new`"
            ) from error
        if len(raw) > TOML_BYTES:
            raise DataError(f"{self.path}: larger than {TOML_BYTES >> 20} MiB")
        try:
            source = cut(raw.decode("utf-8"))
            images = _images(source.text)
        except UnicodeDecodeError as error:
            raise DataError(f"{self.path}: save it as UTF-8") from error
        except DataError as error:
            raise DataError(f"{self.path}: {error}") from error
        return _Read(source, hashlib.sha256(raw).hexdigest(), images)

    def shown(self) -> dict[str, Any]:
        """The template as the page draws it; DataError where it cannot be read any more."""
        read = self._read()
        fields = read.source.fields()
        pages = [
            {"size": self._size(image), "fields": [_shown(k, row) for k, row in enumerate(rows)]}
            for image, rows in zip(read.images, fields, strict=True)
        ]
        return {
            "file": self.path.name,
            "version": read.version,
            "pages": pages,
            "lists": self.lists(),
        }

    def _size(self, image: str) -> tuple[int, int]:
        height, width = self._grey(image).shape
        return width, height

    def _grey(self, image: str) -> Grey:
        try:
            return read_grey(self.path.parent / image)
        except ImageError as error:
            raise DataError(f"{self.path}: its image: {error}") from error

    def image(self, page: int) -> bytes:
        """The empty form of a page, from 0, as JPEG; DataError where there is none."""
        images = self._read().images
        if not 0 <= page < len(images):
            raise DataError(f"{self.path}: has no page {page + 1}")
        quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
        return cv2.imencode(".jpg", self._grey(images[page]), quality)[1].tobytes()

    def lists(self) -> list[str]:
        """The files that may be a field's list, as a template names them."""
        folder = self.path.parent
        found = {path for place in filter(None, (folder, self._lists)) for path in place.iterdir()}
        names = [path for path in found if path.suffix.lower() in LIST_ENDINGS and path.is_file()]
        return sorted(Path(os.path.relpath(path, folder)).as_posix() for path in names)

    def problem(self, drawn: Drawn) -> str:
        """Why what is drawn cannot be used, a line; empty where it can."""
        read = self._read()
        if len(drawn) != len(read.images):
            return f"the template has {len(read.images)} pages, not {len(drawn)}"
        return self._unknown_list(read, drawn) or problem_of(self.path.parent, read.images, drawn)

    def _unknown_list(self, read: _Read, drawn: Drawn) -> str:
        """A list is one of those that there are, or as the template had it: nobody reads other files by a name."""
        had = {row.get("roster") for rows in read.source.fields() for row in rows}
        known = {*self.lists(), *had, None}
        for fields in drawn:
            for field in fields:
                if field.roster not in known:
                    return f"field {field.name!r}: there is no list {field.roster!r}; put it beside the template"
        return ""

    def save(self, drawn: Drawn, version: str) -> str:
        """Write what is drawn; the new version.

        Args:
            drawn: the fields of each page.
            version: of the template that they were drawn over.

        Raises:
            ChangedMeanwhile: the file has another one by now; it stays as it is.
            DataError: it cannot be used; the file stays as it is.
            OutputError: it cannot be written.
        """
        with self._mutex, hold(self.path):
            read = self._read()
            if read.version != version:
                raise ChangedMeanwhile(
                    f"{self.path.name} was changed on the disk after it was opened here; "
                    "load the page again, and draw your changes over the new one"
                )
            if problem := self.problem(drawn):
                raise DataError(problem)
            text = changed(read.source, drawn)
            _check_same(text, drawn)
            write_whole(self.path, text.encode("utf-8"))
            return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def try_on(self, drawn: Drawn) -> dict[str, Any]:
        """What each field of the filled form reads that was given last.

        Raises:
            HwrError: there is none, it cannot be read, or what is drawn cannot be used.
        """
        if problem := self.problem(drawn):
            raise DataError(problem)
        return self.trial.read(self.path.parent, self._read().images, drawn)


def _images(text: str) -> tuple[str, ...]:
    """The image of each page, as the template names it."""
    whole = tomllib.loads(text)
    images = [page.get("picture") for page in whole.get("page", [whole])]
    named = tuple(image for image in images if isinstance(image, str) and image)
    if not named or len(named) < len(images):
        raise DataError('a page names no image; write picture = "FILE.png"')
    return named


def _shown(place: int, row: dict[str, Any]) -> dict[str, Any]:
    """A field for the page, which has something to draw of everything."""
    box = row.get("box")
    whole = isinstance(box, list) and len(box) == 4 and all(type(side) is int for side in box)
    kind = row.get("kind", "name")
    return {
        "name": row["name"] if isinstance(row.get("name"), str) else "",
        "box": box if whole else [0, 0, 100, 40],
        "kind": kind if kind in KINDS else "name",
        "roster": row["roster"] if isinstance(row.get("roster"), str) else "",
        "column": row["column"] if isinstance(row.get("column"), str) else "",
        "origin": place,
    }


def _check_same(text: str, drawn: Drawn) -> None:
    """Nothing is written that says other than what was drawn."""

    def said(row: dict[str, Any]) -> DraftField:
        named = {key: row.get(key) for key in ("roster", "column")}
        return DraftField(row["name"], tuple(row["box"]), row.get("kind", "name"), **named)

    try:
        again = [[said(row).keys() for row in rows] for rows in cut(text).fields()]
    except (KeyError, TypeError) as error:
        raise DataError(f"cannot be saved as it is drawn ({error!r}); change it by hand") from error
    if again != [[field.keys() for field in fields] for fields in drawn]:
        raise DataError("cannot be saved as it is drawn; change it by hand")
