"""Training labels that a trained model finds wrong.

The rule: a row is doubted where the model reads something else, is rather sure of it, and finds
the label far less likely. A model that learnt from the row itself bends towards its label, so that
what it still doubts is worth doubting; one that did not (trained on other rows) finds more.
After the confident learning of Northcutt et al. 2021, with a fixed threshold.

With a name model the reading is the beam's, and both it and the label are weighed by how names are
spelt: HARCHAND for a MARCHAND whose M looks like an H is found by that alone. Where such a reading
is nearly certain it takes the label's place, so that the picture, often a hard one, still teaches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import Charset
from hwr_edge.ctc import (
    BONUS,
    WEIGHT,
    LogProbs,
    beam,
    decode_text,
    label_log_prob,
    log_softmax,
    telling,
    texts_of,
)
from hwr_edge.namemodel import NameModel

SURE = 0.5
"""Probability that the model's own reading must have."""
UNLIKELIER = 4.0
"""Nats by which the label must be less likely than that reading."""
CERTAIN = 0.9
"""Probability from which the beam's reading takes the label's place."""


def doubtful(
    labels: Sequence[str],
    logits: NDArray[np.float32],
    charset: Charset,
    names: NameModel | None = None,
) -> dict[int, str | None]:
    """Which labels are doubted, by index, with the text to learn instead; None: leave the row out.

    Args:
        labels: of each picture.
        logits: float32 (N, T, classes) of the pictures, used frames alone.
        charset: of the logits.
        names: how names are spelt, over the same letters; without it no text is given instead.
    """
    found: dict[int, str | None] = {}
    for i, (label, one) in enumerate(zip(labels, logits, strict=True)):
        log_probs = log_softmax(one)
        if names:
            text, sure, score = _by_beam(log_probs, charset, names)
        else:
            read = decode_text(one, charset)
            text, sure, score = read.text, read.confidence, read.log_prob
        if text == label or sure < SURE:
            continue
        if score - _score(label, log_probs, charset, names) > UNLIKELIER:
            found[i] = text if names and text and sure >= CERTAIN else None
    return found


def _by_beam(log_probs: LogProbs, charset: Charset, names: NameModel) -> tuple[str, float, float]:
    """The beam's text, its share among the candidates and the best one's score."""
    told = telling(log_probs)
    candidates = beam(told, names=names)
    best = texts_of(candidates, told, charset)[0]
    return best.text, best.confidence, candidates[0].score


def _score(label: str, log_probs: LogProbs, charset: Charset, names: NameModel | None) -> float:
    """What a reading's score would be if it were the label."""
    picture = label_log_prob(log_probs, charset.encode(label))
    if names is None or math.isinf(picture):
        return picture
    return picture + WEIGHT * names.log_prob(label) + BONUS * len(label)
