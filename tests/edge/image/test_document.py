from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fakes import draw
from hwr_edge.errors import ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.document import Document, Unit


@pytest.fixture
def tiff(tmp_path: Path) -> Path:
    """A file of three pages: A, B and C."""
    path = tmp_path / "three.tif"
    assert cv2.imwritemulti(str(path), [draw(letter) for letter in "ABC"])
    return path


def pdf(path: Path, pages: int = 3) -> Path:
    """A PDF with a black square on each page, further down on each."""
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument.new()
    for number in range(pages):
        sheet = document.new_page(200, 300)  # points
        square = pdfium.raw.FPDFPageObj_CreateNewRect(20, 250 - 60 * number, 40, 40)
        pdfium.raw.FPDFPath_SetDrawMode(square, pdfium.raw.FPDF_FILLMODE_WINDING, False)
        pdfium.raw.FPDFPage_InsertObject(sheet.raw, square)
        pdfium.raw.FPDFPage_GenerateContent(sheet.raw)
    document.save(str(path))
    return path


def test_an_image_is_one_unit_without_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), draw("AB"))
    document = Document(str(path))
    assert document.units() == [Unit(str(path))]
    assert np.array_equal(document.grey(), draw("AB"))


def test_every_page_of_a_tiff_is_read_in_any_order(tiff: Path) -> None:
    document = Document(str(tiff))
    assert [unit.label for unit in document.units()] == [f"{tiff}#page={k}" for k in (1, 2, 3)]
    for page in (2, 1, 3, 2):
        assert np.array_equal(document.grey(page), draw("ABC"[page - 1]))
    assert np.array_equal(read_grey(tiff), draw("A")), "the file itself is untouched"


def test_pages_of_standard_input_are_read_too(tiff: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(tiff.read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    document = Document("-")
    assert document.units()[1] == Unit("-", 2)
    assert np.array_equal(document.grey(2), draw("B"))


def test_a_page_that_is_not_there_is_told(tiff: Path) -> None:
    with pytest.raises(ImageError, match="has no page 4; its last page is 3"):
        Document(str(tiff)).grey(4)


def test_pages_that_run_in_a_circle_are_told(tiff: Path) -> None:
    data = bytearray(tiff.read_bytes())
    order = "<" if data[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, first)
    struct.pack_into(order + "I", data, first + 2 + 12 * count, first)
    tiff.write_bytes(data)
    with pytest.raises(ImageError, match="its list of pages has a loop"):
        Document(str(tiff))


def test_pages_of_a_pdf_are_rendered_at_300_dots_an_inch(tmp_path: Path) -> None:
    document = Document(str(pdf(tmp_path / "a.pdf")))
    assert document.pages == 3
    for page in (1, 2, 3):
        grey = document.grey(page)
        assert abs(grey.shape[0] - 1250) <= 1
        assert abs(grey.shape[1] - 833) <= 1
        top = (300 - (250 - 60 * (page - 1)) - 40) / 72 * 300
        y, x = np.nonzero(grey < 128)
        assert (y.min(), x.min()) == pytest.approx((top, 83), abs=2)


def test_a_pdf_of_one_page_is_a_unit_without_a_number(tmp_path: Path) -> None:
    assert Document(str(pdf(tmp_path / "a.pdf", 1))).units() == [Unit(str(tmp_path / "a.pdf"))]


def test_a_pdf_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf")
    path.write_bytes(b"%PDF-1.7\n" + b"nothing else")
    with pytest.raises(ImageError, match="the PDF is damaged, cut short or empty"):
        Document(str(path))


def test_without_its_package_a_pdf_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(ImageError, match="pip install pypdfium2"):
        Document(str(path))
