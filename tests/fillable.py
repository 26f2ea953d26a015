"""Fillable PDFs, written by hand."""

from __future__ import annotations

from typing import NamedTuple

from bombs import pdf_of, stream_of


class Widget(NamedTuple):
    """A field of a page 200 points wide and 300 high.

    title: its own name. box: left, low, right, top, points from the lower left corner.
    tip: what a reader says of it. kind: Tx for text, Btn for a box to tick.
    flags: of its annotation; 2 hides it.
    """

    title: str
    box: tuple[int, int, int, int]
    tip: str = ""
    kind: str = "Tx"
    flags: int = 4

    @property
    def object(self) -> str:
        """Of the PDF."""
        tip = f"/TU ({self.tip}) " if self.tip else ""
        box = " ".join(map(str, self.box))
        return (
            f"<< /Type /Annot /Subtype /Widget /FT /{self.kind} /T ({self.title}) {tip}"
            f"/F {self.flags} /Rect [{box}] /P 3 0 R >>"
        )


def fillable_pdf(widgets: list[Widget], turn: int = 0) -> bytes:
    """A page with a line under each field, shown turned by so many degrees."""
    kids = " ".join(f"{5 + k} 0 R" for k in range(len(widgets)))
    lines = " ".join(f"{x} {y} {x2 - x} 1 re f" for x, y, x2, _ in (one.box for one in widgets))
    return pdf_of(
        [
            f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{kids}] >> >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Rotate {turn} /Contents 4 0 R "
            f"/Annots [{kids}] >>",
            stream_of("", lines),
            *(one.object for one in widgets),
        ]
    )
