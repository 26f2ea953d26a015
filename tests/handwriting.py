"""Handwriting to film: names in drawn hands, each hand the outcome of its generator alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_train.synthetic.glyphs import drawn_writers
from hwr_train.synthetic.stroke_line import write_line


def handwriting(text: str, rng: np.random.Generator, cap: float = 60) -> NDArray[np.uint8]:
    """A name in a hand of its own, uint8 (H, W), dark on 255, with capitals `cap` pixels high."""
    hand, spare = drawn_writers(2, rng)
    strokes = write_line(text, hand, spare, rng).strokes
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    width, height = np.ceil((high - low) * cap + 24).astype(int).tolist()
    image = np.full((height, width), 255, np.uint8)
    pen = max(2, round(cap * rng.uniform(0.05, 0.11)))
    for stroke in strokes:
        ink = np.round(((stroke - low) * cap + 12) * 16).astype(np.int32)
        cv2.polylines(image, [ink], False, 40, pen, cv2.LINE_AA, shift=4)
    return image
