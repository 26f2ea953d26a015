"""From scores to the probability that a name is right: logistic calibration.

Platt 1999, "Probabilistic outputs for support vector machines". Conversion fits the weights on held-out
names and puts them into the model's card, one set for each way of deciding (`WAYS`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Weights = Mapping[str, float]
Features = dict[str, float]

_SUREST = 1e-6  # nearer to 0 or 1 than that, a share says no more
_LARGEST = 50.0  # of a feature, either way
_LARGEST_LEAD = 25.0  # nats

WAYS: dict[str, tuple[str, ...]] = {
    "greedy": ("picture",),
    "beam": ("share", "picture"),
    "roster": ("gain", "names", "lead"),
    "roster-greedy": ("gain", "names", "lead"),
}
"""What decides, with the features it is judged by; `roster-greedy` weighs without a name model."""


def reading_features(share: float, log_prob: float) -> Features:
    """Of a text: its share among the candidates, and log p(text | image)."""
    return {"share": _logit(share), "picture": _logit(math.exp(min(log_prob, 0.0)))}


def match_features(gain: float, names: int, lead: float) -> Features:
    """Of a roster beside one image.

    Args:
        gain: by how much the score of all its names together is above that of all texts.
        names: how many there are.
        lead: by how much the likeliest name's log-probability is above the next one's, from 0. A name
            that others crowd is near the image by chance more often than one that stands alone.
    """
    if math.isnan(gain) or math.isnan(lead):
        raise ValueError("the gain or the lead is no number")
    return {
        "gain": max(-_LARGEST, min(_LARGEST, gain)),
        "names": math.log(names),
        "lead": min(_LARGEST_LEAD, lead),
    }


def probability(weights: Weights, features: Features) -> float:
    """The probability of being right, 0 to 1.

    It comes no nearer to 0 or 1 than the names that the weights were fitted on can show: after n names that
    are all read rightly, the next one is right with (n + 1) / (n + 2) (Laplace's rule of succession).
    """
    z = weights["bias"] + sum(w * features[k] for k, w in weights.items() if k not in _NO_FEATURES)
    sure = 1 / (1 + math.exp(-max(-_LARGEST, min(_LARGEST, z))))
    doubt = 1 / (weights["fitted_on"] + 2) if "fitted_on" in weights else 0.0
    return min(max(sure, doubt), 1 - doubt)


_NO_FEATURES = ("bias", "fitted_on")
"""`fitted_on`: the number of names; cards without it set no such limit."""
_MOST = 1e9  # of a weight


def check(found: Mapping[str, Any]) -> None:
    """Raise ValueError unless these are weights for `WAYS`."""
    for way, weights in found.items():
        if way not in WAYS or set(weights) - {"fitted_on"} != {"bias", *WAYS[way]}:
            raise ValueError(f"confidence of {way!r} has other features")
        if not all(type(w) in (int, float) and abs(w) < _MOST for w in weights.values()):
            raise ValueError(f"confidence of {way!r} has a weight that is no number")
        if weights.get("fitted_on", 0) < 0:
            raise ValueError(f"confidence of {way!r} was fitted on fewer names than none")


def _logit(share: float) -> float:
    share = min(max(share, _SUREST), 1 - _SUREST)
    return math.log(share / (1 - share))
