"""The pages of a TIFF or PDF file, for the process that `sandbox.py` begins: nobody else opens them."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import PDF_MARK, decode_here, to_grey
from hwr_edge.image.headers import SNIFF_BYTES, kind_of, tiff_pages
from hwr_edge.image.pixels import Grey
from hwr_edge.limits import limits

_PDF_DPI = 300  # dots an inch
_PDF_PIXELS = 40_000_000  # of a rendered page at most: larger sheets get fewer dots an inch


class Pages(NamedTuple):
    """An open file.

    number: of its pages.
    grey: the pixels of a page, from 0, uint8 (H, W), upright; the second argument is what errors call it.
    close: lets the file go.
    """

    number: int
    grey: Callable[[int, str], Grey]
    close: Callable[[], None]


def open_pages(source: Path | bytes, name: str) -> Pages:
    """Open a file on a disk, or its bytes.

    Raises:
        ImageError: it is damaged, encrypted, or has too many pages.
    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                head = file.read(SNIFF_BYTES)
        else:
            head = source[:SNIFF_BYTES]
        if head.startswith(PDF_MARK):
            return _pdf(source, name)
        data = _writable(source)
    except (OSError, ValueError) as error:
        raise ImageError(
            f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})"
        ) from error
    if kind_of(head) == "TIFF":
        return _tiff(data, name)
    return Pages(1, lambda _, page: decode_here(data, page), _nothing)


def _writable(source: Path | bytes) -> Any:
    """The bytes, which may be changed in memory; of a file on a disk not read at once."""
    if isinstance(source, bytes):
        return bytearray(source)
    with source.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _tiff(data: Any, name: str) -> Pages:
    try:
        starts = tiff_pages(data, limits().pages)
    except ValueError as error:
        raise ImageError(f"{name}: {error}") from error
    order = "<" if data[:2] == b"II" else ">"

    def grey(number: int, page: str) -> Grey:
        struct.pack_into(order + "I", data, 4, starts[number])  # now it is the file's first
        return decode_here(data, page)

    return Pages(len(starts), grey, _nothing)


def _pdf(source: Path | bytes, name: str) -> Pages:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
        count, most = len(document), limits().pages
    except pypdfium2.PdfiumError as error:
        raw = source.read_bytes() if isinstance(source, Path) else source
        # PDFium says so of a PDF without pages, too.
        if "password" in str(error).lower() and b"/Encrypt" in raw:
            raise ImageError(f"{name}: the PDF is encrypted; save it without a password") from error
        raise ImageError(f"{name}: the PDF is damaged, cut short or empty") from error
    if count == 0:
        raise ImageError(f"{name}: the PDF has no pages")
    if count > most:
        raise ImageError(
            f"{name}: has {count:,} pages, but at most {most:,} are read; split it, or raise --max-pages"
        )

    def grey(number: int, page: str) -> Grey:
        try:
            return _rendered(document, number)
        except pypdfium2.PdfiumError as error:
            raise ImageError(f"{page}: the page is damaged") from error

    return Pages(count, grey, document.close)


def _rendered(document: Any, number: int) -> Grey:
    """A PDF's page at 300 dots an inch, uint8 (H, W)."""
    page = document[number]
    try:
        # In points, of which an inch has 72. No side becomes less than a pixel, however small.
        width, height = (max(side, 1.0) for side in page.get_size())
        longest, most = max(width, height), _PDF_PIXELS
        scale = min(_PDF_DPI / 72, (most / (width * height)) ** 0.5, most / longest)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            return np.array(to_grey(bitmap.to_numpy()))
        finally:
            bitmap.close()
    finally:
        page.close()


def _nothing() -> None:
    """Nothing to close."""
