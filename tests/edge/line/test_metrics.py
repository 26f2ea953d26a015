from __future__ import annotations

import json
import math

import pytest
from hypothesis import given

from hwr_edge.line.metrics import (
    accuracy_curve,
    calibration_by_chance,
    calibration_error,
    coverage,
    edit_distance,
    score,
    wilson,
)
from strategies import texts


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [
        ("KITTEN", "SITTING", 3),
        ("", "ABC", 3),
        ("LEA", "LEA", 0),
        ("LEA", "LÉA", 1),
        ("AB", "BA", 2),
    ],
)
def test_known_distances(a: str, b: str, edits: int) -> None:
    assert edit_distance(a, b) == edits


def test_the_interval_of_a_cer_is_one_of_95_per_cent() -> None:
    truths, readings = ["ABCDEFGHIJ"] * 400, ["ABCDEFGHIJ", "ABCDEFGHIX"] * 200
    found = score(truths, readings)
    assert found.cer == pytest.approx(0.05)
    half = 1.96 * 0.5 / math.sqrt(400) / 10  # of a mean of so many that are 0 or 1
    assert found.cer_interval == pytest.approx((0.05 - half, 0.05 + half), abs=0.1 * half)


@given(texts, texts, texts)
def test_the_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


@given(texts, texts)
def test_the_distance_is_at_least_the_difference_and_at_most_the_longer(a: str, b: str) -> None:
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (29, 29, 0.8830, 1),
    ],
)
def test_intervals_are_those_published_for_wilson(
    hits: int, count: int, low: float, high: float
) -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I
    assert wilson(hits, count) == pytest.approx((low, high), abs=1e-4)


def test_a_score_counts_edits_over_letters_and_faultless_names() -> None:
    result = score(["LEA", "PAUL", "ZOE"], ["LEA", "PAL", "ZOO"])
    assert result.cer == pytest.approx(2 / 10)
    assert result.exact == pytest.approx(1 / 3)
    assert result.names == 3
    assert result.cer_interval[0] <= result.cer <= result.cer_interval[1]
    assert result.exact_interval == wilson(1, 3)


def test_the_same_readings_always_get_the_same_score() -> None:
    truths, readings = ["LEA", "PAUL"] * 20, ["LEA", "PAU"] * 20
    assert score(truths, readings) == score(truths, readings)


def test_faultless_readings_have_no_errors() -> None:
    result = score(["LEA"] * 50, ["LEA"] * 50)
    assert (result.cer, result.cer_interval, result.exact) == (0, (0, 0), 1)


@pytest.mark.parametrize(("truths", "readings"), [([], []), (["A"], []), (["A"], ["A", "B"])])
def test_unpaired_readings_are_refused(truths: list[str], readings: list[str]) -> None:
    with pytest.raises(ValueError, match="truths against"):
        score(truths, readings)


def test_a_score_goes_into_json_and_into_one_line() -> None:
    result = score(["LEA"], ["LEO"])
    assert json.loads(json.dumps(result.to_json()))["names"] == 1
    assert "n = 1" in result.line()
    assert "\n" not in result.line()


def test_calibration_error_is_the_distance_of_confidence_and_truth() -> None:
    assert calibration_error([0.8] * 10, [True] * 8 + [False] * 2, 1) == pytest.approx(0)
    assert calibration_error([0.9] * 10, [True] * 5 + [False] * 5, 1) == pytest.approx(0.4)
    halves = calibration_error([0.2] * 4 + [0.7] * 4, [False] * 4 + [True] * 4, bins=2)
    assert halves == pytest.approx((0.2 + 0.3) / 2)


def test_perfect_confidences_have_the_calibration_error_of_chance() -> None:
    # One bin of 100 names at 0.5: the mean distance of a binomial share, sqrt(2 / pi) * 0.05.
    mean, low, high = calibration_by_chance([0.5] * 1500)
    assert mean == pytest.approx(math.sqrt(2 / math.pi) * 0.05, rel=0.05)
    assert low < mean < high
    assert calibration_by_chance([1.0] * 40) == (0, 0, 0)


def test_coverage_is_how_much_may_be_accepted() -> None:
    sure, right = [0.9, 0.8, 0.7, 0.6], [True, False, True, True]
    assert coverage(sure, right, 0.75) == 1
    assert coverage(sure, right, 0.8) == 0.25
    assert coverage(sure, right[::-1], 0.9) == 0.5
    assert coverage([0.5], [False], 0.5) == 0
    assert accuracy_curve(sure, right).tolist() == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])
