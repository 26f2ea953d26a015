"""Made pages: class lists with drawn handwriting, as a scanner gives them.

Everything is drawn by this project's code; print is set in the fonts that matplotlib brings. Sizes
on paper are millimetres, those in images pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hwr_edge.image.pixels import Grey
from hwr_train.synthetic.fields import default_charset
from hwr_train.synthetic.glyphs import Writer, drawn_writers
from hwr_train.synthetic.name_list import NameList
from hwr_train.synthetic.stroke_line import write_line

WIDTH, HEIGHT = 210.0, 297.0  # mm of the sheet
UNSEEN_HANDS = 20261123
"""Seed of the hands: no training drew with it."""
LEARNT_HANDS = 20261130
"""Seed of other hands, to learn from."""

_FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSans-Oblique")
LISTS = ("plain", "ruled", "dotted", "table", "columns")
"""What names stand on; columns is a table with surnames beside given names."""
Quad = NDArray[np.float64]


@dataclass(frozen=True)
class Written:
    """A name on a page.

    quad: its writing's corners in the image, float (4, 2), from the upper left clockwise.
    clean: the same strokes alone, as a crop in the published layout.
    """

    text: str
    quad: Quad
    clean: Grey


@dataclass(frozen=True)
class MadePage:
    """An image, uint8 (H, W), and what is written in it, in reading order."""

    image: Grey
    written: tuple[Written, ...]


class Sheet:
    """White paper to print and write on, uint8 (H, W) at `dpi`."""

    def __init__(self, dpi: float, width: float = WIDTH, height: float = HEIGHT) -> None:
        self.scale = dpi / 25.4  # pixels a millimetre
        size = round(height * self.scale), round(width * self.scale)
        self.paper: Grey = np.full(size, 255, np.uint8)

    def type(self, words: str, x: float, y: float, size: float, font: int = 0) -> float:
        """Print words, their baseline at (x, y) mm, capitals `size` mm high; the width in mm."""
        letters = _font(font, max(4, round(size * self.scale / 0.73)))
        base = round(letters.size)
        wide, tall = round(letters.getlength(words)) + 2, 2 * base
        patch = Image.new("L", (wide, tall), 255)
        ImageDraw.Draw(patch).text((0, base), words, 0, letters, anchor="ls")
        self._lay(np.asarray(patch), round(x * self.scale), round(y * self.scale) - base)
        return wide / self.scale

    def _lay(self, patch: Grey, x: int, y: int) -> None:
        x, y = max(x, 0), max(y, 0)
        there = self.paper[y : y + patch.shape[0], x : x + patch.shape[1]]
        np.minimum(there, patch[: there.shape[0], : there.shape[1]], out=there)

    def rule(self, x0: float, y0: float, x1: float, y1: float, thick: float, shade: int) -> None:
        """A line between two points, mm."""
        ends = [(round(x * self.scale), round(y * self.scale)) for x, y in ((x0, y0), (x1, y1))]
        cv2.line(self.paper, ends[0], ends[1], shade, max(1, round(thick * self.scale)))

    def dots(self, x0: float, x1: float, y: float, shade: int) -> None:
        """A dotted line to write on."""
        for x in np.arange(x0, x1, 1.4):
            at = round(x * self.scale), round(y * self.scale)
            cv2.circle(self.paper, at, max(1, round(0.15 * self.scale)), shade, -1)

    def write(
        self, text: str, x: float, y: float, cap: float, most: float, pen: Pen, shade: int
    ) -> Quad:
        """Write a name, its baseline beginning at (x, y) mm, at most so wide; its corners, pixels."""
        strokes, drawn = pen.line(text)
        cap = min(cap, most / max(drawn, 1e-9))
        points = [(s * cap + (x, y - cap)) * self.scale for s in strokes]
        ink = _ink(points, pen.width * self.scale, self.paper.shape, shade)
        np.minimum(self.paper, ink, out=self.paper)
        return _around(points)


@dataclass
class Pen:
    """One hand with one pen; `width` of its stroke in mm."""

    hand: Writer
    spare: Writer
    width: float
    rng: np.random.Generator

    def line(self, text: str) -> tuple[list[NDArray[np.float64]], float]:
        """The name's strokes, capitals one unit high; the same each time for the same generator."""
        line = write_line(text, self.hand, self.spare, self.rng)
        return line.strokes, line.length


@cache
def _font(which: int, size: int) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / f"{_FONTS[which]}.ttf"), size)


@cache
def hands(drawn: int = UNSEEN_HANDS) -> tuple[Writer, ...]:
    """Hands drawn with a seed; those of `UNSEEN_HANDS` no model ever saw."""
    return tuple(drawn_writers(60, np.random.default_rng(drawn)))


@cache
def names() -> NameList:
    """Names built into the project."""
    return NameList.built_in(np.random.default_rng(UNSEEN_HANDS), default_charset())


def new_pen(rng: np.random.Generator, drawn: int = UNSEEN_HANDS) -> Pen:
    """Some hand, of those drawn with that seed, with some pen."""
    some = hands(drawn)
    one, other = (some[int(k)] for k in rng.integers(len(some), size=2))
    return Pen(one, other, rng.uniform(0.3, 0.7), rng)


def class_list(
    rng: np.random.Generator,
    dpi: float,
    skew: float,
    count: int = 30,
    kind: str | None = None,
    drawn: int = UNSEEN_HANDS,
) -> MadePage:
    """A sheet with a printed heading and so many handwritten names, scanned askew by `skew` degrees.

    kind: one of LISTS; None for any.
    drawn: seed of the hands.
    """
    sheet = Sheet(dpi)
    sheet.type("Liste de la classe", 20, 18, rng.uniform(3, 6), int(rng.integers(len(_FONTS))))
    sheet.type(f"Année scolaire 2025-2026   Classe : CM{rng.integers(1, 3)}", 20, 26, 2.4)
    kind = kind or LISTS[rng.integers(len(LISTS))]
    columns = 2 if kind == "columns" else 1
    rows = -(-count // columns)
    pitch = min(252 / rows, rng.uniform(8.2, 9.5) if columns == 1 else rng.uniform(9, 14))
    places = [(row, column) for row in range(rows) for column in range(columns)][:count]
    lefts = _print_list(sheet, kind, rows, pitch, rng)
    made = []
    for row, column in places:
        left, wide = lefts[column]
        pen, text = new_pen(rng, drawn), names().draw(rng)
        cap, shade = rng.uniform(0.42, 0.62) * min(pitch, 10), int(rng.integers(10, 110))
        x = left + rng.uniform(1, 6)
        y = 34 + (row + 1) * pitch - rng.uniform(0.14, 0.3) * pitch
        state = rng.bit_generator.state
        quad = sheet.write(text, x, y, cap, left + wide - x - 1, pen, shade)
        after, rng.bit_generator.state = rng.bit_generator.state, state
        made.append((text, quad, alone(text, pen, cap * sheet.scale, shade)))
        rng.bit_generator.state = after
    move = rotation(sheet.paper.shape, skew)
    image = scanned(turned(sheet.paper, move), rng)
    return MadePage(
        image,
        tuple(Written(t, moved(q, move), scanned(clean, rng)) for t, q, clean in made),
    )


def _print_list(
    sheet: Sheet, kind: str, rows: int, pitch: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Print what the names stand on; left edge and width, mm, of each column."""
    top, shade, thick = 34.0, int(rng.integers(60, 200)), rng.uniform(0.15, 0.5)
    below = [top + k * pitch for k in range(1, rows + 1)]
    if kind == "ruled":
        for y in below:
            sheet.rule(12, y - 0.08 * pitch, 198, y - 0.08 * pitch, thick, shade)
    if kind == "dotted":
        for y in below:
            label = sheet.type("Nom :", 18, y - 0.15 * pitch, 2.2)
            sheet.dots(20 + label, 190, y - 0.12 * pitch, shade // 2)
        return [(32, 150)]
    if kind in ("plain", "ruled"):
        return [(20, 165)]
    walls = [18, 30, 192] if kind == "table" else [18, 30, 111, 192]
    for k, y in enumerate([top, *below]):
        sheet.rule(walls[0], y, walls[-1], y, thick, shade)
        if k < rows:
            sheet.type(f"{k + 1}", 21, y + 0.7 * pitch, 2.4)
    for x in walls:
        sheet.rule(x, top, x, below[-1], thick, shade)
    return [(left + 0.5, right - left - 1) for left, right in pairwise(walls[1:])]


def _ink(
    points: Sequence[NDArray[np.float64]], width: float, size: tuple[int, ...], shade: int
) -> Grey:
    ink: Grey = np.full(size, 255, np.uint8)
    for stroke in points:
        at = np.round(stroke * 16).astype(np.int32)
        cv2.polylines(ink, [at], False, shade, max(1, round(width)), cv2.LINE_AA, shift=4)
    return ink


def _around(points: Sequence[NDArray[np.float64]]) -> Quad:
    every = np.concatenate(points)
    (x0, y0), (x1, y1) = every.min(0), every.max(0)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def alone(text: str, pen: Pen, cap: float, shade: int) -> Grey:
    """The name alone, in a crop of the published shape."""
    strokes, drawn = pen.line(text)
    height = cap * 2.2
    width = max(drawn * cap + 2 * cap, height * 8)
    points = [s * cap + (cap, 0.6 * cap) for s in strokes]
    return _ink(points, pen.width / 4.5 * cap, (round(height), round(width)), shade)


def rotation(shape: tuple[int, ...], degrees: float) -> NDArray[np.float64]:
    """A turn about the middle, float (3, 3)."""
    middle = shape[1] / 2, shape[0] / 2
    return np.vstack([cv2.getRotationMatrix2D(middle, degrees, 1.0), [0, 0, 1]])


def turned(image: Grey, move: NDArray[Any], border: int = 255) -> Grey:
    """The image after a move, at its own size."""
    size = image.shape[1], image.shape[0]
    out = cv2.warpPerspective(image, move, size, flags=cv2.INTER_AREA, borderValue=border)
    return np.asarray(out, np.uint8)


def moved(quad: Quad, move: NDArray[Any]) -> Quad:
    """Where corners are after a move."""
    return np.asarray(cv2.perspectiveTransform(quad[None], move)[0], np.float64)


def scanned(image: Grey, rng: np.random.Generator) -> Grey:
    """As a scanner gives it: a little soft, grainy, paper not quite white, JPEG."""
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.9)).astype(np.float32)
    soft *= rng.uniform(0.9, 1.0)
    noise: Callable[..., Any] = rng.standard_normal
    soft += noise(image.shape, dtype=np.float32) * np.float32(rng.uniform(0.5, 4))
    grey = np.clip(soft, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 96))])
    return np.asarray(cv2.imdecode(packed[1], cv2.IMREAD_GRAYSCALE), np.uint8)
