"""`form new` and page mode on empty fillable PDFs that others made: `python -m bench.fillable_forms FOLDER`.

A fillable PDF says itself where its text fields are. Each page that has some is drawn without them, at 200 dots an
inch, and what `form new` would propose for that drawing is compared with them. Nothing is written on the pages, so
each row that page mode gives for one is print taken for a name.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hwr_edge.form.propose import propose_fields
from hwr_edge.image.decode import to_grey
from hwr_edge.image.pdf_fields import PdfField, text_fields
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.reader import read_page

_DPI = 200
_FEWEST = 5  # text fields of a page that is a form
_ACROSS, _WHOLE = 0.8, 0.5  # of a field's width, and of its area, that a proposal covers
_TOUCHED = 0.2  # of the smaller one: a proposal that touches no field so much is false


class Page(NamedTuple):
    """An empty page as it is printed, and where its fields are, pixels: left, top, right, low."""

    grey: Grey
    fields: list[tuple[float, ...]]


def pages_of(path: Path) -> Iterator[Page]:
    """The pages of a PDF that are forms."""
    import pypdfium2

    fields = text_fields(path)
    document: Any = pypdfium2.PdfDocument(path)
    for number in sorted({field.page for field in fields}):
        own = [field for field in fields if field.page == number]
        if len(own) >= _FEWEST:
            bitmap = document[number - 1].render(
                scale=_DPI / 72, grayscale=True, draw_annots=False, may_draw_forms=False
            )
            grey = np.array(to_grey(bitmap.to_numpy()))
            yield Page(grey, [_in_pixels(field, grey) for field in own])
    document.close()


def _in_pixels(field: PdfField, grey: Grey) -> tuple[float, ...]:
    height, width = grey.shape
    return tuple(np.array(field.box) * (width, height, width, height))


def _common(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float]:
    """Width and height of what two rectangles have in common."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    wide, tall = np.maximum(high - low, 0.0)
    return float(wide), float(tall)


def compare(fields: Sequence[tuple[float, ...]], proposed: Sequence[Box]) -> tuple[int, int]:
    """How many fields are covered by one proposal, and how many proposals are false."""
    found = [(x, y, x + wide, y + tall) for x, y, wide, tall in proposed]

    def area(one: tuple[float, ...]) -> float:
        return (one[2] - one[0]) * (one[3] - one[1])

    def covered(field: tuple[float, ...]) -> bool:
        parts = [_common(field, one) for one in found]
        across = _ACROSS * (field[2] - field[0])
        return any(w >= across and w * h >= _WHOLE * area(field) for w, h in parts)

    def false(one: tuple[float, ...]) -> bool:
        return not any(
            np.prod(_common(field, one)) >= _TOUCHED * min(area(field), area(one))
            for field in fields
        )

    return sum(covered(field) for field in fields), sum(false(one) for one in found)


def main() -> None:
    """Print a row a page, and all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    reader, total = Recognizer(), np.zeros(5, np.int64)
    for path in sorted(asked.folder.rglob("*.pdf")):
        for page in _readable(path):
            covered, false = compare(page.fields, propose_fields(page.grey))
            rows = [one for one in read_page(reader, page.grey, path.name).readings if one.text]
            sure = sum(one.confidence >= 0.9 for one in rows)
            row = np.array([len(page.fields), covered, false, len(rows), sure])
            total += row
            _print(path.stem, row)
    _print("all", total)


def _readable(path: Path) -> list[Page]:
    """The pages of a PDF; none of what is no PDF, or a damaged one."""
    import pypdfium2

    try:
        return list(pages_of(path))
    except pypdfium2.PdfiumError as error:
        print(f"{path.name}: {error}")
        return []


def _print(name: str, row: np.ndarray) -> None:
    fields, covered, false, rows, sure = row.tolist()
    print(
        f"{name:<28} fields {fields}, proposed {covered}, false {false}; empty page: rows {rows}, of 0.9 and more {sure}"
    )


if __name__ == "__main__":
    main()
