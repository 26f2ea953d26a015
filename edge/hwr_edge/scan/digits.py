"""Digits in a form's fields: the recognizer knows letters alone, and would read some."""

from __future__ import annotations

from dataclasses import replace

from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.page.line_kinds import Kind, shipped_kinds

_SURE = 0.9  # confidence: so sure a reading has letters
_DIGITS = 0.5  # probability that a line is digits alone


def is_digits(crop: Grey, reading: Reading) -> bool:
    """Whether a line is digits alone, by how it looks and what was read in it.

    Args:
        crop: uint8 (H, W), as it was read.
        reading: what was read.
    """
    if not reading.text or reading.confidence >= _SURE:
        return False
    return bool(shipped_kinds().probabilities(crop)[Kind.DIGITS] >= _DIGITS)


def without_text(reading: Reading) -> Reading:
    """The reading of what is not letters: no text, confidence 0, for a person to look at."""
    bare = replace(reading, text="", letter_confidences=(), alternatives=(), letters=(), match=None)
    return bare.doubted()
