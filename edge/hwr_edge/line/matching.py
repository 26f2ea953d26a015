"""Which name of a roster stands in an image, and with which probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hwr_edge.line import beside
from hwr_edge.line.beam import Candidate
from hwr_edge.line.confidence import Features, Weights, match_features, probability
from hwr_edge.line.ctc import LogProbs
from hwr_edge.line.roster import Roster, Weighed


@dataclass(frozen=True)
class MatchLimits:
    """What of a match is shown; set by hand.

    even: probability of being on the roster; less says "none of these" first.
    least, most: the probability of a name worth showing; how many there are at most.
    """

    even: float = 0.5
    least: float = 0.001
    most: int = 12


MATCH = MatchLimits()


class Match(NamedTuple):
    """A name of the roster, None for none of them, with the probability of being right, 0 to 1."""

    name: str | None
    confidence: float


def match(
    log_probs: LogProbs,
    roster: Roster,
    texts: Sequence[Candidate],
    weights: Weights,
) -> list[Match]:
    """Which name of the roster stands in an image, the likeliest first.

    All its names together are weighed against all texts that beam search found, as if a name of the
    roster and another were written there equally often: "none of these" is an answer, and then
    the first. The probability that it is one of them is divided among the names by how likely the
    image makes each.

    Args:
        log_probs: float32 (T, classes).
        roster: the names.
        texts: what beam search found in the same image.
        weights: of the card's confidence, for a roster.
    """
    best = max(text.ctc for text in texts)
    weighed = roster.weigh(log_probs, best)
    on_it = probability(weights, evidence(weighed, texts))
    if on_it < MATCH.even:  # other words may stand beside the name
        other = roster.weigh(log_probs, best, beside.beside_of(log_probs, roster.charset))
        likely = min(beside.LIMITS.surest, probability(weights, evidence(other, texts)))
        if likely > on_it:
            weighed, on_it = other, likely
    log_probs_of_names = weighed.log_probs
    if not np.isfinite(log_probs_of_names.max()):
        return [Match(None, 1 - on_it)]
    shares = on_it * np.exp(log_probs_of_names - np.logaddexp.reduce(log_probs_of_names))
    first, *others = np.argsort(-shares, kind="stable")[: MATCH.most].tolist()
    matches = [
        Match(roster.names[k], float(shares[k]))
        for k in (first, *(k for k in others if shares[k] > MATCH.least))
    ]
    return matches if on_it >= MATCH.even else [Match(None, 1 - on_it), *matches]


def evidence(weighed: Weighed, texts: Sequence[Candidate]) -> Features:
    """What tells whether a name of a roster is written, of the roster's names and a beam's texts."""
    gain = np.logaddexp.reduce(weighed.scores) - np.logaddexp.reduce([text.score for text in texts])
    log_probs = weighed.log_probs
    best = log_probs.max()
    # Names that are written alike are as likely: the lead is over the first that is less so.
    lead = (
        best - log_probs.max(where=log_probs < best, initial=-np.inf) if np.isfinite(best) else 0.0
    )
    return match_features(float(gain), len(log_probs), float(lead))
