"""The decoders by name, and what each of them gives; light to import, for help texts."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Decoder(StrEnum):
    """How logits become a name.

    greedy: the likeliest letter of each frame, the image alone.
    beam: the likeliest name, by the image and by how names are spelt.
    """

    GREEDY = "greedy"
    BEAM = "beam"


class DecodedText(NamedTuple):
    """A name, with single spaces and none at the ends.

    confidence: its share of the probability of all candidates, not calibrated, 0 to 1.
    letter_confidences: of each letter, 0 to 1.
    log_prob: log p(text | image).
    """

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]
    log_prob: float


def single_spaced(text: str) -> list[int]:
    """Where the letters of `text` are that stay when its words are set apart by single spaces."""
    last = len(text.rstrip())
    return [k for k in range(last) if text[k] != " " or (k and text[k - 1] != " ")]
