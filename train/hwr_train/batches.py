"""Batches for training: real crops and made fields, shuffled and augmented."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import BLANK, Charset
from hwr_edge.preprocess import PAPER, Canvas, Grey, preprocess
from hwr_train.augment import augment
from hwr_train.canvases import NameData
from hwr_train.config import TrainConfig
from hwr_train.fonts import read_fonts
from hwr_train.glyphs import stroke_file_writers
from hwr_train.namelist import NameList
from hwr_train.synth import FieldMaker

_INK = 200
"""What is darker counts as ink where a name's length is looked for."""
_WHOLE_SHARE = 0.08
"""Share of batches that keep the canvas' whole width, as the device has it."""


def encode_labels(
    texts: Sequence[str], charset: Charset, length: int | None = None
) -> NDArray[np.int32]:
    """Classes int32 (N, length), padded with the blank at the end."""
    length = length or max(1, max(map(len, texts), default=1))
    labels = np.full((len(texts), length), BLANK, np.int32)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = charset.encode(text)
    return labels


class NameMaker(Protocol):
    """Makes `count` names an epoch; each the same for the same epoch and index."""

    @property
    def count(self) -> int:
        """Names an epoch."""

    def item(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one name."""


@dataclass(frozen=True)
class MadeNames:
    """`count` made fields an epoch, drawn when they are asked for; the same for the same seed."""

    maker: FieldMaker
    canvas: Canvas
    count: int
    seed: int = 0

    @classmethod
    def of(
        cls, config: TrainConfig, charset: Charset, canvas: Canvas, count: int, seed: int
    ) -> MadeNames:
        """With the names, pen strokes and fonts that the configuration names, else the built-in ones.

        Raises:
            DataError: one of its files cannot be used.
        """
        if config.names:
            names = NameList.read(Path(config.names), charset, config.names_power)
        else:
            names = NameList.made(np.random.default_rng(config.seed), charset)
        writers = stroke_file_writers(Path(config.strokes)) if config.strokes else None
        fonts = read_fonts(Path(config.fonts)) if config.fonts else ()
        names = names.with_shuffled(config.names_shuffled)
        return cls(FieldMaker(names, writers, config.seed, fonts=fonts), canvas, count, seed)

    def item(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one field."""
        text, grey = self.maker.make(np.random.default_rng((self.seed, epoch, index, 1)))
        return text, preprocess(grey, self.canvas)

    def fixed(self, epoch: int) -> NameData:
        """The fields of one epoch at once."""
        return draw_all([self], epoch)


@dataclass(frozen=True)
class ExtraNames:
    """Real crops from elsewhere, all of them in every epoch, so many times each."""

    data: NameData
    times: int = 1

    @classmethod
    def among(cls, data: NameData, others: int) -> ExtraNames:
        """As often as it takes to be a twentieth of an epoch of `others`, at most 20 times."""
        return cls(data, min(20, max(1, -(-others // (20 * len(data))))))

    @property
    def count(self) -> int:
        """Names an epoch."""
        return self.times * len(self.data)

    def item(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one crop, the same in every epoch."""
        place = index % len(self.data)
        return self.data.texts[place], self.data.canvases[place]


def draw_all(sources: Sequence[NameMaker], epoch: int, workers: int = 1) -> NameData:
    """All fields of one epoch at once; there must be some."""
    items = [partial(source.item, epoch, i) for source in sources for i in range(source.count)]
    with ThreadPoolExecutor(workers) as pool:
        pairs = list(pool.map(lambda item: item(), items))
    ids = tuple(f"made_{i}" for i in range(len(pairs)))
    return NameData(np.stack([c for _, c in pairs]), tuple(t for t, _ in pairs), ids)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Shuffled, augmented batches: canvases uint8 (N, H, W, 1) with labels int32 (N, L).

    Order and augmentation depend on seed, epoch and place alone, so that a resumed run sees
    what an uninterrupted one would have seen. With a `width_step`, names of about the same
    length share a batch, and W is what they need: most names fill half of their canvas. Each
    name of `heads` gets the labels.
    """

    def __init__(
        self,
        data: NameData | None,
        charset: Charset,
        canvas: Canvas,
        batch: int,
        seed: int = 0,
        augmenting: bool = True,
        made: Sequence[NameMaker] = (),
        steps: int | None = None,
        label_length: int = 40,
        workers: int = 1,
        width_step: int | None = None,
        heads: Sequence[str] = ("logits",),
    ) -> None:
        super().__init__(workers=workers, use_multiprocessing=False, max_queue_size=16)
        self.data, self.charset, self.canvas = data, charset, canvas
        self.batch, self.seed = batch, seed
        self.augmenting, self.made = augmenting, tuple(made)
        self.steps, self.label_length = steps, label_length
        self.width_step, self.heads = width_step, tuple(heads)
        self.real = len(data) if data else 0
        self.ends = ends_of_ink(data.canvases) if data else np.zeros(0, np.intp)
        self.epoch: int | None = None

    def begin(self, epoch: int) -> None:
        """Draw and shuffle an epoch. Keras ends epochs of its own now and then, so it is told."""
        self.epoch = epoch
        self.drawn = draw_all(self.made, epoch, self.workers) if self.made else None
        rng = np.random.default_rng((self.seed, epoch))
        order = np.arange(self._size())
        rng.shuffle(order)
        if self.steps:
            order = np.resize(order, self.steps * self.batch)
        parts = np.array_split(order, range(self.batch, len(order), self.batch))
        widths: list[int | None] = [None] * len(parts)
        if self.width_step:
            drawn = [ends_of_ink(self.drawn.canvases)] if self.drawn else []
            ends = np.concatenate([self.ends, *drawn])
            parts = _by_length(order, ends, self.batch)
            rng.shuffle(parts)
            # Room for augmentation to move and stretch; now and then the whole canvas.
            counts = np.ceil([(1.08 * ends[part].max() + 10) / self.width_step for part in parts])
            whole = rng.random(len(parts)) < _WHOLE_SHARE
            widths = [
                None if w else int(c) * self.width_step for c, w in zip(counts, whole, strict=True)
            ]
        self.parts, self.widths = parts, widths

    def _size(self) -> int:
        return self.real + sum(source.count for source in self.made)

    def __len__(self) -> int:
        return self.steps or -(-self._size() // self.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        if self.epoch is None:
            return self._blank(index)
        rng = np.random.default_rng((self.seed, self.epoch, index))
        width = self.widths[index]
        canvases, texts = [], []
        for pick in self.parts[index].tolist():
            text, canvas = self._item(pick)
            texts.append(text)
            canvas = canvas[:, :width]
            canvases.append(augment(canvas, rng) if self.augmenting else canvas)
        return np.stack(canvases)[..., None], self._labels(texts)

    def _blank(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """What Keras gets when it looks at the first batches to learn their shapes, before any epoch.

        Where widths vary, so do these.
        """
        width = self.canvas.width - (self.width_step or 0) * (index % 2)
        blank = np.full((self.batch, self.canvas.height, width, 1), PAPER, np.uint8)
        return blank, self._labels([""] * self.batch)

    def _labels(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        labels = encode_labels(texts, self.charset, self.label_length)
        return dict.fromkeys(self.heads, labels)

    def _item(self, pick: int) -> tuple[str, Grey]:
        if self.data and pick < self.real:
            return self.data.texts[pick], self.data.canvases[pick]
        assert self.drawn  # picks reach past the real ones only with made ones
        return self.drawn.texts[pick - self.real], self.drawn.canvases[pick - self.real]


def ends_of_ink(canvases: NDArray[np.uint8]) -> NDArray[np.intp]:
    """For each canvas of (N, H, W) the column after its last ink; W where no ink is found."""
    width = canvases.shape[2]
    ends = np.zeros(len(canvases), np.intp)
    for first in range(0, len(canvases), 256):  # a memory-mapped array is not read in at once
        inked = np.any(np.less(canvases[first : first + 256], _INK), axis=1)
        last = width - inked[:, ::-1].argmax(axis=1)
        ends[first : first + 256] = np.where(inked.any(axis=1), last, width)
    return ends


def _by_length(
    order: NDArray[np.intp], ends: NDArray[np.intp], batch: int
) -> list[NDArray[np.intp]]:
    """Cut a random order into batches of about the same length: sorted in stretches of 32 batches."""
    stretch = 32 * batch
    parts: list[NDArray[np.intp]] = []
    for first in range(0, len(order), stretch):
        chosen = order[first : first + stretch]
        chosen = chosen[np.argsort(ends[chosen], kind="stable")]
        parts += np.array_split(chosen, range(batch, len(chosen), batch))
    return parts
