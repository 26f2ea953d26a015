"""Greedy decoding: the likeliest class of each frame, repeats and blanks taken out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import SMALLEST_PROB, LogProbs, best_path, label_log_prob, log_softmax
from hwr_edge.line.decoder import DecodedText, single_spaced


@dataclass(frozen=True)
class Decoded:
    """A text as classes, with the probability of the whole and of each letter.

    confidence: p(classes | image), summed over all alignments, 0 to 1.
    letter_confidences: for each letter the highest probability it reached, 0 to 1.
    frames: for each letter the frame where it reached that.
    """

    classes: tuple[int, ...]
    confidence: float
    letter_confidences: tuple[float, ...]
    frames: tuple[int, ...]


def decode_text(logits: NDArray[np.float32], charset: Charset, drop_frames: int = 0) -> DecodedText:
    """Read one image's logits, float32 (T, classes); the last `drop_frames` frames are unused."""
    decoded = greedy(log_softmax(logits[: len(logits) - drop_frames]))
    text = charset.decode(decoded.classes)
    places = single_spaced(text)
    letters = tuple(decoded.letter_confidences[k] for k in places)
    log_prob = math.log(max(decoded.confidence, SMALLEST_PROB))
    return DecodedText("".join(text[k] for k in places), decoded.confidence, letters, log_prob)


def greedy(log_probs: LogProbs) -> Decoded:
    """Best class of each frame, repeats merged, blanks dropped (Graves et al. 2006, 3.2)."""
    classes, peaks, frames = best_path(log_probs)
    whole = min(1.0, float(np.exp(label_log_prob(log_probs, classes))))
    letters = tuple(min(1.0, float(np.exp(p))) for p in peaks)
    return Decoded(tuple(classes), whole, letters, tuple(frames))
