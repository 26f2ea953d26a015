"""Made name fields: a name in one hand's strokes, in a form field as scanners leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import NAME_LETTERS, Charset
from hwr_edge.preprocess import Grey
from hwr_train.glyphs import Glyph, Stroke, Writer, drawn_writers
from hwr_train.namelist import NameList
from hwr_train.photo import photograph

_SCALE = 2  # fields are drawn at twice the size of a scan and shrunk: smooth edges
_ACCENTED = "AEIOUC"


class FieldMaker:
    """Makes name fields without end; each depends on the generator it is given alone.

    names: what to write; None for the built-in list.
    writers: hands to write with; None for hands of the drawn alphabet.
    empty_share: of fields with nothing written in them.
    photo_share: of fields seen by a camera; the others are scanned.
    """

    def __init__(
        self,
        names: NameList | None = None,
        writers: Sequence[Writer] | None = None,
        seed: int = 0,
        empty_share: float = 0.08,
        photo_share: float = 0.3,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.names = names or NameList.made(rng, default_charset())
        # With people's own strokes at hand, a few letters still come from the drawn alphabet:
        # it knows the dotted I that children write among capitals.
        self.drawn = drawn_writers(256, rng)
        self.writers = writers or self.drawn
        self.empty_share, self.photo_share = empty_share, photo_share

    def make(self, rng: np.random.Generator) -> tuple[str, Grey]:
        """A text ("" for an empty field) and its picture, uint8 (H, W)."""
        text = "" if rng.random() < self.empty_share else self.names.draw(rng)
        hand = self.writers[int(rng.integers(len(self.writers)))]
        spare = self.drawn[rng.integers(len(self.drawn))]
        photo = rng.random() < self.photo_share
        return text, draw_field(text, hand, spare, rng, photo)


def draw_field(
    text: str, hand: Writer, spare: Writer, rng: np.random.Generator, photo: bool = False
) -> Grey:
    """A field with `text` in `hand`, scanned or photographed; letters it lacks are `spare`'s."""
    layout = _LAYOUTS[rng.integers(len(_LAYOUTS))]
    height, width = layout.height + int(rng.integers(-3, 4)), layout.width
    field = np.full((height * _SCALE, width * _SCALE), 255, np.uint8)
    left = layout.left + rng.uniform(-4, 8)
    _print_around(field, layout, rng)
    strokes, drawn = write_line(text, hand, spare, rng)
    cap = rng.uniform(11, 19)
    if drawn * cap > width - left - 6:
        cap = max(6.0, (width - left - 6) / max(drawn, 1e-9))
    baseline = layout.baseline * height + rng.uniform(-3, 3)
    pen = int(rng.choice([1, 1, 2, 2, 2, 3, 4]))
    for stroke in strokes:
        at = (stroke * cap + (left, baseline - cap)) * _SCALE
        ink = np.round(at * 16).astype(np.int32)
        cv2.polylines(field, [ink], False, 0, pen, cv2.LINE_AA, shift=4)
    if not photo:
        return scan(field, rng)
    small = cv2.resize(field, None, fx=1 / _SCALE, fy=1 / _SCALE, interpolation=cv2.INTER_AREA)
    return photograph(np.asarray(small, np.uint8), rng)


def write_line(
    text: str, hand: Writer, spare: Writer, rng: np.random.Generator
) -> tuple[Glyph, float]:
    """The strokes of `text` from the left, one unit high, and how long the line is."""
    slant, gap = (
        rng.normal(0, 0.12),
        rng.choice([0.15, 0.3, 0.45, 0.6, 0.8, 1.0]) * rng.uniform(0.7, 1.3),
    )
    rise, squeeze, wobble = rng.normal(0, 0.015), rng.uniform(0.7, 1.05), rng.uniform(0, 0.08)
    accents = rng.random() < 0.2
    line: Glyph = []
    x = 0.0
    for letter in text:
        if letter == " ":
            x += rng.uniform(0.6, 1.4)
            continue
        source = spare if letter not in hand or (letter == "I" and rng.random() < 0.3) else hand
        glyphs = source[letter]
        glyph = [s.copy() for s in glyphs[rng.integers(len(glyphs))]]
        wide = max(float(s[:, 0].max()) for s in glyph) * squeeze
        if accents and letter in _ACCENTED and rng.random() < 0.3:
            glyph.append(_accent(letter, rng))
        turn = rng.normal(0, 0.05)
        size = 1 + rng.normal(0, 0.06)
        for stroke in glyph:
            stroke[:, 0] *= squeeze
            bent = (stroke - (0, 1)) @ np.array([[1, turn], [-turn - slant, 1]]) * size + (0, 1)
            line.append(bent + (x, rise * x + rng.normal(0, wobble / 2)))
        x += wide + max(0.05, gap + rng.normal(0, 0.06))
    return line, x


def _accent(letter: str, rng: np.random.Generator) -> Stroke:
    if letter == "C":
        return np.array([[0.35, 1.02], [0.4, 1.15], [0.25, 1.25]])
    x, lean = rng.uniform(0.2, 0.45), rng.choice([-0.15, 0.15])
    return np.array([[x, -0.3], [x + lean, -0.12]])


@dataclass(frozen=True)
class _Layout:
    """One kind of published crop: size and left edge in pixels, baseline in parts of the height."""

    height: int
    width: int
    left: int
    baseline: float
    label: str = ""
    label_at: tuple[int, float] = (2, 0.0)
    label_size: float = 0.38
    above: str = ""
    below: str = ""
    timestamp: bool = False


_LAYOUTS = (
    _Layout(35, 288, 22, 0.70),
    _Layout(48, 328, 14, 0.68),
    _Layout(48, 328, 14, 0.68),
    _Layout(54, 288, 34, 0.82, "NOM", (34, 0.40), above="0412345X"),
    _Layout(70, 288, 34, 0.72, "PRENOM", (34, 0.20), below="DATE DE NAISSANCE   CLASSE"),
    _Layout(40, 392, 74, 0.78, "NOM :", (4, 0.78), 0.45, "CODE RNE / UAI :   0412345X"),
    _Layout(29, 392, 84, 0.78, "PRENOM :", (10, 0.72), 0.45, below="NE(E) LE", timestamp=True),
)


def _print_around(field: Grey, layout: _Layout, rng: np.random.Generator) -> None:
    """The printed label, slices of the lines above and below, a rotated timestamp, specks."""
    height, width = field.shape

    def type_at(words: str, x: float, y: float, size: float, thick: int) -> None:
        at = (round(x * _SCALE), round(y))
        cv2.putText(
            field, words, at, cv2.FONT_HERSHEY_SIMPLEX, size * _SCALE, 0, thick, cv2.LINE_AA
        )

    bold = int(rng.integers(1, 4))
    if layout.label and rng.random() < 0.95:
        x, y = layout.label_at
        type_at(layout.label, x + rng.uniform(-3, 3), y * height, layout.label_size, bold)
    if layout.above and rng.random() < 0.7:
        x = rng.uniform(4, width / _SCALE * 0.6)
        type_at(layout.above, x, rng.uniform(0.03, 0.16) * height, 0.5, 2)
    if layout.below and rng.random() < 0.8:
        type_at(layout.below, rng.uniform(20, 60), height * rng.uniform(1.06, 1.22), 0.42, bold)
    if layout.timestamp and rng.random() < 0.8:
        stamp = np.full((14 * _SCALE, height), 255, np.uint8)
        cv2.putText(stamp, "12:39:58"[rng.integers(4) :], (0, 11 * _SCALE), 0, 0.4 * _SCALE, 0, 2)
        field[:, : 14 * _SCALE] = np.minimum(
            field[:, : 14 * _SCALE], cv2.rotate(stamp, cv2.ROTATE_90_COUNTERCLOCKWISE)
        )
    for _ in range(rng.poisson(0.6)):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(field, at, int(rng.integers(1, 4)), 0, -1, cv2.LINE_AA)
    if rng.random() < 0.06:
        x = int(rng.choice([1, width - 4]))
        cv2.line(field, (x, 0), (x, height), 0, int(rng.integers(1, 4)))


def scan(field: Grey, rng: np.random.Generator) -> Grey:
    """Shrink to scan size and spoil: faint and broken ink, near-binary grey levels, JPEG."""
    height, width = field.shape
    ink: NDArray[Any] = 255.0 - field
    if rng.random() < 0.35:  # dry pen: the ink gives out in patches
        coarse = rng.normal(0, 1, (height // 8 + 2, width // 8 + 2)).astype(np.float32)
        patches = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        ink *= np.clip(rng.uniform(0.5, 1.6) + patches * rng.uniform(0.3, 0.9), 0, 1)
    ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.1))
    ink = cv2.resize(ink, (width // _SCALE, height // _SCALE), interpolation=cv2.INTER_AREA)
    ink = (ink - rng.uniform(10, 60)) * rng.uniform(1.2, 4.0)
    grey = np.clip(255 - ink, rng.uniform(0, 60), 255).astype(np.uint8)
    quality = int(rng.integers(60, 96))
    packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def default_charset() -> Charset:
    """What drawn names are made of."""
    return Charset(NAME_LETTERS)
