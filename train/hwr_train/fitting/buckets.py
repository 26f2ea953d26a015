"""Buckets of an epoch: some two thousand names, drawn, put into batches of like width and augmented.

Each depends on seed, epoch and its place alone, so that any thread or process can make any of them,
and a resumed run sees what an uninterrupted one would have seen. No Keras here: processes that feed
a GPU need none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Grey
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas
from hwr_train.data.canvases import NameData
from hwr_train.data.labels import encode_labels
from hwr_train.synthetic.augment import bend, cut_foot, degrade, hide
from hwr_train.synthetic.line_above import pick as choose
from hwr_train.synthetic.line_above import put_below, upper_lines

# Set by hand; `make evaluate` measures a model that was trained with them.
_INK = 200
"""Grey level. What is darker counts as ink where a name's length is looked for."""
_NAMES = 2048  # names of a bucket, about: they are sorted by width together
_CUT_SHARE = 0.06  # of the names, whose feet are cut off
_BELOW_SHARE = 0.015  # of the names, that stand under the line of another field
_SEARCHED = (
    1 << 16
)  # canvases that are searched for such lines, in each process: a few in a thousand have one
_WHOLE_SHARE = 0.08
"""Share of batches that keep the canvas' whole width, as the device has it."""


class Batch(NamedTuple):
    """Canvases uint8 (N * V, H, W, 1), name by name, and labels int32 (N * V, L)."""

    canvases: NDArray[np.uint8]
    labels: NDArray[np.int32]


class SampleSource(Protocol):
    """Gives `count` names an epoch; each the same for the same epoch and index."""

    @property
    def count(self) -> int:
        """Names an epoch."""

    def sample(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one name."""


@dataclass(frozen=True)
class Buckets:
    """The names of a run, epoch by epoch, as buckets of whole batches.

    data: real names, each once an epoch; sources: what else comes in.
    batch: N, names a batch; the last one of an epoch may have fewer.
    steps: batches an epoch, going round the names; None for all names once.
    label_length: L, the longest label that can come.
    width_step: names of about the same length share a batch, and W is what they need in steps of so
        many pixels: most names fill half of their canvas. None: W is the canvas'.
    devices: how many share each batch. An epoch leaves out the names that are over, fewer than these.
    hosts: how many machines these are in; host: which of them this one is, from 0. Each draws its share of every
        batch, and each name looks the same whoever draws it.
    views: V, how often a name is in its batch. Views differ in what soils and fades them, and
        in what is hidden where there are two or more, not in where their letters stand.
    """

    data: NameData | None
    charset: Charset
    canvas: Canvas
    batch: int
    seed: int = 0
    augmenting: bool = True
    sources: tuple[SampleSource, ...] = ()
    steps: int | None = None
    label_length: int = 40
    width_step: int | None = None
    views: int = 1
    devices: int = 1
    hosts: int = 1
    host: int = 0

    @property
    def batches(self) -> int:
        """BatchLoader a bucket; the last one of an epoch may have fewer."""
        return max(1, _NAMES // self.batch)

    @property
    def real(self) -> int:
        """Real names an epoch."""
        return len(self.data) if self.data else 0

    @property
    def names(self) -> int:
        """Names there are for an epoch."""
        return self.real + sum(source.count for source in self.sources)

    def __len__(self) -> int:
        """BatchLoader an epoch."""
        return self.steps or -(-self._used // self.batch)

    @property
    def _used(self) -> int:
        """Names that an epoch takes."""
        return self.names - self.names % self.devices

    def picks(self, epoch: int) -> list[NDArray[np.intp]]:
        """Which names each bucket of an epoch has."""
        order = np.arange(self.names)
        np.random.default_rng((self.seed, epoch)).shuffle(order)
        order = np.resize(order, self.steps * self.batch) if self.steps else order[: self._used]
        size = self.batches * self.batch
        return np.array_split(order, range(size, len(order), size))

    def ends(
        self, epoch: int, place: int, picks: Sequence[int], which: Sequence[int]
    ) -> NDArray[np.intp]:
        """For some names of a bucket, by their places in it, the column after their last ink."""
        if not len(which):
            return np.empty(0, np.intp)
        found = [self._named(epoch, place, k, picks[k])[1] for k in which]
        return ends_of_ink(np.stack(found))

    def draw(
        self,
        epoch: int,
        place: int,
        picks: Sequence[int],
        ends: NDArray[np.intp] | None = None,
    ) -> list[Batch]:
        """The batches of one bucket, of each this host's share; `ends` of all its names, if known."""
        rng = np.random.default_rng((self.seed, epoch, place))
        items: dict[int, tuple[str, Grey]] = {}
        order = np.arange(len(picks))
        if self.width_step:
            if ends is None:
                items = {k: self._named(epoch, place, k, pick) for k, pick in enumerate(picks)}
                ends = ends_of_ink(np.stack([canvas for _, canvas in items.values()]))
            order = np.argsort(ends, kind="stable")
        parts = np.array_split(order, range(self.batch, len(order), self.batch))
        rng.shuffle(parts)
        whole = rng.random(len(parts)) < _WHOLE_SHARE
        batches = []
        for part, wide in zip(parts, whole, strict=True):
            own = np.array_split(part, self.hosts)[self.host].tolist()
            named = [items.get(k) or self._named(epoch, place, k, picks[k]) for k in own]
            rngs = [np.random.default_rng((self.seed, epoch, place, k, 2)) for k in own]
            width = None if wide or ends is None else self._width(int(ends[part].max()))
            batches.append(self._batch(named, rngs, width))
        return batches

    def _width(self, end: int) -> int | None:
        """What a batch's longest name needs; None for the canvas'."""
        if not self.width_step or len(self) <= 1:  # of one batch alone Keras takes it for fixed
            return None
        # Room for augmentation to move and stretch.
        return -int(-(1.08 * end + 10) // self.width_step) * self.width_step

    def _named(self, epoch: int, place: int, k: int, pick: int) -> tuple[str, Grey]:
        """The name at place k of a bucket; some are under another field's line, where the data has such lines."""
        text, canvas = self._item(epoch, pick)
        rng = np.random.default_rng((self.seed, epoch, place, k, 3))
        if not self.augmenting or not self.upper_lines or rng.random() >= _BELOW_SHARE:
            return text, canvas
        return text, put_below(canvas, choose(self.upper_lines, rng), rng)

    @cached_property
    def upper_lines(self) -> list[Grey]:
        """The lines that stand over names in real crops."""
        return upper_lines(self.data.canvases[:_SEARCHED]) if self.data else []

    def _item(self, epoch: int, pick: int) -> tuple[str, Grey]:
        if self.data and pick < self.real:
            return self.data.texts[pick], self.data.canvases[pick]
        pick -= self.real
        for source in self.sources:
            if pick < source.count:
                return source.sample(epoch, pick)
            pick -= source.count
        raise IndexError(pick)

    def _batch(
        self,
        items: Sequence[tuple[str, Grey]],
        rngs: Sequence[np.random.Generator],
        width: int | None,
    ) -> Batch:
        """Names, each augmented by its own generator."""
        views: list[Grey] = []
        for (_, canvas), rng in zip(items, rngs, strict=True):
            bent = bend(canvas[:, :width], rng) if self.augmenting else canvas[:, :width]
            if self.augmenting and rng.random() < _CUT_SHARE:
                bent = cut_foot(bent, rng)
            for _ in range(self.views):
                spoiled = degrade(bent, rng) if self.augmenting else bent
                views.append(hide(spoiled, rng) if self.views > 1 else spoiled)
        labels = encode_labels([text for text, _ in items], self.charset, self.label_length)
        return Batch(np.stack(views)[..., None], np.repeat(labels, self.views, axis=0))


def ends_of_ink(canvases: NDArray[np.uint8]) -> NDArray[np.intp]:
    """For each canvas of (N, H, W) the column after its last ink; W where no ink is found."""
    width = canvases.shape[2]
    inked = np.any(np.less(canvases, _INK), axis=1)
    last = width - inked[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(inked.any(axis=1), last, width), np.intp)
