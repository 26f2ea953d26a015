"""Connectionist temporal classification in NumPy: log-probabilities, and the exact one of a text.

All of it works on log-probabilities, float32 (T, classes), as `log_softmax` makes them. Class BLANK is
the CTC blank (Graves et al. 2006, "Connectionist temporal classification").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import BLANK

LogProbs = NDArray[np.float32]
"""Of each frame and class, float32 (T, classes)."""

SMALLEST_PROB = 1e-300
"""Stands for a probability of 0 where its logarithm is taken."""


def log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def label_log_prob(log_probs: LogProbs, classes: Sequence[int]) -> float:
    """log p(classes | image), over all alignments: the CTC forward variable.

    Graves et al. 2006, "Connectionist Temporal Classification", section 4.1. -inf where the
    classes need more frames than there are.
    """
    symbols, skips = label_states(classes)
    emitted = log_probs.astype(np.float64)[:, symbols]
    alpha = np.full(len(symbols) + 2, -np.inf)  # two states of nothing before the first
    alpha[2:4] = emitted[0, :2]
    for frame in emitted[1:]:
        stay, step = alpha[2:], alpha[1:-1]
        skip = np.where(skips, alpha[:-2], -np.inf)
        alpha[2:] = np.logaddexp(np.logaddexp(stay, step), skip) + frame
    return float(np.logaddexp.reduce(alpha[2:][-2:]))


def label_log_probs(log_probs: LogProbs, labels: Sequence[Sequence[int]]) -> list[float]:
    """`label_log_prob` of several labels at once: much faster than one by one."""
    longest = max(map(len, labels))
    symbols = np.full((len(labels), 2 * longest + 1), BLANK, np.intp)
    for row, classes in zip(symbols, labels, strict=True):
        row[1 : 2 * len(classes) : 2] = classes
    skips = np.zeros(symbols.shape)
    skips[:, 3::2] = symbols[:, 3::2] != symbols[:, 1:-2:2]
    emitted = np.exp(log_probs.astype(np.float64))[:, symbols]
    alpha = np.zeros((len(labels), symbols.shape[1] + 2))  # two states of nothing before the first
    alpha[:, 2:4] = emitted[0, :, :2]
    stay, step, skip, total = alpha[:, 2:], alpha[:, 1:-1], alpha[:, :-2], np.empty(symbols.shape)
    for frame in emitted[1:]:
        np.multiply(skips, skip, out=total)
        total += step
        total += stay
        np.multiply(total, frame, out=stay)
    every, last = np.arange(len(labels)), np.array([2 * len(classes) + 2 for classes in labels])
    ends = alpha[every, last] + alpha[every, last - 1]
    return [
        math.log(end) if end > SMALLEST_PROB else label_log_prob(log_probs, classes)
        for end, classes in zip(ends.tolist(), labels, strict=True)
    ]


def label_states(classes: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The extended label: its classes with blanks between and around, and which may be reached past a blank.

    int (2 L + 1,) and bool (2 L + 1,); Graves et al. 2006, section 4.1.
    """
    symbols = np.full(2 * len(classes) + 1, BLANK, np.intp)
    symbols[1::2] = classes
    skips = np.zeros(len(symbols), bool)
    skips[3::2] = symbols[3::2] != symbols[1:-2:2]
    return symbols, skips


def frames_needed(classes: Sequence[int]) -> int:
    """How many frames a text needs: one a letter, and a blank between equal neighbours."""
    return len(classes) + sum(a == b for a, b in pairwise(classes))


def best_path(log_probs: LogProbs) -> tuple[list[int], list[float], list[int]]:
    """Best path decoding: the classes read, and of each its highest log p and the frame of that."""
    classes: list[int] = []
    peaks: list[float] = []
    frames: list[int] = []
    previous = BLANK
    best, scores = log_probs.argmax(axis=-1).tolist(), log_probs.max(axis=-1).tolist()
    for frame, (k, score) in enumerate(zip(best, scores, strict=True)):
        if k != BLANK and k != previous:
            classes.append(k)
            peaks.append(score)
            frames.append(frame)
        elif k != BLANK and score > peaks[-1]:
            peaks[-1], frames[-1] = score, frame
        previous = k
    return classes, peaks, frames
