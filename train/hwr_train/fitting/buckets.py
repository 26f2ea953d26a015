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
from hwr_train.synthetic.augment import bend, cut_foot, hide, spoil
from hwr_train.synthetic.line_above import pick, put_below, upper_lines

_INK = 200
"""What is darker counts as ink where a name's length is looked for."""
_NAMES = 2048
"""Names of a bucket, about: what is sorted by width together."""
_CUT_SHARE = 0.06  # of the names, whose feet are cut off
_BELOW_SHARE = 0.015  # of the names, that stand under the line of another field
_WHOLE_SHARE = 0.08
"""Share of batches that keep the canvas' whole width, as the device has it."""


class Batch(NamedTuple):
    """Canvases uint8 (V * N, H, W, 1), view by view, and labels int32 (V * N, L)."""

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

    def draw(self, epoch: int, place: int, picks: Sequence[int]) -> list[Batch]:
        """The batches of one bucket."""
        rng = np.random.default_rng((self.seed, epoch, place))
        items = [self._below(*self._item(epoch, place), rng) for place in picks]
        order = np.arange(len(items))
        ends = ends_of_ink(np.stack([canvas for _, canvas in items]))
        if self.width_step:
            order = np.argsort(ends, kind="stable")
        parts = np.array_split(order, range(self.batch, len(order), self.batch))
        rng.shuffle(parts)
        return [self._batch([items[i] for i in part], ends[part].max(), rng) for part in parts]

    def _below(self, text: str, canvas: Grey, rng: np.random.Generator) -> tuple[str, Grey]:
        """Some names under another field's line, where the data has such lines."""
        if not self.augmenting or not self.upper_lines or rng.random() >= _BELOW_SHARE:
            return text, canvas
        return text, put_below(canvas, pick(self.upper_lines, rng), rng)

    @cached_property
    def upper_lines(self) -> list[Grey]:
        """The lines that stand over names in real crops."""
        return upper_lines(self.data.canvases) if self.data else []

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
        self, items: Sequence[tuple[str, Grey]], end: int, rng: np.random.Generator
    ) -> Batch:
        width = None
        # Room for augmentation to move and stretch; now and then the whole canvas. Of one batch alone
        # Keras takes the width for fixed.
        if self.width_step and len(self) > 1 and rng.random() >= _WHOLE_SHARE:
            width = -int(-(1.08 * end + 10) // self.width_step) * self.width_step
        views: list[list[Grey]] = [[] for _ in range(self.views)]
        for _, canvas in items:
            bent = bend(canvas[:, :width], rng) if self.augmenting else canvas[:, :width]
            if self.augmenting and rng.random() < _CUT_SHARE:
                bent = cut_foot(bent, rng)
            for view in views:
                spoiled = spoil(bent, rng) if self.augmenting else bent
                view.append(hide(spoiled, rng) if self.views > 1 else spoiled)
        labels = encode_labels([text for text, _ in items], self.charset, self.label_length)
        canvases = np.stack([canvas for view in views for canvas in view])
        return Batch(canvases[..., None], np.tile(labels, (self.views, 1)))


def ends_of_ink(canvases: NDArray[np.uint8]) -> NDArray[np.intp]:
    """For each canvas of (N, H, W) the column after its last ink; W where no ink is found."""
    width = canvases.shape[2]
    inked = np.any(np.less(canvases, _INK), axis=1)
    last = width - inked[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(inked.any(axis=1), last, width), np.intp)
