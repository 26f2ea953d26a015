"""A form: an image of it empty, and where its fields are. A small TOML that people correct by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError, ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.results.tables import FORM_COLUMNS, FORM_MORE
from hwr_edge.textfile import read_toml

SCHEMA = 1
_MOST_COMMON = 0.5  # of the smaller box of two fields
_TOP, _PAGE = ("schema", "picture", "field", "page"), ("picture", "field")
_FIELD = ("name", "box", "kind", "roster", "column")
KINDS = ("name", "text", "skip")
"""What a field holds: a name, which is looked for in a roster; other words; or what is not read."""


class Field(NamedTuple):
    """A place to write in.

    box: in pixels of the form's image.
    kind: one of KINDS.
    roster, column: a file of the names that may stand there, and its column, where the field has its own.
    """

    name: str
    box: Box
    kind: str = "name"
    roster: Path | None = None
    column: str | None = None


@dataclass(frozen=True)
class Form:
    """An empty form, or a page of one, and its fields.

    path: its TOML.
    image: uint8 (H, W), flat, upright, nothing written on it.
    fields: in the order of the TOML.
    """

    path: Path
    image: Grey
    fields: tuple[Field, ...]


def read_form(path: Path) -> Form:
    """A form of one page, or the first page of one: as `read_pages`."""
    return read_pages(path)[0]


def read_pages(path: Path) -> tuple[Form, ...]:
    """Read a form's TOML and its images: a Form for each page.

    Raises:
        DataError: one of these cannot be read, or a field cannot be used.
    """
    try:
        forms = [_form(path, image, rows) for image, rows in _read(path)]
        check_names([field.name for form in forms for field in form.fields])
        for form in forms:
            _check_apart(form.fields)
        if not any(field.kind != "skip" for form in forms for field in form.fields):
            raise ValueError('all fields have kind = "skip"; one must be read')
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return tuple(forms)


def _form(path: Path, image: Path, rows: Sequence[Any]) -> Form:
    """A page of a form; ValueError says what is wrong with it."""
    try:
        grey = read_grey(image)
    except ImageError as error:
        raise ValueError(f"its image: {error}") from error
    fields = [_field(row, k, grey, path.parent) for k, row in enumerate(rows, 1)]
    return Form(path, grey, tuple(fields))


def fields_read(path: Path) -> list[Field]:
    """The fields of a form that are read, all pages', in their order.

    Raises:
        DataError: as `read_pages`.
    """
    return [f for form in read_pages(path) for f in form.fields if f.kind != "skip"]


def page_fields(path: Path) -> list[list[str]]:
    """The names of the fields of each page of a form; raises as `read_pages`."""
    return [[field.name for field in form.fields] for form in read_pages(path)]


def files_of(path: Path) -> list[Path]:
    """The files that a form's TOML names: its images and its fields' rosters.

    Raises:
        DataError: the TOML cannot be read, or names no image.
    """
    pages = _read(path)
    rows = [row for _, page in pages for row in page if isinstance(row, dict)]
    rosters = [row["roster"] for row in rows if isinstance(row.get("roster"), str)]
    return [*(image for image, _ in pages), *(path.parent / name for name in rosters)]


def _read(path: Path) -> list[tuple[Path, list[Any]]]:
    """Of each page its image, and the tables of its fields."""
    try:
        pages = _checked(read_toml(path))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return [(path.parent / image, rows) for image, rows in pages]


def _checked(table: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    """Of each page the name of its image, and the tables of its fields."""
    if table.get("schema") != SCHEMA or isinstance(table.get("schema"), bool):
        raise ValueError(
            f"a template must begin with schema = {SCHEMA}, not {table.get('schema')!r}"
        )
    _check_keys(table, _TOP, "a form")
    if "page" not in table:
        return [_page(table)]
    pages = table["page"]
    if not isinstance(pages, list) or not pages or "picture" in table or "field" in table:
        raise ValueError("picture and [[page.field]] must follow each [[page]], none before")
    for number, page in enumerate(pages, 1):
        if not isinstance(page, dict):
            raise ValueError(f"page {number} is not a table; begin each page with [[page]]")
        _check_keys(page, _PAGE, f"page {number}")
    return [_page(page) for page in pages]


def _page(table: Mapping[str, Any]) -> tuple[str, list[Any]]:
    image, rows = table.get("picture"), table.get("field")
    if not isinstance(image, str) or not image:
        raise ValueError('no image is named; write picture = "FILE.png"')
    if not isinstance(rows, list) or not rows:
        raise ValueError("no field is defined; begin each field with [[field]]")
    return image, rows


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    if unknown := [key for key in table if key not in known]:
        raise ValueError(f"unknown key {unknown[0]!r}; {what} has {', '.join(known)}")


def _field(row: Any, number: int, image: Grey, folder: Path) -> Field:
    """A field of the TOML, the `number`th."""
    where = f"field {number}"
    if not isinstance(row, dict):
        raise ValueError(f"{where} is not a table; begin each field with [[field]]")
    _check_keys(row, _FIELD, where)
    try:
        name = checked_name(row.get("name"))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    where = f"{where}, {name!r}"
    kind, roster, column = row.get("kind", "name"), row.get("roster"), row.get("column")
    if kind not in KINDS:
        raise ValueError(f"{where}: kind must be {', '.join(map(repr, KINDS))}, not {kind!r}")
    if any(word is not None and not (isinstance(word, str) and word) for word in (roster, column)):
        raise ValueError(f"{where}: roster must be the name of a file, and column a heading in it")
    if (roster and kind != "name") or (column and not roster):
        raise ValueError(f'{where}: roster needs kind = "name", and column needs roster')
    path = folder / roster if roster else None
    return Field(name, _box(row.get("box"), where, image), kind, path, column)


def checked_name(name: Any) -> str:
    """A field's name, which is a column's heading.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a name must be non-empty text, not {name!r}")
    if not name.isprintable() or name != name.strip():
        raise ValueError(f"the name {name!r} has tabs, line breaks, or spaces at its ends")
    return name


def check_names(names: Sequence[str]) -> None:
    """Raise ValueError where two columns of a form's table would have the same heading."""
    if twice := next((name for name, count in Counter(names).items() if count > 1), None):
        raise ValueError(f"two fields have the name {twice!r}")
    others = {*FORM_COLUMNS, *(f"{name} {key}" for name in names for key in FORM_MORE)}
    if taken := next((name for name in names if name in others), None):
        raise ValueError(f"the results already have a column {taken!r}; choose another name")


def _check_apart(fields: Sequence[Field]) -> None:
    """Raise ValueError where a field lies on another."""
    boxes = np.array([field.box for field in fields])
    for k, (name, box, *_) in enumerate(fields):
        for near in np.flatnonzero(meeting(box, boxes[:k])):
            other, box2 = fields[int(near)][:2]
            if lie_on_each_other(box, box2):
                raise ValueError(f"the fields {other!r} and {name!r} overlap")


def meeting(box: Box, boxes: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which of boxes, int (N, 4), have pixels in common with a box, bool (N,)."""
    low, high = np.asarray(box[:2]), np.add(box[:2], box[2:])
    common = np.minimum(boxes[:, :2] + boxes[:, 2:], high) - np.maximum(boxes[:, :2], low)
    return np.asarray((common > 0).all(axis=1))


def lie_on_each_other(one: Box, other: Box) -> bool:
    """Whether two fields have too much in common."""
    (x, y, width, height), (x2, y2, width2, height2) = one, other
    wide = min(x + width, x2 + width2) - max(x, x2)
    high = min(y + height, y2 + height2) - max(y, y2)
    least = min(width * height, width2 * height2)
    return min(wide, high) > 0 and wide * high > _MOST_COMMON * least


def _box(box: Any, where: str, image: Grey) -> Box:
    whole = isinstance(box, list) and all(type(v) is int for v in box)
    if not whole or len(box) != 4:
        raise ValueError(
            f"{where}: box must be [x, y, width, height], four whole numbers, not {box!r}"
        )
    x, y, wide, high = box
    if wide < 1 or high < 1:
        raise ValueError(f"{where}: its box {box} is empty")
    height, width = image.shape
    if x < 0 or y < 0 or x + wide > width or y + high > height:
        raise ValueError(f"{where}: its box {box} is not inside the {width}x{height} image")
    return x, y, wide, high
