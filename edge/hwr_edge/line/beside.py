"""Other words beside a name in one line: where a name may begin and end, and what the rest weighs.

What stands beside the name is read as its best path, as a keyword spotter's filler model does (Rohlicek et al.
1989, "Continuous hidden Markov modeling for speaker-independent word spotting").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.ctc import LogProbs


@dataclass(frozen=True)
class BesideLimits:
    """How a name stands beside other words; chosen on drawn names, listed and not.

    word: how often another word stands before or after a name, with a space between.
    joined: likewise with no space that was read: the end of another name looks the same.
    surest: of a name beside other words.
    """

    word: float = 0.1
    joined: float = 1e-5
    surest: float = 0.9


LIMITS = BesideLimits()


class Beside(NamedTuple):
    """What may stand before and after a name, float64 (T + 1,): by the number of frames before each place.

    before: probability that all before is another word, and the name begins here.
    after: probability that the name ends here, and all after is another word.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]


def beside_of(log_probs: LogProbs, charset: Charset) -> Beside:
    """Where the words and letters of the best path end and begin, of float32 (T, classes)."""
    best = log_probs.argmax(axis=1)
    path = np.concatenate([[0.0], np.cumsum(log_probs.max(axis=1), dtype=np.float64)])
    space = charset.encode(" ")[0] if " " in charset.letters else BLANK
    changes = best[1:] != best[:-1]
    begins = np.flatnonzero(np.concatenate([[True], changes]) & (best != BLANK))
    ends = np.flatnonzero(np.concatenate([changes, [True]]) & (best != BLANK)) + 1
    before, after = np.zeros((2, len(best) + 1))
    weights = np.where(best[begins] == space, LIMITS.word, LIMITS.joined)
    before[ends] = weights * np.exp(path[ends])
    after[begins] = weights * np.exp(path[-1] - path[begins])
    before[-1] = after[0] = 0.0
    return Beside(before, after)
