from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby, product
from operator import itemgetter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwr_edge.line.alignment import letter_confidences, letter_frames
from hwr_edge.line.beam import Candidate, beam_search, likeliest_texts, nonblank_frames
from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.ctc import frames_needed, label_log_prob, label_log_probs, log_softmax
from hwr_edge.line.decoder import DecodedText
from hwr_edge.line.greedy import decode_text, greedy
from hwr_edge.line.name_model import NameModel
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


def test_a_decoded_text_has_single_spaces_none_at_the_ends_and_no_unused_frames() -> None:
    charset = Charset(" AB")
    path = [1, 2, 1, 0, 1, 3, 1, 2, 2]
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
    frames = frames_needed(classes)
    for count in (frames - 1, frames):
        if count >= 1:
            scores = log_softmax(np.zeros((count, charset.classes), np.float32))
            assert np.isfinite(label_log_prob(scores, classes)) == (count >= frames)


@pytest.mark.parametrize(("classes", "frames"), [([], 0), ([1], 1), ([1, 2], 2), ([1, 1, 1], 5)])
def test_a_doubled_letter_needs_a_frame_between(classes: list[int], frames: int) -> None:
    assert frames_needed(classes) == frames


def test_log_softmax_stands_huge_logits() -> None:
    scores = log_softmax(np.array([[1e4, -1e4, 0]], np.float32))
    assert np.exp(scores).sum() == pytest.approx(1)
    assert scores[0, 0] == 0


def test_blank_frames_alone_read_as_nothing() -> None:
    decoded = greedy(certain([0, 0, 0], 3))
    assert decoded.classes == ()
    assert decoded.confidence == pytest.approx(1, abs=1e-3)


def _names(letters: str, **likely: float) -> NameModel:
    """A name model with one row for everything: letters by their share, "end" for the end."""
    shares = np.array([likely.get(letter, 0.01) for letter in letters] + [likely.get("end", 0.1)])
    costs = np.round(-np.log(shares / shares.sum()) * 16).astype(np.uint8)[None]
    return NameModel(letters, np.zeros(1, np.uint64), costs, 1 / 16)


@given(log_probs())
def test_a_wide_beam_without_names_finds_the_likeliest_text(scores: NDArray[np.float32]) -> None:
    by_brute_force = all_labels(scores)
    found = beam_search(scores, width=1000, bonus=0, margin=math.inf)
    best = max(by_brute_force.values())
    assert by_brute_force[found[0].classes] == pytest.approx(best, rel=1e-3)
    for one in found:
        assert np.exp(one.ctc) == pytest.approx(by_brute_force[one.classes], rel=1e-3, abs=1e-12)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@given(log_probs())
def test_a_wide_beam_with_names_ranks_as_all_paths_and_the_model_do(
    scores: NDArray[np.float32],
) -> None:
    classes = scores.shape[1]
    letters = "ABCDEFGH"[: classes - 1]
    names = _names(letters, A=0.6, B=0.1, end=0.2)

    def worth(label: tuple[int, ...]) -> float:
        name = names.log_prob("".join(letters[k - 1] for k in label)) if label else np.log(0.02)
        return float(np.log(by_brute_force[label]) + 0.7 * name + 0.2 * len(label))

    by_brute_force = all_labels(scores)
    found = beam_search(scores, width=1000, names=names, weight=0.7, bonus=0.2, margin=math.inf)
    assert found[0].score == pytest.approx(max(map(worth, by_brute_force)), rel=1e-3, abs=1e-3)
    assert found[0].score == pytest.approx(worth(found[0].classes), rel=1e-3, abs=1e-3)


def _search(
    scores: NDArray[np.float32], names: NameModel, width: int, margin: float
) -> list[tuple[int, ...]]:
    """Prefix beam search as the papers write it down: the prefixes kept at the end, sorted."""
    letters = names.letters

    def prior(classes: tuple[int, ...]) -> float:
        found, state = 0.0, names.start
        for k in classes:
            found += names.row(state)[k - 1]
            state = names.after(state, k)
        return 0.5 * found + 0.4 * len(classes)

    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for row in np.exp(scores.astype(np.float64)):
        after: dict[tuple[int, ...], list[float]] = {}
        for prefix, (blank, letter) in kept.items():
            here = after.setdefault(prefix, [0.0, 0.0])
            here[0] += (blank + letter) * row[0]
            if prefix:
                here[1] += letter * row[prefix[-1]]
            for k in range(1, len(letters) + 1):
                again = bool(prefix) and prefix[-1] == k
                there = after.setdefault((*prefix, k), [0.0, 0.0])
                there[1] += (blank if again else blank + letter) * row[k]
        ranks = {p: np.log(sum(both)) + prior(p) for p, both in after.items() if sum(both) > 0}
        best = sorted(ranks, key=lambda p: ranks[p], reverse=True)[:width]
        kept = {p: (after[p][0], after[p][1]) for p in best if ranks[p] > ranks[best[0]] - margin}
    return sorted(kept)


@pytest.mark.parametrize(("width", "margin"), [(3, math.inf), (50, 2.0), (4, 1.5)])
def test_a_narrow_beam_keeps_the_prefixes_that_the_plain_algorithm_keeps(
    width: int, margin: float
) -> None:
    rng, names = np.random.default_rng(5), _names("AB", A=0.5, B=0.2)
    for _ in range(60):  # few letters: prefixes repeat letters, are dropped and come back
        scores = log_softmax(rng.normal(0, 2, (9, 3)).astype(np.float32))
        wanted = _search(scores, names, width, margin)
        found = beam_search(scores, width, names, weight=0.5, bonus=0.4, margin=margin)
        assert sorted(one.classes for one in found) == wanted


def _by_beam(
    logits: NDArray[np.float32], charset: Charset, names: NameModel, top: int = 1
) -> list[DecodedText]:
    scores = nonblank_frames(log_softmax(logits))
    return likeliest_texts(beam_search(scores, names=names), scores, charset, top)


def test_names_decide_where_the_image_leaves_two_letters_open() -> None:
    logits = np.full((3, 4), -9, np.float32)
    logits[0, 1] = logits[2, 1] = 9
    logits[1, 2], logits[1, 3] = 9, 9.3  # A?A with C a little likelier than B
    charset = Charset("ABC")
    assert decode_text(logits, charset).text == "ACA"
    best, second = _by_beam(logits, charset, _names("ABC", A=0.3, B=0.5, C=0.05), top=2)
    assert (best.text, second.text) == ("ABA", "ACA")
    assert best.confidence > second.confidence
    assert best.confidence + second.confidence == pytest.approx(1, abs=1e-3)
    assert len(best.letter_confidences) == 3
    assert best.letter_confidences[1] == pytest.approx(0.43, abs=0.02)


def test_runs_of_blanks_become_one_frame_and_texts_keep_their_probability() -> None:
    rng = np.random.default_rng(4)
    path = [0, 0, 0, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 2, 0, 0]
    logits = np.full((len(path), 3), -6, np.float32)
    logits[np.arange(len(path)), path] = 6
    logits += rng.normal(0, 0.3, logits.shape).astype(np.float32)
    logits[13] = [1, 0.5, 1]  # a doubtful letter
    scores = log_softmax(logits)
    found = nonblank_frames(scores)
    assert found[[0, 1, 2, 3, 4, 5, 7]].argmax(-1).tolist() == [0, 1, 0, 2, 2, 0, 0]
    assert len(found) == 8
    for text in ((1, 2), (1, 2, 1), (1, 2, 2)):
        assert label_log_prob(found, text) == pytest.approx(label_log_prob(scores, text), abs=1e-3)
    np.testing.assert_array_equal(nonblank_frames(found)[:, 1:], found[:, 1:])


@given(log_probs())
def test_frames_that_may_hold_a_letter_stay_as_they_are(scores: NDArray[np.float32]) -> None:
    assume((scores[:, 1:].max(axis=1) > math.log(1e-3)).all())  # that they may
    sure = np.concatenate([scores, certain([BLANK] * 5, scores.shape[1]), scores])
    np.testing.assert_array_equal(nonblank_frames(scores), scores)
    np.testing.assert_array_equal(nonblank_frames(sure)[: len(scores)], scores)
    assert len(nonblank_frames(sure)) == 2 * len(scores) + 1


def test_texts_that_differ_in_doubled_spaces_alone_are_one_candidate() -> None:
    logits = np.full((5, 4), -9, np.float32)
    logits[0, 2] = logits[4, 3] = 9
    logits[1, 1] = logits[3, 1] = 9
    logits[2, 0], logits[2, 1] = 3.2, 3  # two spaces, or one
    first, *others = _by_beam(logits, Charset(" AB"), _names(" AB"), top=3)
    assert first.text == "A B"
    assert first.confidence > 0.95
    assert len(first.letter_confidences) == 3
    assert "A  B" not in [one.text for one in others]


def test_texts_that_differ_in_outer_spaces_alone_are_one_candidate() -> None:
    logits = np.full((4, 4), -9, np.float32)
    logits[0, 0], logits[0, 1] = 3, 3  # nothing, or a space first
    logits[1, 2] = logits[2, 3] = logits[3, 0] = 9
    found = _by_beam(logits, Charset(" AB"), _names(" AB"), top=3)
    assert [one.text for one in found].count("AB") == 1
    assert found[0].text == "AB"
    assert found[0].confidence > 0.95
    assert len(found[0].letter_confidences) == 2


def test_a_blank_field_stays_empty_under_the_beam() -> None:
    logits = np.full((8, 4), -9, np.float32)
    logits[:, 0] = 9
    assert _by_beam(logits, Charset("ABC"), _names("ABC"))[0].text == ""


def test_letter_confidences_are_those_of_the_likeliest_of_all_alignments() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        scores = log_softmax(rng.normal(0, 1.5, (5, 3)).astype(np.float32))
        best: dict[tuple[int, ...], tuple[float, list[float]]] = {}
        for path in product(range(3), repeat=5):
            runs = [
                (k, [frame for frame, _ in run])
                for k, run in groupby(enumerate(path), itemgetter(1))
            ]
            label = tuple(k for k, _ in runs if k)
            whole = sum(float(scores[frame, k]) for frame, k in enumerate(path))
            peaks = [max(math.exp(scores[f, k]) for f in frames) for k, frames in runs if k]
            best[label] = max(best.get(label, (-math.inf, [])), (whole, peaks))
        for label, (_, peaks) in best.items():
            assert letter_confidences(scores, label) == pytest.approx(tuple(peaks), rel=1e-5)


def test_letters_are_aligned_as_on_the_likeliest_of_all_paths() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        scores = log_softmax(rng.normal(0, 2, (5, 3)).astype(np.float32))
        likeliest: dict[tuple[int, ...], tuple[float, tuple[int, ...]]] = {}
        for path in product(range(3), repeat=5):
            found = sum(float(scores[t, k]) for t, k in enumerate(path)), path
            likeliest[collapse(path)] = max(found, likeliest.get(collapse(path), found))
        for classes, (_, path) in likeliest.items():
            runs = [list(run) for k, run in groupby(range(5), path.__getitem__) if k != BLANK]
            assert letter_frames(scores, classes) == tuple(
                max(run, key=lambda t: float(scores[t, path[t]])) for run in runs
            )


def test_what_does_not_fit_its_frames_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="3 frames"):
        letter_frames(log_softmax(np.zeros((3, 3), np.float32)), [1, 1, 2])


@given(log_probs(), st.lists(st.lists(st.integers(1, 3), max_size=5), min_size=1, max_size=5))
def test_several_labels_at_once_are_what_they_are_one_by_one(
    scores: NDArray[np.float32], labels: list[list[int]]
) -> None:
    classes = scores.shape[1]
    labels = [[k for k in label if k < classes] for label in labels]
    found = label_log_probs(scores, labels)
    for value, label in zip(found, labels, strict=True):
        assert value == pytest.approx(label_log_prob(scores, label), abs=1e-6)


def test_labels_of_hardly_any_probability_have_theirs() -> None:
    scores = np.full((9, 3), -120, np.float32)
    assert label_log_probs(scores, [(1, 2)])[0] == pytest.approx(label_log_prob(scores, (1, 2)))


def test_the_likeliest_name_comes_first_whose_candidates_together_are_likeliest() -> None:
    log_probs = np.log(np.full((3, 4), 0.25, np.float32))
    found = [
        Candidate((2,), -1.0, 0.0, math.log(0.4)),  # A
        Candidate((3,), -1.0, 0.0, math.log(0.35)),  # B
        Candidate((1, 3), -1.0, 0.0, math.log(0.25)),  # B after a space
    ]
    first, second = likeliest_texts(found, log_probs, Charset(" AB"), top=2)
    assert [first.text, second.text] == ["B", "A"]
    assert first.confidence == pytest.approx(0.6)
    assert likeliest_texts(found, log_probs, Charset(" AB"))[0].text == "B"
