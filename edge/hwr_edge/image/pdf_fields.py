"""The places for text that a fillable PDF names itself, for whom a form need not be looked at."""

from __future__ import annotations

import ctypes
import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hwr_edge.errors import ImageError
from hwr_edge.image.sandbox import Source, call
from hwr_edge.limits import limits

_MOST = 5_000  # fields of a document
_FINE = 1_000_000  # of a page's side: what places are counted in
_LONGEST_NAME = 60  # letters: longer ones explain, and name nothing
_HIDDEN = 1 << 1 | 1 << 5  # flags of an annotation: hidden, not in view (ISO 32000-1, table 165)
_FORMULA = "=+-@ "  # what a formula begins with in a spreadsheet, where names are headings
_NUMBER = re.compile(r"\[\d+\]$")


class PdfField(NamedTuple):
    """A place for text.

    page: from 1.
    name: what its tooltip says, or its own name; empty where it has none.
    box: its left, top, right and lower side, as parts of the page's width and height as it is rendered.
    """

    page: int
    name: str
    box: tuple[float, float, float, float]


def read_text_fields(source: Source, name: str) -> list[PdfField]:
    """The text fields of a PDF's form that are seen, page by page.

    Raises:
        ImageError: there are too many, or they cost too much to read; `name` is what the message calls the PDF.
    """
    found = call(f"{__name__}:text_fields", source, name)
    return [PdfField(page, title, tuple(box)) for page, title, box in found]


def text_fields(source: Path | bytes) -> list[PdfField]:
    """The same, in this process, whatever that costs: what the sandbox calls.

    Raises:
        ImageError: it has too many.
    """
    pdfium: Any = importlib.import_module("pypdfium2")
    document = pdfium.PdfDocument(source)
    try:
        document.init_forms()
        found: list[PdfField] = []
        for number in range(min(len(document), limits().pages) if document.formenv else 0):
            with suppress(pdfium.PdfiumError):  # a damaged page has none
                found += _of_page(pdfium.raw, document, number)
            if len(found) > _MOST:
                raise _too_many()
        return found
    finally:
        document.close()


def _too_many() -> ImageError:
    return ImageError(f"has more than {_MOST:,} form fields; split it")


def _of_page(raw: Any, document: Any, number: int) -> Iterator[PdfField]:
    page, form = document[number], document.formenv
    try:
        count = raw.FPDFPage_GetAnnotCount(page)
        if count > _MOST:
            raise _too_many()
        for k in range(count):
            annotation = raw.FPDFPage_GetAnnot(page, k)
            try:
                kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
                shown = not raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN
                if kind == raw.FPDF_FORMFIELD_TEXTFIELD and shown:
                    box = _box(raw, page, annotation)
                    if box[2] > box[0] and box[3] > box[1]:
                        yield PdfField(number + 1, _name(raw, form, annotation), box)
            finally:
                raw.FPDFPage_CloseAnnot(annotation)
    finally:
        page.close()


def _box(raw: Any, page: Any, annotation: Any) -> tuple[float, float, float, float]:
    """Where it is on the page, turned and cut as it is rendered."""
    place = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, place)
    across, down = [], []
    for x, y in ((place.left, place.top), (place.right, place.bottom)):
        right, low = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, right, low)
        across.append(min(1.0, max(0.0, right.value / _FINE)))
        down.append(min(1.0, max(0.0, low.value / _FINE)))
    return min(across), min(down), max(across), max(down)


def _name(raw: Any, form: Any, annotation: Any) -> str:
    told = _text(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
    if told and len(told) <= _LONGEST_NAME:
        return told
    own = _text(raw.FPDFAnnot_GetFormFieldName, form, annotation)
    return _NUMBER.sub("", own.rpartition(".")[2])[:_LONGEST_NAME].strip()


def _text(get: Callable[..., int], form: Any, annotation: Any) -> str:
    """What a function of PDFium writes as UTF-16, in one line, and no formula."""
    size = get(form, annotation, None, 0)
    buffer = ctypes.create_string_buffer(size)
    get(form, annotation, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    text = buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.lstrip(_FORMULA)
