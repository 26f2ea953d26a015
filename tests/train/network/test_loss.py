"""The loss against a second derivation: all paths counted out, and slopes by differences."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from hwr_edge.line.ctc import log_softmax
from hwr_train.network.loss import CTCLoss


def _collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    merged = [k for i, k in enumerate(path) if i == 0 or k != path[i - 1]]
    return tuple(k for k in merged if k != 0)


def _cost_by_counting(logits: np.ndarray, label: tuple[int, ...]) -> float:
    log_probs = log_softmax(logits)
    frames, classes = logits.shape
    total = sum(
        np.exp(sum(log_probs[t, k] for t, k in enumerate(path)))
        for path in itertools.product(range(classes), repeat=frames)
        if _collapse(path) == label
    )
    return float(-np.log(total))


@pytest.mark.parametrize("label", [(), (1,), (2, 2), (1, 2), (1, 2, 1), (3, 3, 1)])
def test_the_cost_is_that_of_all_paths_counted_out(label: tuple[int, ...]) -> None:
    logits = np.random.default_rng(3).normal(0, 2, (5, 4)).astype(np.float32)
    padded = np.array([[*label, 0, 0, 0, 0][:4]], np.int32)
    found = CTCLoss(reduction=None)(padded, logits[None])
    assert np.asarray(found)[0] == pytest.approx(_cost_by_counting(logits, label), rel=1e-4)


def test_the_cost_is_that_of_keras() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (6, 20, 30)).astype(np.float32)
    labels = np.zeros((6, 9), np.int32)
    for row, length in zip(labels, (3, 9, 1, 5, 7, 2), strict=True):
        row[:length] = rng.integers(1, 30, length)
    ours = np.asarray(CTCLoss(reduction=None)(labels, logits))
    theirs = np.asarray(keras.losses.CTC(reduction=None)(labels, logits))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_the_gradient_is_the_slope_of_the_cost() -> None:
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1, (1, 6, 4)).astype(np.float32)
    labels = np.array([[2, 2, 1, 0]], np.int32)
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        cost = CTCLoss()(labels, variable)
    gradient = tape.gradient(cost, variable).numpy()
    step = 1e-2
    for t, k in itertools.product(range(6), range(4)):
        moved = np.zeros_like(logits)
        moved[0, t, k] = step
        rise = _cost_by_counting((logits + moved)[0], (2, 2, 1))
        fall = _cost_by_counting((logits - moved)[0], (2, 2, 1))
        assert gradient[0, t, k] == pytest.approx((rise - fall) / (2 * step), abs=2e-3)


@pytest.mark.parametrize("label", [(1, 2, 3, 1), (2, 2, 0, 0)])
def test_a_label_that_needs_more_frames_than_there_are_teaches_nothing(
    label: tuple[int, ...],
) -> None:
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(2)
    frames = 3 if label[2] else 2
    logits = tf.Variable(rng.normal(0, 1, (2, frames, 4)).astype(np.float32))
    labels = np.array([label, (1, 0, 0, 0)], np.int32)
    with tf.GradientTape() as tape:
        cost = CTCLoss(reduction=None)(labels, logits)
    gradient = tape.gradient(cost, logits).numpy()
    assert cost.numpy()[0] == 0
    assert 0 < cost.numpy()[1] < 50
    assert not gradient[0].any()
    assert gradient[1].any()


def test_the_cost_is_the_same_where_the_number_of_frames_is_known_at_run_time_alone() -> None:
    tf = pytest.importorskip("tensorflow")
    logits = np.random.default_rng(3).normal(0, 2, (2, 7, 4)).astype(np.float32)
    labels = np.array([[1, 2], [3, 0]], np.int32)
    specs = [tf.TensorSpec((None, 2), tf.int32), tf.TensorSpec((None, None, 4), tf.float32)]
    found = tf.function(CTCLoss(reduction=None), input_signature=specs)(labels, logits)
    wanted = CTCLoss(reduction=None)(labels, logits)
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-5)


def test_two_views_that_agree_cost_nothing_more_and_others_their_divergence() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.normal(0, 2, (2, 3, 7, 4)).astype(np.float32)
    labels = np.repeat(np.array([[1, 2], [3, 0], [2, 2]], np.int32), 2, axis=0)
    plain, agreeing = CTCLoss(reduction=None), CTCLoss(0.3, reduction=None)
    alike = np.repeat(one, 2, axis=0)
    np.testing.assert_allclose(agreeing(labels, alike), plain(labels, alike), rtol=1e-5)
    views = np.stack([one, other], axis=1).reshape(6, 7, 4)  # name by name
    p, q = log_softmax(one), log_softmax(other)
    apart = [np.exp(b) * (b - a) for a, b in ((p, q), (q, p))]
    costs = np.stack(apart, axis=1).sum(axis=(2, 3)).ravel()
    wanted = np.asarray(plain(labels, views)) + 0.3 * costs
    np.testing.assert_allclose(agreeing(labels, views), wanted, rtol=1e-4)


def test_each_view_is_drawn_to_the_other_as_given() -> None:
    tf = pytest.importorskip("tensorflow")
    views = tf.Variable(np.random.default_rng(5).normal(0, 1, (2, 5, 4)).astype(np.float32))
    labels = np.array([[1, 2], [1, 2]], np.int32)
    slopes = []
    for loss in (CTCLoss(), CTCLoss(0.5)):
        with tf.GradientTape() as tape:
            cost = loss(labels, views)
        slopes.append(tape.gradient(cost, views).numpy())
    shares = np.exp(log_softmax(views.numpy()))
    # The slope of KL(given | softmax) is the softmax less what is given; the mean is over two rows.
    np.testing.assert_allclose(slopes[1] - slopes[0], 0.5 * (shares - shares[::-1]) / 2, atol=1e-5)


def test_a_saved_loss_keeps_its_agreement() -> None:
    assert CTCLoss.from_config(CTCLoss(0.2).get_config()).agreement == 0.2
