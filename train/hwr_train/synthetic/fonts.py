"""Handwriting fonts as hands: what a font file writes for a letter or for a whole run of them.

Everything is in pixels at one size, at which capitals are `CAP` high; ink is 255, paper 0.
"""

from __future__ import annotations

import string
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hwr_edge.errors import DataError
from hwr_edge.image.pixels import Grey

CAP = 32
"""Pixels of a usual capital, from the baseline up."""
_KINDS = (".woff2", ".ttf", ".otf")
_ACCENTED = "ÉÈÊËÀÂÎÏÔÖÛÜÇÑéèêëàâîïôöûüçñ"
_NOBODYS = "\U0010fffd"  # in no font: what stands for it stands for every missing letter


class Ink(NamedTuple):
    """Ink as uint8 (H, W), and where it stands.

    left, top: pixels from the pen's place on the baseline to the first column and row; up is
        negative.
    """

    mask: Grey
    left: int
    top: int


class Font:
    """One font file, at the size at which its capitals are `CAP` pixels high.

    letters: what it writes; weight: width of its strokes in pixels; small: whether it writes all
        small letters too.
    """

    def __init__(self, path: Path) -> None:
        """Read and try it.

        Raises:
            DataError: it is no font, or its A to Z cannot be used.
        """
        self.name = path.stem
        self._kept: dict[str, Ink] = {}
        self._lock = Lock()  # FreeType's faces are not made for several threads
        try:
            self._face = ImageFont.truetype(path, 100)
            tall = float(np.median([-self.ink(c).top for c in string.ascii_uppercase]))
            self._face = ImageFont.truetype(path, 100 * CAP / max(tall, 20.0))
        except (OSError, ValueError) as error:
            raise DataError(f"not a font ({error})") from error
        self._kept.clear()
        missing = self.ink(_NOBODYS)
        every = string.ascii_letters + _ACCENTED + "-'"
        self.letters = frozenset(c for c in every if _is_drawn(self.ink(c), missing))
        self._refuse_oddities()
        self.small = self.letters.issuperset(string.ascii_lowercase)
        inks = [self.ink(c).mask for c in "EHILMNT"]
        self.weight = float(np.median([_stroke_width(ink) for ink in inks]))

    def ink(self, text: str) -> Ink:
        """A letter, kept once it was drawn, or a run of them as the font itself joins it."""
        if (known := self._kept.get(text)) is not None:
            return known
        with self._lock:
            left, top, right, bottom = (round(v) for v in self._face.getbbox(text, anchor="ls"))
            image = Image.new("L", (max(1, right - left), max(1, bottom - top)))
            pen = ImageDraw.Draw(image)
            pen.text((-left, -top), text, fill=255, font=self._face, anchor="ls")
        drawn = Ink(np.array(image, np.uint8), left, top)
        if len(text) == 1:
            self._kept[text] = drawn
        return drawn

    def writes(self, text: str) -> bool:
        """Whether it has all letters of `text`; a space needs none."""
        return self.letters.issuperset(text.replace(" ", ""))

    def _refuse_oddities(self) -> None:
        """Raise a DataError unless A to Z are there, of like heights, and all different."""
        if lacking := set(string.ascii_uppercase) - self.letters:
            raise DataError(f"has no {''.join(sorted(lacking))}")
        inks = {c: self.ink(c).mask for c in string.ascii_uppercase}
        odd = [c for c, m in inks.items() if not 0.6 * CAP <= m.shape[0] <= 2.5 * CAP]
        if odd:
            raise DataError(f"draws {''.join(odd)} far from the others' height")
        if len({(m.shape, m.tobytes()) for m in inks.values()}) < len(inks):
            raise DataError("draws two capitals alike")


def read_fonts(folder: Path) -> list[Font]:
    """The usable fonts under a folder, by name; a line says how many, and which are not, and why.

    Raises:
        DataError: the folder holds none.
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _KINDS)
    fonts, refused = [], []
    for path in paths:
        try:
            fonts.append(Font(path))
        except DataError as error:
            refused.append(f"{path.name} {error}")
    left_out = f"; left out: {', '.join(refused)}" if refused else ""
    if not fonts:
        raise DataError(f"{folder}: holds no usable font ({', '.join(_KINDS)}){left_out}")
    print(f"fonts: {len(fonts)} of {len(paths)}{left_out}", flush=True)
    return fonts


def _is_drawn(ink: Ink, missing: Ink) -> bool:
    return bool(ink.mask.any()) and not np.array_equal(ink.mask, missing.mask)


def _stroke_width(mask: Grey) -> float:
    """Pixels across a stroke: an area is half its width times the length of its edge."""
    bordered = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(bordered, np.ones((3, 3), np.uint8))
    edge = float(bordered.sum()) - float(inner.sum())
    return 2 * float(bordered.sum()) / max(edge, 1.0)
