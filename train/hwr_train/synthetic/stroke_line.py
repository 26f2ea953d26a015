"""A name written in pen strokes: one hand's letters from the left, drawn with one pen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey
from hwr_train.synthetic.glyphs import Glyph, Stroke, Writer

_ACCENTED = "AEIOUC"


@dataclass(frozen=True)
class StrokeLine:
    """A written line: strokes one unit high, and its length in that unit."""

    strokes: Glyph
    length: float

    def put(
        self, field: Grey, left: float, baseline: float, cap: float, rng: np.random.Generator
    ) -> None:
        """Draw it into `field`, all in its pixels: capitals `cap` high."""
        pen = int(rng.choice([1, 1, 2, 2, 2, 3, 4]))
        for stroke in self.strokes:
            ink = np.round((stroke * cap + (left, baseline - cap)) * 16).astype(np.int32)
            cv2.polylines(field, [ink], False, 0, pen, cv2.LINE_AA, shift=4)


def write_line(text: str, hand: Writer, spare: Writer, rng: np.random.Generator) -> StrokeLine:
    """`text` from the left; letters that `hand` lacks are `spare`'s."""
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
    return StrokeLine(line, x)


def _accent(letter: str, rng: np.random.Generator) -> Stroke:
    if letter == "C":
        return np.array([[0.35, 1.02], [0.4, 1.15], [0.25, 1.25]])
    x, lean = rng.uniform(0.2, 0.45), rng.choice([-0.15, 0.15])
    return np.array([[x, -0.3], [x + lean, -0.12]])
