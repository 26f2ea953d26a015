"""Weights fitted on held-out names."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import hwr_convert  # noqa: F401  # before Keras
from hwr_convert.confidence import fit_confidence
from hwr_edge.line.charset import Charset
from hwr_edge.line.confidence import WAYS, check, probability, reading_features
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.metrics import calibration_error
from hwr_edge.line.name_model import NameModel, key_of

LETTERS = Charset("ABCDE")


def _names() -> NameModel:
    """Every letter as likely as any, whatever stands before."""
    keys = np.array(sorted([0, key_of("", LETTERS.letters, start=True)]), np.uint64)
    return NameModel(LETTERS.letters, keys, np.full((2, 6), 18, np.uint8), 0.1)


def _images(count: int, seed: int) -> tuple[NDArray[np.float32], list[str]]:
    """Logits of names of three letters that claim to be three times as sure as they are."""
    rng = np.random.default_rng(seed)
    logits = np.zeros((count, 6, LETTERS.classes), np.float32)
    texts = []
    for one in logits:
        classes = rng.integers(1, LETTERS.classes, 3)
        texts.append(LETTERS.decode(classes.tolist()))
        sure = rng.uniform(0.5, 4)
        for k, c in enumerate(classes):
            one[2 * k, c] = sure
            one[2 * k] += rng.gumbel(size=LETTERS.classes)
            one[2 * k, 0] = -9
            one[2 * k + 1, 0] = 9
        one *= 3
    return logits, texts


def test_an_overconfident_model_becomes_honest() -> None:
    logits, texts = _images(600, 0)
    found = fit_confidence(logits, texts, texts, LETTERS, None)["greedy"]
    fresh, truths = _images(1500, 1)
    read = [decode_text(one, LETTERS) for one in fresh]
    right = [one.text == truth for one, truth in zip(read, truths, strict=True)]
    raw = calibration_error([one.confidence for one in read], right)
    sure = [probability(found, reading_features(one.confidence, one.log_prob)) for one in read]
    assert raw > 0.15
    assert calibration_error(sure, right) < 0.04


def test_every_way_is_fitted_and_fits_a_card() -> None:
    logits, texts = _images(40, 0)
    found = fit_confidence(logits, texts, texts, LETTERS, _names())
    assert set(found) == set(WAYS)
    check(found)
    assert found["roster"]["gain"] > 0
    again = fit_confidence(logits, texts, texts, LETTERS, _names())
    assert again == found


@pytest.mark.parametrize("count", [1, 3])
def test_few_names_give_sober_weights(count: int) -> None:
    logits, texts = _images(count, 3)
    logits *= 5
    for weights in fit_confidence(logits, texts, texts, LETTERS, None).values():
        assert weights.pop("fitted_on") == count
        assert all(np.isfinite(w) and abs(w) < 20 for w in weights.values())


def test_fields_with_nothing_written_are_no_trouble() -> None:
    logits, texts = _images(20, 0)
    found = fit_confidence(logits, ["", *texts[1:]], texts, LETTERS, _names())
    assert set(found) == set(WAYS)
