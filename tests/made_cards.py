"""Made cards: several on one table, with a name drawn on each, photographed together."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey
from made_forms import photographed
from made_pages import MadePage, Sheet, Written, alone, moved, names, new_pen, rotation, scanned

_WIDTH, _HEIGHT = 85.0, 55.0  # mm of a card
_DPI = 150
_ASKEW = 5.0  # degrees


def cards(rng: np.random.Generator, rows: int, columns: int, gap: float) -> MadePage:
    """A photograph of cards in rows and columns, `gap` mm apart, each a little askew in its place."""
    scale = _DPI / 25.4
    pitch = _WIDTH + gap, _HEIGHT + gap
    size = round((rows * pitch[1] + gap) * scale), round((columns * pitch[0] + gap) * scale)
    paper: Grey = np.full(size, 255, np.uint8)
    there: Grey = np.zeros(size, np.uint8)
    made = []
    for row in range(rows):
        for column in range(columns):
            card, pen, text = Sheet(_DPI, _WIDTH, _HEIGHT), new_pen(rng), names().draw(rng)
            if rng.random() < 0.5:
                card.rule(6, 40, _WIDTH - 6, 40, 0.3, 120)
            cap, shade = rng.uniform(6, 11), int(rng.integers(10, 110))
            state = rng.bit_generator.state
            quad = card.write(text, rng.uniform(6, 12), 37, cap, _WIDTH - 20, pen, shade)
            after, rng.bit_generator.state = rng.bit_generator.state, state
            crop = alone(text, pen, cap * card.scale, shade)
            rng.bit_generator.state = after
            askew = min(_ASKEW, np.degrees(gap / _WIDTH))  # they do not overlap
            turn = rotation(card.paper.shape, rng.uniform(-askew, askew))
            at = np.array([gap + column * pitch[0], gap + row * pitch[1]]) * scale
            move = np.array([[1, 0, at[0]], [0, 1, at[1]], [0, 0, 1]]) @ turn
            laid = cv2.warpPerspective(card.paper, move, size[::-1], borderValue=255)
            np.minimum(paper, laid, out=paper)
            lies = cv2.warpPerspective(np.ones_like(card.paper), move, size[::-1])
            np.maximum(there, lies, out=there)
            made.append((text, moved(quad, move), crop))
    image, seen = photographed(paper, rng, there=there)
    return MadePage(
        image, tuple(Written(t, moved(q, seen), scanned(crop, rng)) for t, q, crop in made)
    )
