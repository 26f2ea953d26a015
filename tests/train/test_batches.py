"""Order and augmentation depend on seed, epoch and place alone."""

from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.charset import NAME_LETTERS, Charset
from hwr_edge.preprocess import Canvas
from hwr_train.batches import Batches, MadeNames, encode_labels
from hwr_train.canvases import NameData
from hwr_train.synth import FieldMaker

CHARSET = Charset(NAME_LETTERS)
CANVAS = Canvas(48, 384)
TEXTS = tuple("ABCDEFGHIJKLM")


@pytest.fixture(scope="module")
def data() -> NameData:
    canvases = np.random.default_rng(0).integers(0, 256, (len(TEXTS), 48, 384), np.uint8)
    return NameData(canvases, TEXTS, TEXTS)


@pytest.fixture(scope="module")
def made() -> MadeNames:
    return MadeNames(FieldMaker(seed=1), CANVAS, count=6, seed=1)


def _epoch(batches: Batches) -> list[tuple[np.ndarray, np.ndarray]]:
    return [batches[i] for i in range(len(batches))]


def test_an_epoch_holds_every_real_name_once_and_the_made_ones(
    data: NameData, made: MadeNames
) -> None:
    batches = Batches(data, CHARSET, 4, made=made, label_length=24)
    labels = np.concatenate([y for _, y in _epoch(batches)])
    texts = [CHARSET.decode(row.tolist()) for row in labels]
    assert len(texts) == 19
    for text in TEXTS:
        assert texts.count(text) >= 1
    assert sorted(t for t in texts if t not in TEXTS) == sorted(
        t for t in (made.item(0, i)[0] for i in range(6)) if t not in TEXTS
    )


def test_a_batch_is_uint8_canvases_with_padded_labels(data: NameData) -> None:
    x, y = Batches(data, CHARSET, 4, label_length=9)[0]
    assert x.shape == (4, 48, 384, 1)
    assert x.dtype == np.uint8
    assert y.shape == (4, 9)
    assert y.dtype == np.int32


def test_a_resumed_epoch_is_the_one_an_uninterrupted_run_sees(
    data: NameData, made: MadeNames
) -> None:
    running = Batches(data, CHARSET, 4, seed=5, made=made)
    first = _epoch(running)
    running.begin(1)
    resumed = Batches(data, CHARSET, 4, seed=5, made=made)
    resumed.begin(1)
    for (x, y), (u, v), (p, q) in zip(_epoch(running), _epoch(resumed), first, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
        assert not np.array_equal(x, p) or not np.array_equal(y, q)


def test_without_augmentation_canvases_are_as_they_are(data: NameData) -> None:
    x, y = Batches(data, CHARSET, 4, augmenting=False)[0]
    for canvas, label in zip(x, y, strict=True):
        place = TEXTS.index(CHARSET.decode(label.tolist()))
        np.testing.assert_array_equal(canvas[..., 0], data.canvases[place])


def test_a_fixed_number_of_steps_goes_round_the_data(data: NameData) -> None:
    batches = Batches(data, CHARSET, 4, steps=10)
    assert len(batches) == 10
    assert all(x.shape[0] == 4 for x, _ in _epoch(batches))


def test_labels_are_padded_with_the_blank() -> None:
    assert encode_labels(["AB", ""], CHARSET).tolist() == [CHARSET.encode("AB"), [0, 0]]
