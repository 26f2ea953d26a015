"""Frequencies of whole words, kept as hashes."""

from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import ModelError
from hwr_edge.line.beam import Candidate, NameWeights, beam_search
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.word_list import WordList, hash_of


def _words(**costs: int) -> WordList:
    by_hash = sorted((hash_of(word), cost) for word, cost in costs.items())
    hashes, values = zip(*by_hash, strict=True)
    return WordList(np.array(hashes, np.uint32), np.array(values, np.uint8), 0.5, -14.0)


def _model(words: WordList | None) -> NameModel:
    """Every letter and the end are as likely after any other."""
    return NameModel(" AB", np.zeros(1, np.uint64), np.full((1, 4), 4, np.uint8), 0.5, words)


def test_a_word_has_its_own_probability_and_others_the_unknowns() -> None:
    words = _words(AB=4, BA=10)
    assert words.log_prob("AB") == -2.0
    assert words.log_prob("BA") == -5.0
    assert words.log_prob("BB") == words.log_prob("") == -14.0


def test_a_frequent_word_is_read_where_letters_are_as_likely() -> None:
    log_probs = np.log(np.array([[0.02, 0.02, 0.48, 0.48], [0.02, 0.02, 0.5, 0.46]], np.float32))
    for listed in ("AB", "BA"):
        best = beam_search(log_probs, names=_model(_words(**{listed: 4})))[0]
        assert "".join(" AB"[k - 1] for k in best.classes) == listed
    weights, best = NameWeights(), beam_search(log_probs, names=_model(_words(BA=4)))[0]
    assert best.score == pytest.approx(best.ctc + weights.score(-6.0, 2, [-2.0]))


def test_unlikely_marks_are_an_empty_field_and_a_plain_letter_is_none() -> None:
    def best(letter: float) -> tuple[int, ...]:
        frames = np.full((3, 4), 1e-6, np.float32)
        frames[:, 0], frames[1, 2] = 1, letter
        frames[1, 0] = 1 - letter
        return beam_search(np.log(frames), names=_model(_words(BA=4)))[0].classes

    assert best(0.9) == ()  # A, of which the name model knows no word
    assert best(1 - 1e-6) == (2,)


def test_a_pruned_empty_text_is_a_candidate_unless_it_is_far_behind() -> None:
    def found(blank: float) -> list[Candidate]:
        frames = np.full((20, 4), 1e-6, np.float32)
        frames[:, 0] = 1
        frames[1::2, 0], frames[1::2, 2] = blank, 1 - blank  # ten letters
        return beam_search(np.log(frames), width=1, names=_model(_words(BA=4)))

    unsure, sure = found(0.2), found(0.01)
    assert len(unsure[0].classes) == len(sure[0].classes) == 10
    assert unsure[1].classes == ()
    assert unsure[1].score == pytest.approx(10 * np.log(0.2) + NameWeights().empty, abs=1e-3)
    assert all(one.classes for one in sure)


def test_a_file_holds_the_words_and_one_without_them_is_read_too(tmp_path: Path) -> None:
    _model(_words(AB=4)).save(tmp_path / "with.npz")
    _model(None).save(tmp_path / "without.npz")
    words = NameModel.load(tmp_path / "with.npz").words
    assert words is not None
    assert words.log_prob("AB") == -2.0
    assert words.unknown == -14.0
    assert NameModel.load(tmp_path / "without.npz").words is None


def test_words_that_are_no_table_are_refused() -> None:
    with pytest.raises(ModelError, match="words are damaged"):
        WordList(np.array([2, 1], np.uint32), np.zeros(2, np.uint8), 0.5, -14.0)
    with pytest.raises(ModelError, match="words are damaged"):
        WordList(np.array([1], np.uint32), np.zeros(2, np.uint8), 0.5, -14.0)
    with pytest.raises(ModelError, match="no sensible scale"):
        WordList(np.array([1], np.uint32), np.zeros(1, np.uint8), float("nan"), -14.0)
