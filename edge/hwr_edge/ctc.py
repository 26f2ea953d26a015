"""CTC decoding in NumPy: greedy reading, and the exact probability of a text.

`decode_text` is the one way from a model's logits to a name, for the device and for every figure.
The rest works on log-probabilities, float32 (T, classes), as `log_softmax` makes them. Class
BLANK is the CTC blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import BLANK, Charset

LogProbs = NDArray[np.float32]


@dataclass(frozen=True)
class Decoded:
    """A text as classes, with the probability of the whole and of each letter.

    confidence: p(classes | picture), summed over all alignments, 0 to 1.
    letter_confidences: for each letter the highest probability it reached, 0 to 1.
    frames: for each letter the frame where it reached that.
    """

    classes: tuple[int, ...]
    confidence: float
    letter_confidences: tuple[float, ...]
    frames: tuple[int, ...]


class DecodedText(NamedTuple):
    """A name without outer spaces, with its confidence and that of each of its letters."""

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]


def decode_text(logits: NDArray[np.float32], charset: Charset, drop_frames: int = 0) -> DecodedText:
    """Read one picture's logits, float32 (T, classes); the last `drop_frames` frames are unused."""
    decoded = greedy(log_softmax(logits[: len(logits) - drop_frames]))
    text = charset.decode(decoded.classes)
    first, name = len(text) - len(text.lstrip()), text.strip()
    letters = decoded.letter_confidences[first : first + len(name)]
    return DecodedText(name, decoded.confidence, letters)


def log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def greedy(log_probs: LogProbs) -> Decoded:
    """Best class of each frame, repeats merged, blanks dropped (Graves et al. 2006, 3.2)."""
    best = log_probs.argmax(axis=-1)
    classes: list[int] = []
    peaks: list[float] = []
    frames: list[int] = []
    before = BLANK
    for frame, k in enumerate(best.tolist()):
        score = float(log_probs[frame, k])
        if k != BLANK and k != before:
            classes.append(k)
            peaks.append(score)
            frames.append(frame)
        elif k != BLANK and score > peaks[-1]:
            peaks[-1], frames[-1] = score, frame
        before = k
    whole = min(1.0, float(np.exp(label_log_prob(log_probs, classes))))
    letters = tuple(min(1.0, float(np.exp(p))) for p in peaks)
    return Decoded(tuple(classes), whole, letters, tuple(frames))


def label_log_prob(log_probs: LogProbs, classes: Sequence[int]) -> float:
    """log p(classes | picture), over all alignments: the CTC forward variable.

    Graves et al. 2006, "Connectionist Temporal Classification", section 4.1. -inf where the
    classes need more frames than there are.
    """
    symbols = np.full(2 * len(classes) + 1, BLANK)
    symbols[1::2] = classes
    emitted = log_probs.astype(np.float64)[:, symbols]
    skips = np.zeros(len(symbols), bool)
    skips[3::2] = symbols[3::2] != symbols[1:-2:2]
    alpha = np.full(len(symbols) + 2, -np.inf)  # two states of nothing before the first
    alpha[2:4] = emitted[0, :2]
    for frame in emitted[1:]:
        stay, step = alpha[2:], alpha[1:-1]
        skip = np.where(skips, alpha[:-2], -np.inf)
        alpha[2:] = np.logaddexp(np.logaddexp(stay, step), skip) + frame
    return float(np.logaddexp.reduce(alpha[2:][-2:]))


def least_frames(classes: Sequence[int]) -> int:
    """How many frames a text needs: one a letter, and a blank between equal neighbours."""
    return len(classes) + sum(a == b for a, b in pairwise(classes))
