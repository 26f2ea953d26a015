"""Synthetic name fields: a name in one hand's strokes or in a font, in a form field as scanners leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey
from hwr_edge.line.charset import NAME_LETTERS, Charset
from hwr_train.synthetic.font_line import FontLine, write_in_font
from hwr_train.synthetic.fonts import Font
from hwr_train.synthetic.glyphs import Writer, drawn_writers
from hwr_train.synthetic.name_list import NameList
from hwr_train.synthetic.photo import photograph
from hwr_train.synthetic.stroke_line import StrokeLine, write_line

_SCALE = 2  # fields are drawn at twice the size of a scan and shrunk: smooth edges
FONT_SHARE = 0.5
"""Share of synthetic names that are written in a font, where there are fonts."""


class FieldGenerator:
    """Makes name fields without end; each depends on the generator it is given alone.

    names: what to write; None for the built-in list.
    writers: hands to write with; None for hands of the drawn alphabet.
    empty_share: of fields with nothing written in them.
    photo_share: of fields seen by a camera; the others are scanned.
    fonts: further hands, for `FONT_SHARE` of the names.
    """

    def __init__(
        self,
        names: NameList | None = None,
        writers: Sequence[Writer] | None = None,
        seed: int = 0,
        empty_share: float = 0.08,
        photo_share: float = 0.3,
        fonts: Sequence[Font] = (),
    ) -> None:
        rng = np.random.default_rng(seed)
        self.names = names or NameList.built_in(rng, default_charset())
        # With people's own strokes at hand, a few letters still come from the drawn alphabet:
        # it knows the dotted I that children write among capitals.
        self.drawn = drawn_writers(256, rng)
        self.writers = writers or self.drawn
        self.empty_share, self.photo_share = empty_share, photo_share
        self.fonts = tuple(fonts)

    def make(self, rng: np.random.Generator) -> tuple[str, Grey]:
        """A text ("" for an empty field) and its image, uint8 (H, W)."""
        text = "" if rng.random() < self.empty_share else self.names.draw(rng)
        hand: Writer | Font = self.writers[int(rng.integers(len(self.writers)))]
        spare = self.drawn[rng.integers(len(self.drawn))]
        photo = rng.random() < self.photo_share
        if self.fonts and rng.random() < FONT_SHARE:
            font = self.fonts[int(rng.integers(len(self.fonts)))]
            hand = font if font.writes(text) else hand
        return text, draw_field(text, hand, spare, rng, photo)


def draw_field(
    text: str, hand: Writer | Font, spare: Writer, rng: np.random.Generator, photo: bool = False
) -> Grey:
    """A field with `text` in `hand`, scanned or photographed; letters it lacks are `spare`'s."""
    layout = _LAYOUTS[rng.integers(len(_LAYOUTS))]
    height, width = layout.height + int(rng.integers(-3, 4)), layout.width
    field = np.full((height * _SCALE, width * _SCALE), 255, np.uint8)
    left = layout.left + rng.uniform(-4, 8)
    _print_around(field, layout, rng)
    line: StrokeLine | FontLine
    if isinstance(hand, Font):
        line = write_in_font(text, hand, rng)
    else:
        line = write_line(text, hand, spare, rng)
    cap = rng.uniform(11, 19)
    if line.length * cap > width - left - 6:
        cap = max(6.0, (width - left - 6) / max(line.length, 1e-9))
    baseline = layout.baseline * height + rng.uniform(-3, 3)
    line.put(field, left * _SCALE, baseline * _SCALE, cap * _SCALE, rng)
    if not photo:
        return scan(field, rng)
    small = cv2.resize(field, None, fx=1 / _SCALE, fy=1 / _SCALE, interpolation=cv2.INTER_AREA)
    return photograph(np.asarray(small, np.uint8), rng)


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
    """Shrink to scan size and degrade: faint and broken ink, near-binary grey levels, JPEG."""
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
