"""Empty forms with the true boxes of their fields, kept in a folder between runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from forms_html.browser import Typesetter, typesetter
from forms_html.families import families
from forms_html.layouts import form_html
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box, Grey

DPI = 300.0
"""Of the empty page."""
_VERSION = 1
"""To be raised when the same seed gives another form; part of the kept files' names."""


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
    """

    seed: int
    page: Grey
    fields: tuple[FormField, ...]
    print_boxes: tuple[Box, ...]


def empty_forms(
    count: int, first: int = 0, cache: Path | None = None, held_out: bool = True
) -> list[EmptyForm]:
    """The forms of seeds first, first + 1, ...

    cache: a folder where they are kept; only what it lacks is set.
    held_out: in font families that no training set print in; else in the others.

    Raises:
        RuntimeError: Chromium or fonts are missing, and the cache lacks a form.
    """
    kept = {seed: _kept(cache, seed, held_out) for seed in range(first, first + count)}
    missing = [seed for seed, form in kept.items() if form is None]
    if missing:
        with typesetter() as press:
            for seed in missing:
                kept[seed] = _set(press, seed, held_out, cache)
    return [form for form in kept.values() if form is not None]


def _set(press: Typesetter, seed: int, held_out: bool, cache: Path | None) -> EmptyForm:
    html, wide, high = form_html(seed, families(held_out))
    page, boxes = press.page(html, wide, high, DPI)
    if cache is not None:
        image, truth = _paths(cache, seed, held_out)
        cache.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(image), page)
        truth.write_text(json.dumps(boxes), "utf-8")
    return _form(seed, page, boxes)


def _kept(cache: Path | None, seed: int, held_out: bool) -> EmptyForm | None:
    if cache is None:
        return None
    image, truth = _paths(cache, seed, held_out)
    if not truth.exists():
        return None
    return _form(seed, read_grey(image), json.loads(truth.read_text("utf-8")))


def _paths(cache: Path, seed: int, held_out: bool) -> tuple[Path, Path]:
    stem = f"v{_VERSION}-{'measure' if held_out else 'learn'}-{seed:04d}"
    return cache / f"{stem}.png", cache / f"{stem}.json"


def _form(seed: int, page: Grey, boxes: dict[str, Any]) -> EmptyForm:
    fields = tuple(
        FormField(f["name"], f["kind"], f["holds"], _box(f["box"]), f["cells"])
        for f in boxes["fields"]
    )
    return EmptyForm(
        seed, np.ascontiguousarray(page), fields, tuple(_box(b) for b in boxes["print"])
    )


def _box(sides: list[int]) -> Box:
    x, y, width, height = sides
    return x, y, width, height
