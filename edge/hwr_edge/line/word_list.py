"""How frequent whole words are in names: what a character n-gram, which sees a few letters at once, cannot know.

Words are kept as hashes, which are small. They hide nothing: whoever has a word can ask whether it is listed.
"""

from __future__ import annotations

from bisect import bisect_left
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ModelError


class WordList:
    """Log-probabilities of the most frequent words."""

    def __init__(
        self, hashes: NDArray[np.uint32], costs: NDArray[np.uint8], step: float, unknown: float
    ) -> None:
        """Take a table over.

        Args:
            hashes: uint32 (N,), sorted, all different: CRC-32 of each word in UTF-8.
            costs: uint8 (N,), -log p / step of each.
            step: nats.
            unknown: nats, the log-probability of a word that is not in the table.

        Raises:
            ModelError: the table is none.
        """
        if hashes.shape != costs.shape or hashes.ndim != 1 or np.any(hashes[1:] <= hashes[:-1]):
            raise ModelError("the name model's words are damaged; make it again")
        if not (0 < step < 1e3 and -1e3 < unknown <= 0):
            raise ModelError("the name model's words have no sensible scale; make it again")
        self.hashes, self.costs, self.step, self.unknown = hashes, costs, step, unknown
        self._sorted = hashes.data  # gives plain integers, which the array itself does not

    def log_prob(self, word: str) -> float:
        """Log-probability of a word among all words of names."""
        hashed = hash_of(word)
        place = bisect_left(self._sorted, hashed)
        if place < len(self._sorted) and self._sorted[place] == hashed:
            return -self.step * float(self.costs[place])
        return self.unknown


def hash_of(word: str) -> int:
    """The hash that a table keeps of a word, 32 bits."""
    return crc32(word.encode("utf-8"))
