"""Scores made probabilities."""

from __future__ import annotations

import math

import pytest

from hwr_edge.line.confidence import check, match_features, probability, reading_features


def test_weights_of_one_leave_a_share_as_it_is() -> None:
    features = reading_features(0.8, math.log(0.3))
    assert probability({"bias": 0, "share": 1, "picture": 0}, features) == pytest.approx(0.8)
    assert probability({"bias": 0, "picture": 1}, features) == pytest.approx(0.3)


@pytest.mark.parametrize(("share", "log_prob"), [(0.0, -1e300), (1.0, 0.0), (1.0, 1e-9)])
def test_the_ends_stay_probabilities(share: float, log_prob: float) -> None:
    weights = {"bias": 0.0, "share": 9.0, "picture": 9.0}
    assert 0 <= probability(weights, reading_features(share, log_prob)) <= 1


def test_no_match_at_all_is_no_number_trouble() -> None:
    features = match_features(-math.inf, 1, 0.0)
    assert probability({"bias": 0, "gain": 1, "names": 1, "lead": 1}, features) < 1e-6


@pytest.mark.parametrize(
    "found",
    [
        {"tarot": {"bias": 1}},
        {"beam": {"bias": 1, "share": 1}},
        {"greedy": {"bias": 1, "picture": math.nan}},
        {"greedy": {"bias": 1, "picture": "1"}},
    ],
)
def test_other_weights_are_refused(found: dict[str, dict[str, float]]) -> None:
    with pytest.raises(ValueError, match="confidence of"):
        check(found)


def test_no_confidence_exceeds_what_the_fitted_names_can_show() -> None:
    weights = {"bias": 40.0, "picture": 0.0}
    features = reading_features(0.5, math.log(0.5))
    assert probability(weights, features) == pytest.approx(1.0, abs=1e-9)
    assert probability({**weights, "fitted_on": 998}, features) == pytest.approx(0.999)
    surely_not = {"bias": -40.0, "picture": 0.0, "fitted_on": 998}
    assert probability(surely_not, features) == pytest.approx(0.001)


def test_weights_fitted_on_fewer_than_no_names_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer names than none"):
        check({"greedy": {"bias": 1.0, "picture": 1.0, "fitted_on": -1}})
