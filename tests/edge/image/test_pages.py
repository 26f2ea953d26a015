from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bombs import endless_pdf
from fakes import draw
from hwr_edge.errors import ImageError
from hwr_edge.image.pages import open_pages
from images import encode


def test_a_pdf_with_a_password_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdfium = pytest.importorskip("pypdfium2")

    def refuse(*_: Any, **__: Any) -> None:
        raise pdfium.PdfiumError("Failed to load document (PDFium: Incorrect password error).")

    path = tmp_path / "a.pdf"
    path.write_bytes(endless_pdf(1))
    monkeypatch.setattr(pdfium, "PdfDocument", refuse)
    with pytest.raises(ImageError, match="damaged, cut short or empty"):  # PDFium means that, too
        open_pages(path, "a.pdf")
    path.write_bytes(path.read_bytes() + b"% trailer << /Encrypt 5 0 R >>")
    with pytest.raises(ImageError, match="the PDF is encrypted; save it without a password"):
        open_pages(path, "a.pdf")


def test_bytes_and_files_give_the_same_pages(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(encode(".tif", draw("A")))
    for source in (tmp_path / "a.tif", (tmp_path / "a.tif").read_bytes()):
        pages = open_pages(source, "a.tif")
        assert pages.number == 1
        assert (pages.grey(0, "a.tif") == draw("A")).all()
