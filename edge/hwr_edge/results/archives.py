"""Pages for archives and annotation tools: ALTO XML, hOCR, and tasks of Label Studio.

ALTO 4.4 (Library of Congress), hOCR 1.2 (Breuel), Label Studio's predictions for images. Each is given out at
the end, whole. Boxes are those of the turned image, as in all other formats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any
from xml.sax.saxutils import quoteattr

from hwr_edge import __version__
from hwr_edge.image.pixels import Box
from hwr_edge.line.reading import Reading
from hwr_edge.results.layouts import NoTable
from hwr_edge.results.rows import Row

_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
_LOCAL = "/data/local-files/?d="
"""Where Label Studio serves the files of its LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT."""


class _Whole(NoTable):
    """Keeps the rows of all pages until the end."""

    columns: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._pages: list[list[Row]] = []

    def head(self) -> str:
        """Nothing yet."""
        return ""

    def rows(self, rows: Sequence[Row]) -> str:
        """Nothing yet."""
        if rows:
            self._pages.append(list(rows))
        return ""


class Alto(_Whole):
    """A `Page` for each page with names; a `TextLine` for each name, with its confidence as WC."""

    def tail(self) -> str:
        """The document."""
        name = quoteattr(_plain(self._pages[0][0].image))[1:-1] if self._pages else ""
        pages = "".join(_alto_page(rows, k) for k, rows in enumerate(self._pages, 1))
        pages = pages or '<Page ID="page_1" PHYSICAL_IMG_NR="1"/>\n'  # ALTO knows no layout without
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="{_ALTO}">\n'
            "<Description><MeasurementUnit>pixel</MeasurementUnit>"
            f"<sourceImageInformation><fileName>{name}</fileName></sourceImageInformation>"
            '<OCRProcessing ID="ocr"><ocrProcessingStep><processingSoftware>'
            f"<softwareName>hwr-edge</softwareName><softwareVersion>{__version__}</softwareVersion>"
            "</processingSoftware></ocrProcessingStep></OCRProcessing></Description>\n"
            f"<Layout>\n{pages}</Layout>\n</alto>\n"
        )


def _alto_page(rows: Sequence[Row], number: int) -> str:
    width, height = _size(rows)
    blocks = "".join(_alto_line(row.reading, f"{number}_{k}") for k, row in enumerate(rows, 1))
    box = f'HPOS="0" VPOS="0" WIDTH="{width}" HEIGHT="{height}"'
    return (
        f'<Page ID="page_{number}" PHYSICAL_IMG_NR="{rows[0].page or number}" WIDTH="{width}" '
        f'HEIGHT="{height}">\n<PrintSpace {box}>\n{blocks}</PrintSpace>\n</Page>\n'
    )


def _alto_line(reading: Reading, number: str) -> str:
    box = _alto_box(reading.box)
    strings = "<SP/>".join(
        f"<String CONTENT={quoteattr(_plain(word))} {_alto_box(place)} "
        f'WC="{reading.confidence:.4f}"/>'
        for word, place in words_of(reading) or [("", reading.box)]  # nor a line without
    )
    return (
        f'<TextBlock ID="block_{number}" {box}><TextLine ID="line_{number}" {box}>'
        f"{strings}</TextLine></TextBlock>\n"
    )


def _alto_box(box: Box) -> str:
    x, y, width, height = box
    return f'HPOS="{x}" VPOS="{y}" WIDTH="{width}" HEIGHT="{height}"'


class Hocr(_Whole):
    """An `ocr_page` for each page with names; an `ocr_line` for each name, its words with their confidence."""

    def tail(self) -> str:
        """The document."""
        pages = "".join(_hocr_page(rows, k) for k, rows in enumerate(self._pages, 1))
        return (
            '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>hwr-edge</title>\n'
            f'<meta name="ocr-system" content="hwr-edge {__version__}">\n'
            '<meta name="ocr-capabilities" content="ocr_page ocr_line ocrx_word ocrp_wconf">\n'
            f"</head>\n<body>\n{pages}</body>\n</html>\n"
        )


def _hocr_page(rows: Sequence[Row], number: int) -> str:
    width, height = _size(rows)
    image = _plain(rows[0].image).replace('"', "%22")
    title = f'image "{image}"; bbox 0 0 {width} {height}; ppageno {(rows[0].page or 1) - 1}'
    lines = "".join(_hocr_line(row.reading, f"{number}_{k}") for k, row in enumerate(rows, 1))
    return f'<div class="ocr_page" id="page_{number}" title="{escape(title)}">\n{lines}</div>\n'


def _hocr_line(reading: Reading, number: str) -> str:
    sure = round(reading.confidence * 100)
    words = " ".join(
        f'<span class="ocrx_word" id="word_{number}_{k}" title="{_bbox(place)}; x_wconf {sure}">'
        f"{escape(_plain(word))}</span>"
        for k, (word, place) in enumerate(words_of(reading), 1)
    )
    return (
        f'<span class="ocr_line" id="line_{number}" title="{_bbox(reading.box)}">{words}</span>\n'
    )


def _bbox(box: Box) -> str:
    x, y, width, height = box
    return f"bbox {x} {y} {x + width} {y + height}"


class LabelStudio(_Whole):
    """A task for each page with names, a rectangle with its text for each: for the template "OCR"."""

    def tail(self) -> str:
        """The tasks, to be imported."""
        return json.dumps([_task(rows) for rows in self._pages], indent=1) + "\n"


def _task(rows: Sequence[Row]) -> dict[str, Any]:
    results = [one for k, row in enumerate(rows) for one in _results(row, f"name-{k}", _size(rows))]
    scores = [row.reading.confidence for row in rows]
    return {
        "data": {"ocr": _LOCAL + _plain(rows[0].image), "page": rows[0].page},
        "predictions": [
            {
                "model_version": f"hwr-edge {__version__}",
                "score": round(min(scores), 4),
                "result": results,
            }
        ],
    }


def _results(row: Row, name: str, size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """The rectangle, and its text; places in per cent of the image."""
    width, height = size
    x, y, wide, high = row.reading.box
    place = {
        "x": 100 * x / width,
        "y": 100 * y / height,
        "width": 100 * wide / width,
        "height": 100 * high / height,
        "rotation": 0,
    }
    match = row.reading.match
    text = match.name if match and match.name is not None else row.reading.text
    common = {
        "id": name,
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": row.turn,
    }
    yield {**common, "from_name": "bbox", "type": "rectangle", "value": place}
    yield {
        **common,
        "from_name": "transcription",
        "type": "textarea",
        "value": {**place, "text": [text]},
        "score": round(row.reading.confidence, 4),
    }


def words_of(reading: Reading) -> list[tuple[str, Box]]:
    """The words of a reading, each with the box of its letters; all in one where those are not known."""
    if len(reading.letters) != len(reading.text):
        return [(reading.text, reading.box)] if reading.text else []
    words = []
    for space, letters in groupby(reading.letters, key=lambda letter: letter.text == " "):
        if not space:
            found = list(letters)
            words.append(("".join(one.text for one in found), _around([one.box for one in found])))
    return words


def _around(boxes: Sequence[Box]) -> Box:
    """The box that holds all of them."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, low = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, low - top


def _size(rows: Sequence[Row]) -> tuple[int, int]:
    """Of the page, pixels; where it is not known, as far as its names reach."""
    if rows[0].size:
        return rows[0].size
    _, _, width, height = _around([(0, 0, 1, 1), *(row.reading.box for row in rows)])
    return width, height


def _plain(text: str) -> str:
    """A text as XML can hold it: without control characters, and bytes that are no Unicode as "?"."""
    told = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else " " for c in told)
