"""The image with its reading drawn on a strip of paper below it; a page with its readings on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import OutputError
from hwr_edge.files import make_folder, write_own
from hwr_edge.image.document import Unit
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.image.sources import STDIN
from hwr_edge.image.turning import upright
from hwr_edge.line.charset import fold
from hwr_edge.line.reading import Reading
from hwr_edge.scan.scan import Page

Colour = NDArray[np.uint8]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT = 21.0  # pixels of a capital at scale 1
_LEAST_WIDTH = 240  # pixels; narrower images get paper at the right
_LONGEST = 2000  # pixels of a page drawn on
_INK = (120, 40, 0)  # BGR
_BOX = (0, 0, 200)


def drawn(grey: Grey, readings: Sequence[Reading]) -> Colour:
    """An image with its readings: below it where it is one line, else beside each.

    Args:
        grey: uint8 (H, W), turned as it was read.
        readings: what was read there.

    Returns:
        uint8 BGR.
    """
    whole = len(readings) == 1 and readings[0].box == (0, 0, grey.shape[1], grey.shape[0])
    return annotate(grey, readings[0]) if whole else annotate_page(grey, readings)


def annotate(grey: Grey, reading: Reading) -> Colour:
    """Draw a reading below its image.

    Args:
        grey: uint8 (H, W).
        reading: what was read there.

    Returns:
        uint8 (H + strip, at least W, 3) BGR.
    """
    caption = _caption(reading)
    height, width = grey.shape
    capital = float(np.clip(height * 0.3, 14, 80))
    (wide, _), _ = cv2.getTextSize(caption, _FONT, capital / _FONT_HEIGHT, _stroke(capital))
    margin = round(capital * 0.6)
    out: Colour = np.full(
        (height + round(capital) + 2 * margin, max(width, wide + 2 * margin, _LEAST_WIDTH), 3),
        PAPER,
        np.uint8,
    )
    out[:height, :width] = grey[:, :, None]
    _outline(out, reading.box, (width, height))
    cv2.line(out, (0, height), (out.shape[1] - 1, height), _INK, 1)
    at = (margin, out.shape[0] - margin)
    cv2.putText(
        out, caption, at, _FONT, capital / _FONT_HEIGHT, _INK, _stroke(capital), cv2.LINE_AA
    )
    return out


def annotate_page(grey: Grey, readings: Sequence[Reading]) -> Colour:
    """Draw readings on their page, each beside its box, else above or below, where there is room.

    Args:
        grey: uint8 (H, W).
        readings: what was read there, with boxes in its pixels.

    Returns:
        uint8 BGR, at most `_LONGEST` pixels long.
    """
    part = min(1.0, _LONGEST / max(grey.shape))
    size = max(1, round(grey.shape[1] * part)), max(1, round(grey.shape[0] * part))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    out = np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)
    for reading in readings:
        x, y, w, h = (round(v * part) for v in reading.box)
        cv2.rectangle(out, (x, y), (x + w - 1, y + h - 1), _BOX, 1)
        capital = float(np.clip(h * 0.3, 9, 24))
        scale, caption = capital / _FONT_HEIGHT, _caption(reading)
        (wide, _), _ = cv2.getTextSize(caption, _FONT, scale, _stroke(capital))
        beside = (x + w + 6, y + round((h + capital) / 2))
        above = (x, y - 3 if y > capital + 4 else min(size[1] - 2, y + h + round(capital) + 3))
        at = beside if beside[0] + wide <= size[0] else above
        cv2.putText(out, caption, at, _FONT, scale, _INK, _stroke(capital), cv2.LINE_AA)
    return out


def _caption(reading: Reading) -> str:
    """The strokes that OpenCV draws are ASCII only: accents are dropped, others become "?"."""
    text = reading.text
    if not text.isascii():
        text = fold(text).encode("ascii", "replace").decode("ascii")
    return f"{text or '(nothing written)'}  {reading.confidence:.0%}"


def _outline(out: Colour, box: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    x, y, w, h = box
    if (w, h) != size:
        cv2.rectangle(out, (x, y), (x + w - 1, y + h - 1), _BOX, 1)


def _stroke(capital: float) -> int:
    return max(1, round(capital / 11))


class Annotator:
    """Writes annotated images to a folder; never over an input, never two under one name."""

    def __init__(self, folder: Path, inputs: Sequence[str], units: Iterable[Unit] = ()) -> None:
        """Make the folder.

        Args:
            folder: where the images go.
            inputs: the images that are read, which must not be written over.
            units: all that is read, by whichever process, now or before: each gets a name of its own.

        Raises:
            OutputError: the folder cannot be made or not be written to.
        """
        make_folder(folder)
        self._folder = folder
        self._taken = {os.path.realpath(name) for name in inputs if name != STDIN}
        self._paths = {unit: self._free(unit) for unit in units}

    def write(self, unit: Unit, grey: Grey, page: Page) -> Path:
        """Write `<name>-read.png`, or `<name>-read-2.png` and so on where that is taken.

        Args:
            unit: what was read.
            grey: its pixels, uint8 (H, W), before `page.turn`.
            page: what was read there.

        Raises:
            OutputError: the file cannot be written.
        """
        path = self._paths.get(unit) or self._free(unit)
        done, data = cv2.imencode(".png", drawn(upright(grey, page.turn), page.readings))
        if not done:
            raise OutputError(f"{path}: OpenCV cannot encode the image")
        write_own(path, data.tobytes())
        return path

    def _free(self, unit: Unit) -> Path:
        stem = "stdin" if unit.image == STDIN else Path(unit.image).stem
        stem = stem if unit.page is None else f"{stem}-{unit.page}"
        number = 1
        while True:
            path = self._folder / (
                f"{stem}-read.png" if number == 1 else f"{stem}-read-{number}.png"
            )
            if os.path.realpath(path) not in self._taken:
                self._taken.add(os.path.realpath(path))
                return path
            number += 1
