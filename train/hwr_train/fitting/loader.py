"""Names for training, and the batches of them that Keras is fed with, made ahead of it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.charset import Charset
from hwr_edge.line.preprocess import Canvas, preprocess
from hwr_edge.scan.processes import end_with_parent
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.data.labels import encode_labels
from hwr_train.fitting.buckets import Batch, Buckets, SampleSource
from hwr_train.fitting.hosts import ALONE, Hosts
from hwr_train.synthetic.fields import FieldGenerator, default_charset
from hwr_train.synthetic.fonts import read_fonts
from hwr_train.synthetic.glyphs import stroke_file_writers
from hwr_train.synthetic.name_list import NameList

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class SyntheticNames:
    """`count` synthetic fields an epoch, drawn when they are asked for; the same for the same seed."""

    maker: FieldGenerator
    canvas: Canvas
    count: int
    seed: int = 0

    @classmethod
    def of(
        cls, config: TrainConfig, charset: Charset, canvas: Canvas, count: int, seed: int
    ) -> SyntheticNames:
        """With the names, pen strokes and fonts that the configuration names, else the built-in ones.

        Raises:
            DataError: one of its files cannot be used.
        """
        if config.names:
            names = NameList.read(TypedPath(config.names), charset, config.names_power)
        else:
            names = NameList.built_in(np.random.default_rng(config.seed), charset)
        writers = stroke_file_writers(TypedPath(config.strokes)) if config.strokes else None
        fonts = read_fonts(TypedPath(config.fonts)) if config.fonts else ()
        names = names.spelt_with(set(default_charset().letters))  # what hands here can write
        names = names.with_shuffled(config.names_shuffled)
        return cls(FieldGenerator(names, writers, config.seed, fonts=fonts), canvas, count, seed)

    def sample(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one field."""
        text, grey = self.maker.make(np.random.default_rng((self.seed, epoch, index, 1)))
        return text, preprocess(grey, self.canvas)

    def dataset(self, epoch: int) -> NameData:
        """The fields of one epoch at once."""
        return all_samples(self, epoch)


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

    def sample(self, epoch: int, index: int) -> tuple[str, Grey]:
        """Text and canvas of one crop, the same in every epoch."""
        place = index % len(self.data)
        return self.data.texts[place], self.data.canvases[place]


def all_samples(source: SampleSource, epoch: int) -> NameData:
    """All names of one epoch at once; there must be some."""
    pairs = [source.sample(epoch, i) for i in range(source.count)]
    ids = tuple(f"made_{i}" for i in range(len(pairs)))
    return NameData(np.stack([c for _, c in pairs]), tuple(t for t, _ in pairs), ids)


class BatchLoader(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """The batches of a run's buckets: canvases with labels by head, drawn while Keras trains.

    Threads draw them, or processes where there is more to feed than threads can draw in turn. Of several hosts each
    draws its share of every batch. Which names share a batch depends on how long all names of a bucket are: each host looks
    at some of them, and tells the others.
    """

    def __init__(
        self,
        buckets: Buckets,
        workers: int = 1,
        processes: int = 0,
        heads: Sequence[str] = ("logits",),
        hosts: Hosts = ALONE,
    ) -> None:
        """`workers` threads draw, or `processes` processes if there are any.

        Each name of `heads` gets the labels.
        """
        super().__init__()
        self.buckets, self.heads, self.hosts = buckets, tuple(heads), hosts
        self.drawers, self.processes = processes or workers, processes
        self.epoch: int | None = None
        self._pool: Executor | None = None
        self._talking = ThreadPoolExecutor(
            self._ahead
        )  # idle on one host; a thread for each bucket
        self._picks: dict[int, list[NDArray[np.intp]]] = {}
        self._drawn: dict[tuple[int, int], Future[list[Batch]]] = {}

    def begin(self, epoch: int) -> None:
        """Go to an epoch. Keras ends epochs of its own now and then, so it is told."""
        self.epoch = epoch
        self._picks = {e: self.buckets.picks(e) for e in (epoch, epoch + 1)}

    def close(self) -> None:
        """End what draws; what was asked for ahead is given up, unless other hosts wait for it."""
        self._talking.shutdown()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
        self._pool, self._drawn = None, {}

    @property
    def _ahead(self) -> int:
        """Buckets that are begun before they are needed."""
        return self.drawers + 2

    def __len__(self) -> int:
        return len(self.buckets)

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        if self.epoch is None:
            canvases, labels = self._blank(index)
        else:
            bucket, place = divmod(index, self.buckets.batches)
            canvases, labels = self._bucket(bucket)[place]
        return canvases, dict.fromkeys(self.heads, labels)

    def _bucket(self, place: int) -> list[Batch]:
        """A bucket of this epoch; those after it, of the next epoch too, are begun to be drawn."""
        assert self.epoch is not None
        keys = [(epoch, i) for epoch, picks in self._picks.items() for i in range(len(picks))]
        keys = keys[place : place + self._ahead]
        self._drawn = {key: drawn for key, drawn in self._drawn.items() if key in keys}
        for key in keys:
            if key not in self._drawn:
                self._drawn[key] = self._begin_drawing(*key)
        return self._drawn[keys[0]].result()

    def _begin_drawing(self, epoch: int, place: int) -> Future[list[Batch]]:
        picks = self._picks[epoch][place].tolist()
        if self._pool is None:
            self._pool = self._new_pool()
        if self.hosts.count > 1 and self.buckets.width_step:
            return self._talking.submit(self._draw_with_others, epoch, place, picks)
        return self._submit(Buckets.draw, epoch, place, picks)

    def _draw_with_others(self, epoch: int, place: int, picks: list[int]) -> list[Batch]:
        """In a thread of its own: it waits for other hosts, and they for it."""
        own = np.array_split(np.arange(len(picks)), self.hosts.count)[self.hosts.place].tolist()
        found = self._submit(Buckets.ends, epoch, place, picks, own).result()
        of_each = self.hosts.gather(f"ends of {epoch}, {place}", found.tolist())
        ends = np.concatenate([np.asarray(one, np.intp) for one in of_each])
        return self._submit(Buckets.draw, epoch, place, picks, ends).result()

    def _submit(self, work: Callable[..., _Made], *given: Any) -> Future[_Made]:
        """Have a method of the buckets done by a thread or a process."""
        assert self._pool
        if self.processes:
            return self._pool.submit(_in_process, work, *given)
        return self._pool.submit(work, self.buckets, *given)

    def _new_pool(self) -> Executor:
        if not self.processes:
            return ThreadPoolExecutor(self.drawers)
        # Forked, so that what they draw from is there at once; they touch no GPU. OpenCV's
        # threads do not come along, and a process that waited for them would wait for ever.
        cv2.setNumThreads(1)
        fork = multiprocessing.get_context("fork")
        return ProcessPoolExecutor(
            self.processes, fork, initializer=_adopt, initargs=(self.buckets,)
        )

    def _blank(self, index: int) -> Batch:
        """What Keras gets when it looks at the first batches to learn their shapes, before any epoch.

        Where widths vary, so do these.
        """
        of = self.buckets
        width = of.canvas.width - (of.width_step or 0) * (index % 2)
        count = of.batch * of.views
        blank = np.full((count, of.canvas.height, width, 1), PAPER, np.uint8)
        return Batch(blank, encode_labels([""] * count, of.charset, of.label_length))


_adopted: Buckets


def _adopt(buckets: Buckets) -> None:
    """Called once in a process that draws."""
    global _adopted
    _adopted = buckets
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()


def _in_process(work: Callable[..., _Made], *given: Any) -> _Made:
    return work(_adopted, *given)
