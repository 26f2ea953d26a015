"""The image with its reading drawn on a strip of paper below it; a page with its readings on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import OutputError
from hwr_edge.files import write_own
from hwr_edge.folders import make_folder
from hwr_edge.image.document import Unit
from hwr_edge.image.pixels import PAPER, Box, Grey, Mask
from hwr_edge.image.sources import STDIN
from hwr_edge.image.turning import upright
from hwr_edge.line.charset import fold
from hwr_edge.line.reading import Reading
from hwr_edge.scan.scan import Page

Colour = NDArray[np.uint8]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT = 21.0  # pixels of a capital at scale 1
_LEAST_WIDTH = 240  # pixels; narrower images get paper at the right
_DARK = 160  # grey level of what a caption must not hide
_LONGEST = 2000  # pixels of a page drawn on
_INK = (120, 40, 0)  # BGR
_BOX = (0, 0, 200)  # BGR


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
    boxes = [
        (round(x * part), round(y * part), round(w * part), round(h * part))
        for x, y, w, h in (reading.box for reading in readings)
    ]
    taken = (small < _DARK).astype(np.uint8)  # where a caption would hide something
    for x, y, w, h in boxes:
        taken[max(0, y) : y + h, max(0, x) : x + w] = 1
    for (x, y, w, h), reading in zip(boxes, readings, strict=True):
        cv2.rectangle(out, (x, y), (x + w - 1, y + h - 1), _BOX, 1)
        capital = float(np.clip(h * 0.3, 9, 24))
        scale, caption = capital / _FONT_HEIGHT, _caption(reading)
        (wide, _), _ = cv2.getTextSize(caption, _FONT, scale, _stroke(capital))
        at = _free_place((x, y, w, h), (wide, round(capital)), taken)
        taken[max(0, at[1] - round(capital)) : at[1] + 1, max(0, at[0]) : at[0] + wide] = 1
        cv2.putText(out, caption, at, _FONT, scale, _INK, _stroke(capital), cv2.LINE_AA)
    return out


def _free_place(box: Box, size: tuple[int, int], taken: Mask) -> tuple[int, int]:
    """Where a caption of a size begins, its lower left, that hides least: right of a box, else around it."""
    (x, y, w, h), (wide, tall) = box, size
    middle, high, width = y + (h + tall) // 2, len(taken), taken.shape[1]
    places = [(x + w + 6, middle), (x, y - 4), (x, y + h + tall + 4), (x - wide - 6, middle)]
    places += [(x + w - wide, y - 4), (x + w - wide, y + h + tall + 4)]
    inside = [
        (left, low)
        for left, low in places
        if left >= 0 and low - tall >= 0 and left + wide <= width and low < high
    ]

    def hidden(place: tuple[int, int]) -> int:
        left, low = place
        return int(taken[low - tall : low + 1, left : left + wide].sum())

    return min(inside or [(max(0, min(x, width - wide)), max(tall, y - 4))], key=hidden)


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
