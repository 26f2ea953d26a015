"""What the page draws: a template's pages with their fields, as JSON, and what is wrong with them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwr_edge.errors import DataError
from hwr_edge.form.template import KINDS, SCHEMA, read_pages

MOST_FIELDS = 1000
"""Of a page."""
_LONGEST = 500  # letters of a name or a file


@dataclass(frozen=True)
class DraftField:
    """A field as it is drawn.

    box: x, y, width, height in pixels of the form's image, as drawn: it may be none that can be used.
    origin: which field of the page it is in the file, from 0; None of a new one.
    """

    name: str
    box: tuple[int, int, int, int]
    kind: str = "name"
    roster: str | None = None
    column: str | None = None
    origin: int | None = None

    def keys(self) -> dict[str, Any]:
        """What a template says of it, without what it need not say."""
        found: dict[str, Any] = {"name": self.name, "box": list(self.box)}
        if self.kind != "name":
            found["kind"] = self.kind
        more = {"roster": self.roster, "column": self.column}
        return found | {key: value for key, value in more.items() if value}


Drawn = tuple[tuple[DraftField, ...], ...]
"""The fields of each page."""


def drawn_of(pages: object) -> Drawn:
    """What the page sent.

    Raises:
        DataError: it is nothing that the page sends.
    """
    try:
        return tuple(_page(page) for page in _list(pages))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"not the fields of a form ({error!r})") from error


def _list(found: object) -> list[Any]:
    if not isinstance(found, list) or len(found) > MOST_FIELDS:
        raise ValueError(f"not a list of at most {MOST_FIELDS}")
    return found


def _page(fields: object) -> tuple[DraftField, ...]:
    return tuple(_field(field) for field in _list(fields))


def _field(sent: Mapping[str, Any]) -> DraftField:
    x, y, width, height = (_whole(side) for side in sent["box"])
    kind, origin = sent.get("kind", "name"), sent.get("origin")
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}")
    roster = _text(sent.get("roster") or "").strip() or None
    column = _text(sent.get("column") or "").strip() or None
    place = None if origin is None else _whole(origin)
    return DraftField(_text(sent["name"]), (x, y, width, height), kind, roster, column, place)


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) > 1 << 30:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("not a text of at most {_LONGEST} letters")
    value.encode("utf-8")
    return value


@contextmanager
def as_template(folder: Path, images: Sequence[str], drawn: Drawn) -> Iterator[Path]:
    """A template of what is drawn, in a file that is there as long as the context is.

    Args:
        folder: where the images and rosters are named from.
        images: of each page.
        drawn: the fields of each page.
    """
    lines = [f"schema = {SCHEMA}"]
    for image, fields in zip(images, drawn, strict=True):
        lines += ["[[page]]", f"picture = {_quoted(str(folder.absolute() / image))}"]
        for field in fields:
            keys = field.keys()
            if "roster" in keys:
                keys["roster"] = str(folder.absolute() / keys["roster"])
            lines += [
                "[[page.field]]",
                *(f"{key} = {_quoted(value)}" for key, value in keys.items()),
            ]
    with tempfile.TemporaryDirectory(prefix="hwr-edge-form-") as made:
        path = Path(made) / "form.toml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        yield path


def _quoted(value: object) -> str:
    """A value as TOML: JSON's texts and lists of numbers are TOML, but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def problem_of(folder: Path, images: Sequence[str], drawn: Drawn) -> str:
    """Why a form with these fields cannot be used, a line; empty where it can."""
    with as_template(folder, images, drawn) as path:
        try:
            read_pages(path)
        except DataError as error:
            return str(error).removeprefix(f"{path}: ")
    return ""
