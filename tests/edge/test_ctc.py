from __future__ import annotations

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from hwr_edge.charset import BLANK, Charset
from hwr_edge.ctc import decode_text, greedy, label_log_prob, least_frames, log_softmax
from strategies import LETTERS, alignments, log_probs, texts


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, _ in groupby(path) if k != BLANK)


def all_labels(scores: NDArray[np.float32]) -> dict[tuple[int, ...], float]:
    """Probability of every label, by going through every path."""
    frames, classes = scores.shape
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(classes), repeat=frames):
        found[collapse(path)] += float(np.exp(sum(float(scores[t, k]) for t, k in enumerate(path))))
    return found


def certain(path: list[int], classes: int) -> NDArray[np.float32]:
    logits = np.full((len(path), classes), -20, np.float32)
    logits[np.arange(len(path)), path] = 20
    return log_softmax(logits)


@given(log_probs())
def test_the_probability_of_a_text_is_the_sum_over_all_paths(scores: NDArray[np.float32]) -> None:
    for label, probability in all_labels(scores).items():
        assert np.exp(label_log_prob(scores, label)) == pytest.approx(probability, rel=1e-4)


@given(log_probs())
def test_all_texts_together_have_probability_one(scores: NDArray[np.float32]) -> None:
    total = sum(np.exp(label_log_prob(scores, label)) for label in all_labels(scores))
    assert total == pytest.approx(1, rel=1e-4)


@given(log_probs())
def test_greedy_reads_the_collapse_of_the_best_path(scores: NDArray[np.float32]) -> None:
    decoded = greedy(scores)
    assert decoded.classes == collapse(tuple(scores.argmax(-1).tolist()))
    assert decoded.confidence == pytest.approx(all_labels(scores)[decoded.classes], rel=1e-4)


@given(log_probs())
def test_each_letter_has_the_confidence_of_its_best_frame(scores: NDArray[np.float32]) -> None:
    decoded = greedy(scores)
    assert len(decoded.letter_confidences) == len(decoded.frames) == len(decoded.classes)
    assert list(decoded.frames) == sorted(set(decoded.frames))
    for k, frame, confidence in zip(
        decoded.classes, decoded.frames, decoded.letter_confidences, strict=True
    ):
        assert confidence == pytest.approx(float(np.exp(scores[frame, k])), rel=1e-4)


@given(alignments())
def test_decoding_an_alignment_gives_the_text_back(example: tuple[str, list[int]]) -> None:
    text, path = example
    charset = Charset(LETTERS)
    decoded = greedy(certain(path, charset.classes))
    assert charset.decode(decoded.classes) == text
    assert decoded.confidence == pytest.approx(1, abs=1e-3)


def test_a_decoded_text_has_no_outer_spaces_and_no_unused_frames() -> None:
    charset = Charset(" AB")
    path = [1, 2, 0, 1, 3, 1, 2, 2]
    logits = np.full((len(path), charset.classes), -20, np.float32)
    logits[np.arange(len(path)), path] = 20
    whole = decode_text(logits, charset)
    assert whole.text == "A B A"
    found = decode_text(logits, charset, drop_frames=2)
    assert found.text == "A B"
    assert found.confidence == pytest.approx(1, abs=1e-3)
    assert found.letter_confidences == pytest.approx([1, 1, 1], abs=1e-3)


@given(texts)
def test_a_text_fits_into_its_least_number_of_frames_and_not_into_fewer(text: str) -> None:
    charset = Charset(LETTERS)
    classes = charset.encode(text)
    frames = least_frames(classes)
    for count in (frames - 1, frames):
        if count >= 1:
            scores = log_softmax(np.zeros((count, charset.classes), np.float32))
            assert np.isfinite(label_log_prob(scores, classes)) == (count >= frames)


@pytest.mark.parametrize(("classes", "frames"), [([], 0), ([1], 1), ([1, 2], 2), ([1, 1, 1], 5)])
def test_a_doubled_letter_needs_a_frame_between(classes: list[int], frames: int) -> None:
    assert least_frames(classes) == frames


def test_log_softmax_stands_huge_logits() -> None:
    scores = log_softmax(np.array([[1e4, -1e4, 0]], np.float32))
    assert np.exp(scores).sum() == pytest.approx(1)
    assert scores[0, 0] == 0


def test_blank_frames_alone_read_as_nothing() -> None:
    decoded = greedy(certain([0, 0, 0], 3))
    assert decoded.classes == ()
    assert decoded.confidence == pytest.approx(1, abs=1e-3)
