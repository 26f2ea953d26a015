"""One call that does for a program what the command does: any image in, its names out."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hwr_edge.errors import ImageError
from hwr_edge.image.anything import opened
from hwr_edge.image.shape import Shape
from hwr_edge.image.turning import upright
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.shipped import default_model
from hwr_edge.scan.annotate import Colour, drawn
from hwr_edge.scan.scan import Scan
from hwr_edge.scan.scanner import Scanner

if TYPE_CHECKING:
    from hwr_edge.image.anything import Anything

_making = threading.Lock()


def read(
    image: Anything,
    *,
    recognizer: Recognizer | None = None,
    layout: Shape | str | None = None,
    form: Path | str | None = None,
    rgb: bool = False,
) -> Scan:
    """Read an image as what it is: a crop of one line, a page, each page of a PDF or TIFF, a filled form.

    Any number of threads may call it. Without a recognizer all calls share one, of the shipped model, or
    of the one that `HWR_EDGE_MODEL` names.

    Args:
        image: a path; the bytes of a file, or a binary file object with them; a Pillow image; pixels,
            uint8 or uint16, (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA.
        recognizer: reads the lines; with a roster, alternatives or another model, as you make it.
        layout: "line" or "page"; told by the shape where it is not said.
        form: the template whose fields are read. For many images make one `Scanner`.
        rgb: the pixels' colours are RGB or RGBA.

    Raises:
        ImageError: it cannot be read, or does not show the form. Of a file with many pages those that can be
            are read, and `problems` says what is wrong with the others.
        DataError: the template cannot be used.
        ModelError, RuntimeMissing: as of `Recognizer`.
    """
    shape = None if layout is None else Shape(layout)
    reader = recognizer or _shared(default_model())
    return Scanner(reader, shape, None if form is None else Path(form)).scan(image, rgb)


def annotated(image: Anything, scan: Scan, page: int = 1, rgb: bool = False) -> Colour:
    """The image with its readings drawn on it.

    Args:
        image: what was read.
        scan: what `read` gave.
        page: which one, from 1.
        rgb: the pixels' colours are RGB or RGBA, and so are those that are given back.

    Returns:
        uint8 (H, W, 3) BGR, as OpenCV writes it; RGB with `rgb`. A page is at most 2,000 pixels long.

    Raises:
        ImageError: it cannot be read, or has no such page.
    """
    if not 1 <= page <= len(scan.pages):
        raise ImageError(f"{scan.image}: has no page {page}; its last page is {len(scan.pages)}")
    with opened(image, rgb) as found:
        grey = found.grey(page)
    out = drawn(upright(grey, scan.pages[page - 1].turn), scan.pages[page - 1].readings)
    return out[:, :, ::-1].copy() if rgb else out


def _shared(model: Path) -> Recognizer:
    with _making:
        return _made(model)


@lru_cache(maxsize=1)
def _made(model: Path) -> Recognizer:
    return Recognizer(model, workers=os.cpu_count() or 1, letters=True)
