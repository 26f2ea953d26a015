"""Order and augmentation depend on seed, epoch and place alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hosts_here import together
from hwr_edge.line.charset import NAME_LETTERS, Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.data.labels import encode_labels
from hwr_train.fitting.buckets import Buckets, ends_of_ink
from hwr_train.fitting.hosts import Hosts
from hwr_train.fitting.loader import BatchLoader, SyntheticNames
from hwr_train.synthetic.fields import FieldGenerator

CHARSET = Charset(NAME_LETTERS)
CANVAS = Canvas(48, 384)
CANVAS_OF_A = np.full((48, 384), 255, np.uint8)
TEXTS = tuple("ABCDEFGHIJKLM")


@pytest.fixture(scope="module")
def data() -> NameData:
    canvases = np.random.default_rng(0).integers(0, 256, (len(TEXTS), 48, 384), np.uint8)
    return NameData(canvases, TEXTS, TEXTS)


@pytest.fixture(scope="module")
def made() -> SyntheticNames:
    return SyntheticNames(FieldGenerator(seed=1), CANVAS, count=6, seed=1)


def _buckets(data: NameData | None, batch: int = 4, **options: Any) -> Buckets:
    return Buckets(data, CHARSET, CANVAS, batch, **options)


def _batches(buckets: Buckets, epoch: int | None = 0, **options: Any) -> BatchLoader:
    batches = BatchLoader(buckets, **options)
    if epoch is not None:
        batches.begin(epoch)
    return batches


def _epoch(batches: BatchLoader) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(x, y["logits"]) for x, y in (batches[i] for i in range(len(batches)))]


@pytest.mark.parametrize("width_step", [None, 48])
def test_an_epoch_holds_every_real_name_once_and_the_made_ones(
    data: NameData, made: SyntheticNames, width_step: int | None
) -> None:
    batches = _batches(_buckets(data, sources=(made,), label_length=24, width_step=width_step))
    labels = np.concatenate([y for _, y in _epoch(batches)])
    texts = [CHARSET.decode(row.tolist()) for row in labels]
    assert len(texts) == 19
    for text in TEXTS:
        assert texts.count(text) >= 1
    assert sorted(t for t in texts if t not in TEXTS) == sorted(
        t for t in (made.sample(0, i)[0] for i in range(6)) if t not in TEXTS
    )


def test_names_come_in_another_order_in_each_epoch(data: NameData) -> None:
    buckets = _buckets(data)
    orders = {tuple(np.concatenate(buckets.picks(epoch)).tolist()) for epoch in range(4)}
    assert len(orders) == 4


def test_a_batch_is_uint8_canvases_with_padded_labels_for_each_head(data: NameData) -> None:
    x, y = _batches(_buckets(data, label_length=9), heads=("logits", "shortcut"))[0]
    assert x.shape == (4, 48, 384, 1)
    assert x.dtype == np.uint8
    assert list(y) == ["logits", "shortcut"]
    assert y["logits"].shape == (4, 9)
    assert y["logits"].dtype == np.int32


@pytest.fixture(scope="module")
def short_and_long() -> NameData:
    """80 canvases, ink at the left and up to a column that says which one it is."""
    canvases = np.full((80, 48, 384), 255, np.uint8)
    for i, canvas in enumerate(canvases):
        canvas[10:30, 4 : 20 + 4 * i] = 0
    texts = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 26] for i in range(80))
    return NameData(canvases, texts, texts)


def test_the_end_of_the_ink_is_found(short_and_long: NameData) -> None:
    assert ends_of_ink(short_and_long.canvases).tolist() == [20 + 4 * i for i in range(80)]
    assert ends_of_ink(np.full((2, 8, 9), 255, np.uint8)).tolist() == [9, 9]


def test_batches_are_as_wide_as_their_names_need_and_lose_no_ink(
    short_and_long: NameData,
) -> None:
    buckets = _buckets(short_and_long, 8, augmenting=False, width_step=48)
    widths, ends = [], []
    for x, _ in buckets.draw(0, 0, range(80)):
        widths.append(x.shape[2])
        ends += ends_of_ink(x[..., 0]).tolist()
        assert max(ends[-8:]) < x.shape[2]
    assert sorted(ends) == [20 + 4 * i for i in range(80)]
    assert min(widths) <= 144
    assert max(widths) == 384


def test_before_any_epoch_keras_sees_that_widths_vary(data: NameData) -> None:
    batches = _batches(_buckets(data, width_step=48), epoch=None)
    assert [batches[i][0].shape for i in (0, 1)] == [(4, 48, 384, 1), (4, 48, 336, 1)]
    fixed = _batches(_buckets(data, views=2), epoch=None)
    assert [fixed[i][0].shape for i in (0, 1)] == [(8, 48, 384, 1)] * 2
    assert fixed[0][1]["logits"].shape == (8, 40)
    assert len(batches) == 4


@pytest.mark.parametrize("width_step", [None, 48])
def test_a_resumed_epoch_is_the_one_an_uninterrupted_run_sees(
    data: NameData, made: SyntheticNames, width_step: int | None
) -> None:
    buckets = _buckets(data, seed=5, sources=(made,), width_step=width_step)
    running = _batches(buckets)
    first = _epoch(running)
    running.begin(1)
    resumed = _batches(buckets, epoch=1)
    for (x, y), (u, v), (p, q) in zip(_epoch(running), _epoch(resumed), first, strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
        assert not np.array_equal(x, p) or not np.array_equal(y, q)


def test_without_augmentation_canvases_are_as_they_are(data: NameData) -> None:
    x, y = _batches(_buckets(data, augmenting=False))[0]
    for canvas, label in zip(x, y["logits"], strict=True):
        place = TEXTS.index(CHARSET.decode(label.tolist()))
        np.testing.assert_array_equal(canvas[..., 0], data.canvases[place])


def test_a_fixed_number_of_steps_goes_round_the_data(data: NameData) -> None:
    batches = _batches(_buckets(data, steps=10))
    assert len(batches) == 10
    assert all(x.shape[0] == 4 for x, _ in _epoch(batches))


def test_an_epoch_of_several_buckets_is_whole(data: NameData, made: SyntheticNames) -> None:
    buckets = _buckets(data, 128, sources=(replace(made, count=4200),))
    picks = buckets.picks(3)
    assert [len(p) for p in picks] == [2048, 2048, 117]
    assert sorted(np.concatenate(picks)) == list(range(4213))
    assert len(buckets) == 33


def test_batches_come_in_buckets_and_may_be_asked_for_again(
    short_and_long: NameData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwr_train.fitting.buckets._NAMES", 16)
    buckets = _buckets(short_and_long, 8, augmenting=False)
    batches = _batches(buckets, workers=2)
    assert (len(batches), buckets.batches) == (10, 2)
    seen = [x for x, _ in _epoch(batches)]
    ends = np.concatenate([ends_of_ink(x[..., 0]) for x in seen])
    assert sorted(ends) == [20 + 4 * i for i in range(80)]
    for index in (9, 0, 5):
        np.testing.assert_array_equal(batches[index][0], seen[index])


def test_processes_draw_what_threads_draw(data: NameData, made: SyntheticNames) -> None:
    buckets = _buckets(data, sources=(made,), width_step=48, views=2)
    by_threads = _batches(buckets, workers=2)
    by_processes = _batches(buckets, processes=2)
    for (x, y), (u, v) in zip(_epoch(by_threads), _epoch(by_processes), strict=True):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
    by_processes.close()


def test_an_error_in_what_draws_is_raised_where_the_batch_is_asked_for(data: NameData) -> None:
    class Broken:
        count = 3

        def sample(self, epoch: int, index: int) -> tuple[str, np.ndarray]:
            raise RuntimeError("no ink")

    for options in ({"workers": 1}, {"processes": 1}):
        batches = _batches(_buckets(data, sources=(Broken(),)), **options)
        with pytest.raises(RuntimeError, match="no ink"):
            batches[0]
        batches.close()


def test_two_views_show_the_same_name_in_the_same_place_and_not_alike(
    short_and_long: NameData,
) -> None:
    buckets = _buckets(short_and_long, 8, views=2)
    for x, labels in buckets.draw(0, 0, range(16)):
        one, other = x[::2, ..., 0], x[1::2, ..., 0]
        np.testing.assert_array_equal(labels[::2], labels[1::2])
        for a, b in zip(one, other, strict=True):
            assert not np.array_equal(a, b)
            seen = ((a != 128) & (b != 128)).all(axis=0)
            ink = [view[14:26, seen].mean(axis=0) < 225 for view in (a, b)]
            assert np.mean(ink[0] == ink[1]) > 0.9  # bent once, for both


def test_labels_are_padded_with_the_blank() -> None:
    assert encode_labels(["AB", ""], CHARSET).tolist() == [CHARSET.encode("AB"), [0, 0]]


@pytest.mark.parametrize(("power", "most"), [(1.0, 324), (0.0, 180)])
def test_names_are_made_as_often_as_their_counts_to_a_power_say(
    tmp_path: Path, power: float, most: int
) -> None:
    path = tmp_path / "names.csv"
    path.write_text("NAME,COUNT\nLEA,900\nZOE,100\n")
    config = TrainConfig(names=str(path), names_power=power)
    names = SyntheticNames.of(config, CHARSET, CANVAS, 1, seed=0).maker.names
    rng = np.random.default_rng(0)
    drawn = [names.draw(rng) for _ in range(360)]
    assert abs(drawn.count("LEA") - most) < 30


def test_an_epoch_leaves_out_the_names_that_its_devices_cannot_share(data: NameData) -> None:
    x = [x for x, _ in _epoch(_batches(_buckets(data, batch=8, devices=4)))]
    assert sorted(map(len, x)) == [4, 8]  # of 13 names
    assert len(_buckets(data, devices=16)) == 0


@pytest.mark.parametrize("options", [{"views": 2}, {"width_step": 48}, {"steps": 3}])
@pytest.mark.parametrize("processes", [0, 1])
def test_what_hosts_draw_together_is_what_one_draws(
    processes: int, options: dict[str, Any], data: NameData, made: SyntheticNames
) -> None:
    asked = {"devices": 2, "sources": (made,), "width_step": 48, **options}
    alone = _epoch(_batches(_buckets(data, **asked)))
    with together(2) as hosts, ThreadPoolExecutor() as pool:

        def epoch(host: Hosts) -> list[tuple[np.ndarray, np.ndarray]]:
            own = _buckets(data, **asked, hosts=host.count, host=host.place)
            loader = _batches(own, hosts=host, processes=processes)
            found = _epoch(loader)
            loader.close()
            return found

        shares = list(pool.map(epoch, hosts))
    assert len(alone) == len(shares[0])
    for (x, y), *parts in zip(alone, *shares, strict=True):
        np.testing.assert_array_equal(np.concatenate([a for a, _ in parts]), x)
        np.testing.assert_array_equal(np.concatenate([b for _, b in parts]), y)


def test_a_host_looks_at_its_share_of_the_names_alone(data: NameData) -> None:
    class Counted(SyntheticNames):
        def sample(self, epoch: int, index: int) -> tuple[str, np.ndarray]:
            seen.append(index)
            return "A", CANVAS_OF_A

    seen: list[int] = []
    source = Counted(FieldGenerator(seed=1), CANVAS, count=40)
    buckets = _buckets(None, 8, sources=(source,), devices=4, hosts=4, host=1)
    list(buckets.draw(0, 0, range(40)))
    assert len(seen) == len(set(seen)) == 10
