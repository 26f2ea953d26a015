"""Labels as arrays of classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import BLANK, Charset


def encode_labels(
    texts: Sequence[str], charset: Charset, length: int | None = None
) -> NDArray[np.int32]:
    """Classes int32 (N, length), padded with the blank at the end."""
    length = length or max(1, max(map(len, texts), default=1))
    labels = np.full((len(texts), length), BLANK, np.int32)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = charset.encode(text)
    return labels
