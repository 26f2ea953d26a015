"""Fit the weights that make probabilities of scores, on held-out names.

Logistic regression by Newton's method (iteratively reweighted least squares), with a light ridge on
standardized features, so that few names, or names that are all read rightly, give sober weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.beam import Candidate, beam_search, likeliest_texts, nonblank_frames
from hwr_edge.line.charset import Charset
from hwr_edge.line.confidence import WAYS, Features, reading_features
from hwr_edge.line.ctc import LogProbs, log_softmax
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.matching import evidence
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.roster import Roster, Weighed
from hwr_edge.line.spellings import all_spellings

_RIDGE = 0.1  # weight of the penalty; set by hand, the fit prints the calibration error it leads to
_STEPS = 50  # Newton's, at most
_ROSTER_SIZES = (30, 100, 300, 1000, 3000)  # names


class _Case(NamedTuple):
    """Features of one decision, and whether it was right: the text, or that the roster has it."""

    features: Features
    right: bool


def fit_confidence(
    logits: NDArray[np.float32],
    truths: Sequence[str],
    others: Sequence[str],
    charset: Charset,
    names: NameModel | None,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Weights for every way of deciding, as the card has them.

    Rosters of several sizes are made of `others`, with the truth in half of them.

    Args:
        logits: float32 (N, T, classes) of held-out images, without unused frames.
        truths: what stands in each.
        others: names that may stand on a roster beside them.
        charset: of the logits.
        names: for the beam; None leaves out what needs it.
        seed: of the rosters.
    """
    scores = [log_softmax(crop) for crop in logits]
    greedy = [
        _Case(reading_features(read.confidence, read.log_prob), read.text == truth)
        for read, truth in zip((decode_text(crop, charset) for crop in logits), truths, strict=True)
    ]
    cases = {"greedy": greedy}
    frames = [nonblank_frames(crop) for crop in scores]
    plain = [beam_search(crop) for crop in frames]
    cases["roster-greedy"] = list(_matches(scores, plain, truths, others, charset, seed))
    if names:
        candidates = [beam_search(crop, names=names) for crop in frames]
        best = [
            likeliest_texts(f, crop, charset)[0] for f, crop in zip(candidates, frames, strict=True)
        ]
        cases["beam"] = [
            _Case(reading_features(read.confidence, read.log_prob), read.text == truth)
            for read, truth in zip(best, truths, strict=True)
        ]
        cases["roster"] = list(_matches(scores, candidates, truths, others, charset, seed))
    fitted = {way: _logistic(cases[way], WAYS[way]) for way in WAYS if cases.get(way)}
    return {way: {**weights, "fitted_on": len(truths)} for way, weights in fitted.items()}


def _matches(
    scores: Sequence[LogProbs],
    texts: Sequence[Sequence[Candidate]],
    truths: Sequence[str],
    others: Sequence[str],
    charset: Charset,
    seed: int,
) -> Iterator[_Case]:
    """Rosters with and without the truth."""
    rng = np.random.default_rng(seed)
    spellable = [name for name in dict.fromkeys(others) if not charset.unknown(name) and name]
    if len(spellable) < 2:
        return
    sizes = [size for size in _ROSTER_SIZES if size <= len(spellable)] or [len(spellable)]
    roster = Roster([spellable[k] for k in rng.permutation(len(spellable))[: sizes[-1]]], charset)
    written = [{way.text for way in all_spellings([name], charset)} for name in roster.names]
    for log_probs, candidates, truth in zip(scores, texts, truths, strict=True):
        if charset.unknown(truth) or not truth.strip(" -'"):
            continue  # no roster can hold it
        best = max(text.ctc for text in candidates)
        own = np.stack(Roster([truth], charset).weigh(log_probs, best))
        theirs = np.stack(roster.weigh(log_probs, best))[:, [truth not in ways for ways in written]]
        for size in sizes:
            drawn = rng.permutation(theirs.shape[1])[: size - 1]
            without = theirs[:, drawn]
            for present in (True, False):
                on_it = Weighed(*(np.hstack([without, own]) if present else without))
                yield _Case(evidence(on_it, candidates), present)


def _logistic(cases: Sequence[_Case], names: Sequence[str]) -> dict[str, float]:
    x = np.array([[case.features[name] for name in names] for case in cases])
    y = np.array([case.right for case in cases], float)
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    z = np.hstack([np.ones((len(x), 1)), (x - middle) / spread])
    ridge = _RIDGE * np.eye(z.shape[1])
    ridge[0, 0] = 1e-3  # the bias is hardly held, but names that are all right or wrong need it
    weights = np.zeros(z.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(z @ weights, -50, 50)))
        slope = z.T @ (p - y) + ridge @ weights
        bend = (z * (p * (1 - p))[:, None]).T @ z + ridge
        weights -= np.linalg.solve(bend, slope)
    plain = weights[1:] / spread
    bias = weights[0] - float(plain @ middle)
    fitted = {"bias": bias, **dict(zip(names, plain, strict=True))}
    return {name: round(float(weight), 5) for name, weight in fitted.items()}
