"""A form: an image of it empty, and where its fields are. A small TOML that people correct by hand."""

from __future__ import annotations

import re
import tomllib
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
from hwr_edge.limits import TEMPLATE_BYTES
from hwr_edge.results.rows import FORM_COLUMNS, FORM_MORE
from hwr_edge.textfile import read_text

SCHEMA = 1
_MOST_COMMON = 0.5  # of the smaller box of two fields
_MOST_PARTS = 8  # of a dotted key; a form's have one
_TOP, _FIELD = ("schema", "picture", "field"), ("name", "box")


class Field(NamedTuple):
    """A place to write in; box in pixels of the form's image."""

    name: str
    box: Box


@dataclass(frozen=True)
class Form:
    """An empty form and its fields.

    path: its TOML.
    image: uint8 (H, W), flat, upright, nothing written on it.
    fields: in the order of the TOML.
    """

    path: Path
    image: Grey
    fields: tuple[Field, ...]


def read_form(path: Path) -> Form:
    """Read a form's TOML and its image.

    Raises:
        DataError: either cannot be read, or a field of it cannot be used.
    """
    image, rows = _read(path)
    try:
        try:
            grey = read_grey(image)
        except ImageError as error:
            raise ValueError(f"its image: {error}") from error
        fields = [_field(row, k, grey) for k, row in enumerate(rows, 1)]
        check_names([field.name for field in fields])
        _check_apart(fields)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return Form(path, grey, tuple(fields))


def image_of(path: Path) -> Path:
    """The image that a form's TOML names.

    Raises:
        DataError: the TOML cannot be read, or names none.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Path, list[Any]]:
    try:
        text = read_text(path, TEMPLATE_BYTES)
        _check_depth(text)
        image, rows = _checked(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{path}: not valid TOML ({' '.join(str(error).split())})") from error
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return path.parent / image, rows


def _check_depth(text: str) -> None:
    """Raise ValueError where a key has many parts: the parser's memory grows with their square."""
    plain = re.sub(r'"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?', "s", text)  # each ends with its line
    plain = re.sub(r"[\w-]+", "k", re.sub(r"[ \t]|#.*", "", plain))
    if re.search(rf"(?:k\.){{{_MOST_PARTS},}}", plain):
        raise ValueError(f"a key has more than {_MOST_PARTS} parts, with dots between them")


def _checked(table: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The name of the image, and the tables of the fields."""
    if table.get("schema") != SCHEMA or isinstance(table.get("schema"), bool):
        raise ValueError(
            f"a template must begin with schema = {SCHEMA}, not {table.get('schema')!r}"
        )
    _check_keys(table, _TOP, "a form")
    image, rows = table.get("picture"), table.get("field")
    if not isinstance(image, str) or not image:
        raise ValueError('no image is named; write picture = "FILE.png"')
    if not isinstance(rows, list) or not rows:
        raise ValueError("no field is defined; begin each field with [[field]]")
    return image, rows


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    if unknown := [key for key in table if key not in known]:
        raise ValueError(f"unknown key {unknown[0]!r}; {what} has {', '.join(known)}")


def _field(row: Any, number: int, image: Grey) -> Field:
    """A field of the TOML, the `number`th."""
    where = f"field {number}"
    if not isinstance(row, dict):
        raise ValueError(f"{where} is not a table; begin each field with [[field]]")
    _check_keys(row, _FIELD, where)
    try:
        name = checked_name(row.get("name"))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return Field(name, _box(row.get("box"), f"{where}, {name!r}", image))


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
    for k, (name, box) in enumerate(fields):
        for near in np.flatnonzero(meeting(box, boxes[:k])):
            other, box2 = fields[int(near)]
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
