"""Training labels that a trained model finds wrong.

The rule: a row is left out where the model reads something else, is rather sure of it, and finds
the label far less likely. A model that learnt from the row itself bends towards its label, so that
what it still doubts is worth doubting; one that did not (trained on other rows) finds more.
After the confident learning of Northcutt et al. 2021, with a fixed threshold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import label_log_prob, log_softmax
from hwr_edge.line.decoder import DecodedText
from hwr_edge.line.greedy import decode_text

SURE = 0.5
"""Probability that the model's own reading must have."""
UNLIKELIER = 4.0
"""Nats by which the label must be less likely than that reading."""


def doubtful(labels: Sequence[str], logits: NDArray[np.float32], charset: Charset) -> list[int]:
    """Indices of the labels to leave out, by logits (N, T, classes) of their canvases, used frames alone."""
    wrong = []
    for i, (label, crop_logits) in enumerate(zip(labels, logits, strict=True)):
        reading = decode_text(crop_logits, charset)
        if reading.text == label or reading.confidence < SURE:
            continue
        if nats_behind(label, reading, crop_logits, charset) > UNLIKELIER:
            wrong.append(i)
    return wrong


def nats_behind(
    label: str, reading: DecodedText, logits: NDArray[np.float32], charset: Charset
) -> float:
    """By how much a label is less likely than the greedy reading of the same logits (T, classes)."""
    return reading.log_prob - label_log_prob(log_softmax(logits), charset.encode(label))
