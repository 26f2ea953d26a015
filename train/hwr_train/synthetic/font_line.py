"""A name written in a font as a hand would: letter by letter or in a run, never twice the same."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_train.synthetic.fonts import CAP, Font

# Set by hand; `make evaluate` measures a model that was trained with them.
_ABOVE, _BELOW = round(2.2 * CAP), round(1.2 * CAP)  # rows over and under the baseline
_GRID = (3, 16)  # rows and columns of the coarse displacement field
_PENS = (1.5, 2.0, 2.0, 2.5, 3.0, 4.0)  # widths of strokes that are aimed at, in pixels
_ACCENTS = {"E": "ÉÈÊË", "A": "ÀÂ", "I": "ÎÏ", "O": "ÔÖ", "U": "ÛÜ", "C": "Ç", "N": "Ñ"}


@dataclass(frozen=True)
class CaseMix:
    """How names are written in a font that has small letters: shares, 0 to 1, set by hand.

    words: in small letters after a capital; small: in small letters alone; mixed: any letter may be small;
        the rest in capitals.
    dotted: of the names in capitals, those with a small i for I, as children have it.
    joined: of the names with small letters, those written in one run, joined where the font joins.
    """

    words: float = 0.35
    small: float = 0.1
    mixed: float = 0.1
    dotted: float = 0.35
    joined: float = 0.6


MIX = CaseMix()


@dataclass(frozen=True)
class FontLine:
    """A written line: ink 255 on 0, uint8 (H, W), the baseline `_ABOVE` rows down.

    squeeze: how much narrower it is to be drawn; size: how much larger, beside capitals.
    """

    ink: Grey
    squeeze: float
    size: float = 1.0

    @property
    def length(self) -> float:
        """Width in heights of a capital, as drawn."""
        return float(self.ink.shape[1]) * self.squeeze * self.size / CAP

    def put(
        self, field: Grey, left: float, baseline: float, cap: float, rng: np.random.Generator
    ) -> None:
        """Draw it into `field`, all in its pixels: `cap` high, slanted, rising, a little bent."""
        height, width = field.shape
        scale = cap * self.size / CAP
        size = max(1, round(self.length * cap)), max(1, round(self.ink.shape[0] * scale))
        small = cv2.resize(self.ink, size, interpolation=cv2.INTER_AREA)
        slant, rise = rng.normal(0, 0.12), rng.normal(0, 0.015)
        rough = rng.normal(0, 1, (2, *_GRID)).astype(np.float32) * rng.uniform(0, 0.05) * cap
        bends = [cv2.resize(r, (width, height), interpolation=cv2.INTER_LINEAR) for r in rough]
        x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
        columns = (x - left) + slant * (y - baseline) + bends[0]
        rows = (y - baseline + _ABOVE * scale) - rise * (x - left) + bends[1]
        ink = cv2.remap(
            small, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR
        )
        np.minimum(field, 255 - ink, out=field)


def write_in_font(text: str, font: Font, rng: np.random.Generator) -> FontLine:
    """`text`, in capitals or not, in letters that `font` has."""
    written = spelling_by_hand(text, font, rng)
    if not _is_printed(written) and rng.random() < MIX.joined:
        ink = joined_line(written, font)
    else:
        ink = spaced_line(written, font, rng)
    # Who writes in small letters writes them larger than beside capitals.
    size = rng.uniform(1.1, 1.6) if written.islower() else rng.uniform(0.95, 1.25)
    squeeze = rng.uniform(0.75, 1.15)
    return FontLine(restroke(ink, font.weight, rng), float(squeeze), float(size))


def spelling_by_hand(text: str, font: Font, rng: np.random.Generator) -> str:
    """The text as people write it: in which case, and now and then with accents."""
    how = rng.random() if font.small else 1.0
    if how < MIX.words:
        text = text.title()
    elif how < MIX.words + MIX.small:
        text = text.lower()
    elif how < MIX.words + MIX.small + MIX.mixed:
        small = rng.random(len(text)) < 0.3
        text = "".join(c.lower() if s else c for c, s in zip(text, small, strict=True))
    elif font.small and rng.random() < MIX.dotted:
        text = text.replace("I", "i")
    if rng.random() < 0.2:
        text = "".join(_accented(c, font, rng) for c in text)
    return text


def _is_printed(text: str) -> bool:
    """Whether it is written in capitals, but for i."""
    return text.replace("i", "I").isupper()


def _accented(letter: str, font: Font, rng: np.random.Generator) -> str:
    accents = _ACCENTS.get(letter.upper())
    if accents is None or rng.random() > 0.3:
        return letter
    accented = accents[rng.integers(len(accents))]
    accented = accented if letter.isupper() else accented.lower()
    return accented if accented in font.letters else letter


def joined_line(text: str, font: Font) -> Grey:
    """All at once, as the font spaces and joins it."""
    ink = font.ink(text)
    line = np.zeros((_ABOVE + _BELOW, ink.mask.shape[1]), np.uint8)
    _lay(line, ink.mask, 0, _ABOVE + ink.top)
    return line


def spaced_line(text: str, font: Font, rng: np.random.Generator) -> Grey:
    """Letter by letter, each of its own size, turn and height over the baseline."""
    gaps = [0.05, 0.15, 0.3, 0.45, 0.6, 0.85] if _is_printed(text) else [0.0, 0.06, 0.12, 0.25]
    gap, wobble = rng.choice(gaps) * rng.uniform(0.7, 1.3), rng.uniform(0, 0.06)
    placed: list[tuple[Grey, int]] = []
    x = 0.0
    for letter in text:
        if letter == " ":
            x += CAP * rng.uniform(0.5, 1.2)
            continue
        # A small i among capitals is nearly as tall as they are.
        tall = rng.uniform(1.0, 1.3) if letter == "i" and _is_printed(text) else 1.0
        ink = _varied_letter(letter, font, tall, wobble, rng)
        placed.append((ink, round(x)))
        x += ink.shape[1] + CAP * max(-0.05, gap + rng.normal(0, 0.05))
    ends = [at + ink.shape[1] for ink, at in placed]
    line = np.zeros((_ABOVE + _BELOW, max(ends, default=1)), np.uint8)
    for ink, at in placed:
        _lay(line, ink, at, 0)
    return line


def _varied_letter(
    letter: str, font: Font, tall: float, wobble: float, rng: np.random.Generator
) -> Grey:
    """One letter as (height of a line, its width), grown and turned about its foot."""
    ink = font.ink(letter)
    size, turn, lift = tall + rng.normal(0, 0.06), rng.normal(0, 0.05), rng.normal(0, wobble) * CAP
    height, width = ink.mask.shape
    wide = max(1, round(width * size + abs(turn) * height))
    matrix = np.array([[size, turn, 0.0], [-turn, size, 0.0]])
    matrix[0, 2] = wide / 2 - size * width / 2 - turn * height / 2
    matrix[1, 2] = _ABOVE + lift + size * ink.top + turn * width / 2
    return np.asarray(cv2.warpAffine(ink.mask, matrix, (wide, _ABOVE + _BELOW)), np.uint8)


def _lay(line: Grey, ink: Grey, left: int, top: int) -> None:
    """Lay ink over a line's, in place; what passes its upper or lower edge is cut off."""
    rows = ink[max(0, -top) :][: line.shape[0] - max(0, top)]
    place = line[max(0, top) : max(0, top) + len(rows), left : left + ink.shape[1]]
    np.maximum(place, rows, out=place)


def restroke(ink: Grey, weight: float, rng: np.random.Generator) -> Grey:
    """Thicken or thin strokes towards a pen's width, by two pixels at most."""
    change = round(float(np.clip(rng.choice(_PENS) - weight, -2, 2)))
    if change == 0:
        return ink
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) + 1, abs(change) + 1))
    changed = cv2.dilate(ink, kernel) if change > 0 else cv2.erode(ink, kernel)
    return np.asarray(changed, np.uint8)
