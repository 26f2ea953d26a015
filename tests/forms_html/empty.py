"""Empty forms with the true boxes of their fields, kept in a folder between runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from forms_html.browser import Typesetter, typesetter
from forms_html.dense import dense_html
from forms_html.families import families
from forms_html.layouts import form_html
from forms_html.oddments import oddments_html
from forms_html.specimens import specimen_html
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey

DPI = 300.0
"""Of the empty page."""
_VERSION = 2
"""To be raised when the same seed gives another form or more truth; part of the kept files' names."""
_HTML = {
    "form": form_html,
    "dense": dense_html,
    "specimen": specimen_html,
    "oddments": oddments_html,
}


@dataclass(frozen=True)
class FormField:
    """A place to write in.

    name: unlike every other of the form.
    kind: "box", "comb", "ruled", "dotted", "shaded" or "cell" (of a table).
    holds: "name", "text", "digits" or "sign" (a signature).
    box: x, y, width, height in pixels of the page.
    cells: of a comb, else 0.
    """

    name: str
    kind: str
    holds: str
    box: Box
    cells: int


@dataclass(frozen=True)
class EmptyForm:
    """A form as it comes from the press.

    page: uint8 (H, W) at 300 dpi.
    print_boxes: of each run of printed letters, pixels.
    free: other places that one may write in: of answers, marks, remarks, and of the office.
    """

    seed: int
    page: Grey
    fields: tuple[FormField, ...]
    print_boxes: tuple[Box, ...]
    free: tuple[Box, ...] = ()


def empty_forms(
    count: int,
    first: int = 0,
    cache: Path | None = None,
    held_out: bool = True,
    kind: str = "form",
) -> list[EmptyForm]:
    """The forms of seeds first, first + 1, ...; some 9 MB each.

    cache: a folder where they are kept; only what it lacks is set.
    held_out: in font families that no training set print in; else in the others.
    kind: "form"; "dense", crowded ones; or "specimen": lines of print alone, each in another font.

    Raises:
        RuntimeError: Chromium or fonts are missing, and the cache lacks a form.
    """
    return list(each_form(range(first, first + count), cache, held_out, kind))


def each_form(
    seeds: Iterable[int], cache: Path | None = None, held_out: bool = True, kind: str = "form"
) -> Iterator[EmptyForm]:
    """As `empty_forms`, one after the other."""
    group = f"{'measure' if held_out else 'learn'}{'' if kind == 'form' else '-' + kind}"
    with ExitStack() as stack:
        press: Typesetter | None = None
        for seed in seeds:
            path = cache / f"v{_VERSION}-{group}-{seed:04d}.json" if cache else None
            if path is None or not path.exists():
                press = press or stack.enter_context(typesetter())
                yield _set(press, seed, kind, held_out, path)
            else:
                page = read_grey(path.with_suffix(".png"))
                yield _form(seed, page, json.loads(path.read_text("utf-8")))


def _set(press: Typesetter, seed: int, kind: str, held_out: bool, path: Path | None) -> EmptyForm:
    html, wide, high = _HTML[kind](seed, families(held_out))
    page, boxes = press.page(html, wide, high, DPI)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path.with_suffix(".png")), page)
        path.write_text(json.dumps(boxes), "utf-8")
    return _form(seed, page, boxes)


def _form(seed: int, page: Grey, boxes: dict[str, Any]) -> EmptyForm:
    fields = tuple(
        FormField(f["name"], f["kind"], f["holds"], _box(f["box"]), f["cells"])
        for f in boxes["fields"]
    )
    print_, free = (tuple(_box(b) for b in boxes[kind]) for kind in ("print", "free"))
    return EmptyForm(seed, np.ascontiguousarray(page), fields, print_, free)


def _box(sides: list[int]) -> Box:
    x, y, width, height = sides
    return x, y, width, height
