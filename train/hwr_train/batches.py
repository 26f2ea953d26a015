"""Batches for training: real crops and made fields, shuffled and augmented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import BLANK, Charset
from hwr_edge.preprocess import Canvas, Grey, preprocess
from hwr_train.augment import augment
from hwr_train.canvases import NameData
from hwr_train.config import TrainConfig
from hwr_train.glyphs import stroke_file_writers
from hwr_train.namelist import NameList
from hwr_train.synth import FieldMaker


def encode_labels(
    texts: Sequence[str], charset: Charset, length: int | None = None
) -> NDArray[np.int32]:
    """Classes int32 (N, length), padded with the blank at the end."""
    length = length or max(1, max(map(len, texts), default=1))
    labels = np.full((len(texts), length), BLANK, np.int32)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = charset.encode(text)
    return labels


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
        """With the names and pen strokes that the configuration names, else the built-in ones.

        Raises:
            DataError: one of its files cannot be used.
        """
        if config.names:
            names = NameList.read(Path(config.names), charset)
        else:
            names = NameList.made(np.random.default_rng(config.seed), charset)
        writers = stroke_file_writers(Path(config.strokes)) if config.strokes else None
        return cls(FieldMaker(names, writers, config.seed), canvas, count, seed)

    def item(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one field."""
        text, grey = self.maker.make(np.random.default_rng((self.seed, epoch, index, 1)))
        return text, preprocess(grey, self.canvas)

    def fixed(self, epoch: int) -> NameData:
        """The fields of one epoch at once."""
        pairs = [self.item(epoch, i) for i in range(self.count)]
        ids = tuple(f"made_{i}" for i in range(self.count))
        return NameData(np.stack([c for _, c in pairs]), tuple(t for t, _ in pairs), ids)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Shuffled, augmented batches: canvases uint8 (N, H, W, 1) with labels int32 (N, L).

    Order and augmentation depend on seed, epoch and place alone, so that a resumed run sees
    what an uninterrupted one would have seen.
    """

    def __init__(
        self,
        data: NameData | None,
        charset: Charset,
        batch: int,
        seed: int = 0,
        augmenting: bool = True,
        made: MadeNames | None = None,
        steps: int | None = None,
        label_length: int = 40,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers, use_multiprocessing=False, max_queue_size=16)
        self.data, self.charset, self.batch, self.seed = data, charset, batch, seed
        self.augmenting, self.made = augmenting, made
        self.steps, self.label_length = steps, label_length
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Set the epoch: Keras ends epochs of its own now and then, so it is told, not counted."""
        self.epoch = epoch
        self.real = len(self.data) if self.data else 0
        self.order = np.arange(self.real + (self.made.count if self.made else 0))
        np.random.default_rng((self.seed, epoch)).shuffle(self.order)

    def __len__(self) -> int:
        return self.steps or -(-len(self.order) // self.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        first = index * self.batch
        places = np.arange(first, first + self.batch)
        picks = self.order[
            places % len(self.order) if self.steps else places[places < len(self.order)]
        ]
        rng = np.random.default_rng((self.seed, self.epoch, index))
        canvases, texts = [], []
        for pick in picks.tolist():
            text, canvas = self._item(pick)
            texts.append(text)
            canvases.append(augment(canvas, rng) if self.augmenting else canvas)
        labels = encode_labels(texts, self.charset, self.label_length)
        return np.stack(canvases)[..., None], labels

    def _item(self, pick: int) -> tuple[str, Grey]:
        if self.data and pick < self.real:
            return self.data.texts[pick], self.data.canvases[pick]
        assert self.made  # picks reach past the real ones only with made ones
        return self.made.item(self.epoch, pick - self.real)
