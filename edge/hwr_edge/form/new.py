"""A form's TOML made from a scan of it empty, or its PDF: its image laid flat, its fields proposed or the PDF's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError, ImageError, OutputError
from hwr_edge.files import write_new
from hwr_edge.form.places import Place
from hwr_edge.form.propose import box_of, in_reading_order, propose_fields
from hwr_edge.form.segments import climb_of
from hwr_edge.form.template import (
    SCHEMA,
    Field,
    Form,
    check_names,
    checked_name,
    lie_on_each_other,
    meeting,
)
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pdf_fields import PdfField
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.find_sheets import find_sheet
from hwr_edge.page.sheet import Sheet, whole_image
from hwr_edge.results.tables import FORM_COLUMNS

LONGEST = 2500
"""Pixels of a template's image, on its longer side: 214 dpi of an A4 page."""
_LEAST_CLIMB = 0.05  # degrees: less is left as it is
_RED, _WHITE = (40, 40, 220), (255, 255, 255)  # blue, green, red


class EmptyPage(NamedTuple):
    """A page of an empty form.

    grey: uint8 (H, W), a scan or a photograph, upright.
    name: what errors call it.
    fields: the text fields that its PDF has; with none, places to write in are looked for.
    """

    grey: Grey
    name: str
    fields: Sequence[PdfField] = ()


_HEAD = """\
# A form that hwr-edge reads. Correct it by hand:
# - name: a column of the results; no two fields have the same.
# - box: [left, top, width, height] of the place to write in, in pixels of the image above it.
# - kind = "text" for what is no name, so that no roster is asked; "skip" for what is not to be read.
# - roster = "FILE" for a list of the names that may stand there, and column = "HEADING" for its column.
# - To leave a field out, delete its [[field]]; for another one, add one.
# {shown} the fields as they were proposed.

schema = {schema}
"""


def new_form(grey: Grey, path: Path, names: Sequence[str] = (), name: str = "the image") -> Form:
    """A form of one page: as `new_pages`."""
    return new_pages([EmptyPage(grey, name)], path, names)[0]


def new_pages(pages: Sequence[EmptyPage], path: Path, names: Sequence[str] = ()) -> list[Form]:
    """Write STEM.toml, its image STEM.png and STEM-fields.png, which shows the fields, or nothing.

    Of several pages the images are STEM-1.png, STEM-1-fields.png and so on.

    Args:
        pages: those of the form.
        path: of the TOML.
        names: of the first fields, in reading order; the others are called as in the PDF, or field2, field3, ...

    Raises:
        ImageError: no place to write in is seen on a page.
        DataError: a name cannot be used, or there are more of them than fields.
        OutputError: a file is there already or cannot be written.
    """
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise OutputError(f"{path}: the name is not valid Unicode; choose another") from error
    ends = [""] if len(pages) == 1 else [f"-{k}" for k in range(1, len(pages) + 1)]
    images = [path.with_name(f"{path.stem}{end}.png") for end in ends]
    shown = [path.with_name(f"{path.stem}{end}-fields.png") for end in ends]
    for target in (path, *images, *shown):
        if target.exists() or target.is_symlink():
            raise OutputError(f"{target}: already exists; choose another name, or delete it")
    found = [_of_pdf(page) if page.fields else _proposed(page) for page in pages]
    named = iter(_named(names, [own for _, fields in found for own, _ in fields], path))
    forms = [
        Form(path, flat, tuple(Field(next(named), box) for _, box in fields))
        for flat, fields in found
    ]
    files = dict(zip(images, (_png(form.image) for form in forms), strict=True))
    files |= dict(zip(shown, (_png(_shown(form)) for form in forms), strict=True))
    files[path] = _toml(forms, images, shown).encode()
    _write_all(files)
    return forms


def _proposed(page: EmptyPage) -> tuple[Grey, list[tuple[str, Box]]]:
    """A page laid flat, and its fields, which have no names."""
    seen, _ = level_sheet(page.grey).shrunk(LONGEST)
    boxes = propose_fields(seen)
    if not boxes:
        raise ImageError(
            f"{page.name}: no box or line to write on was found; scan the empty form upright and sharp"
        )
    return flatten_light(seen), [("", box) for box in boxes]


def _of_pdf(page: EmptyPage) -> tuple[Grey, list[tuple[str, Box]]]:
    """A page as its PDF draws it, and its fields in reading order; of two on each other, the first one counts."""
    seen, _ = whole_image(page.grey).shrunk(LONGEST)
    height, width = seen.shape
    named: dict[Place, tuple[str, Box]] = {}
    boxes = np.zeros((len(page.fields), 4), np.int64)
    for _, name, (left, top, right, low) in page.fields:
        box = box_of(
            Place(left * width, top * height, right * width, low * height), 1.0, width, height
        )
        near = boxes[: len(named)][meeting(box, boxes[: len(named)])]
        if not any(lie_on_each_other(box, tuple(other)) for other in near.tolist()):
            boxes[len(named)] = box
            named[Place(left, top, right, low)] = name, box
    return seen, [named[place] for place in in_reading_order(list(named))]


def level_sheet(grey: Grey) -> Sheet:
    """The form alone, upright, its lines level."""
    sheet = find_sheet(grey)
    climb = climb_of(sheet.shrunk(LONGEST)[0])  # finer than that of its writing
    return sheet.rotated(climb) if abs(climb) >= _LEAST_CLIMB else sheet


def _named(names: Sequence[str], own: Sequence[str], path: Path) -> list[str]:
    """A name for each field: one of `names`, or else its own; where that is empty, its number."""
    if len(names) > len(own):
        raise DataError(f"{path}: {len(names)} names given, but {len(own)} fields found")
    every, taken = list(names), {*names, *FORM_COLUMNS}
    for k, name in enumerate(own[len(names) :], len(names) + 1):
        name = name or f"field{k}"
        ways = chain([name], (f"{name} {n}" for n in count(2)))
        every.append(next(way for way in ways if way not in taken))
        taken.add(every[-1])
    try:
        for name in every:
            checked_name(name)
        check_names(every)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return every


def _toml(forms: Sequence[Form], images: Sequence[Path], shown: Sequence[Path]) -> str:
    said = " and ".join(path.name for path in shown) + (" show" if len(shown) > 1 else " shows")
    out = _HEAD.format(shown=said, schema=SCHEMA)
    for form, image in zip(forms, images, strict=True):
        page, field = ("", "field") if len(forms) == 1 else ("\n[[page]]\n", "page.field")
        out += f"{page}picture = {json.dumps(image.name, ensure_ascii=False)}\n"
        for name, box, *_ in form.fields:
            told = json.dumps(name, ensure_ascii=False)
            out += f"\n[[{field}]]\nname = {told}\nbox = {list(box)}\n"
    return out


def _shown(form: Form) -> NDArray[np.uint8]:
    """The form with its fields drawn, numbered and named, uint8 (H, W, 3)."""
    image = cv2.cvtColor(form.image, cv2.COLOR_GRAY2BGR)
    thick = max(1, round(max(image.shape) / 900))
    for number, (name, (x, y, width, height), *_) in enumerate(form.fields, 1):
        cv2.rectangle(image, (x, y), (x + width - 1, y + height - 1), _RED, thick)
        plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
        label, font = f"{number} {plain}", cv2.FONT_HERSHEY_SIMPLEX
        (wide, tall), _ = cv2.getTextSize(label, font, 0.5 * thick, thick)
        left = max(0, x + width - wide - 2 * thick)
        cv2.rectangle(image, (left, y), (left + wide + thick, y + tall + 3 * thick), _WHITE, -1)
        at = left, y + tall + thick
        cv2.putText(image, label, at, font, 0.5 * thick, _RED, thick, cv2.LINE_AA)
    return np.asarray(image, np.uint8)


def _png(image: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])


def _write_all(files: dict[Path, bytes]) -> None:
    """All of them or none."""
    done: list[Path] = []
    try:
        for path, data in files.items():
            write_new(path, data)
            done.append(path)
    except OutputError:
        for path in done:
            path.unlink(missing_ok=True)
        raise
