"""Training and measuring of the network that tells kinds of lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import PAPER
from hwr_edge.line.ctc import log_softmax
from hwr_edge.page.line_kinds import Kind
from hwr_train.line_kinds.network import build
from hwr_train.line_kinds.windows import Windows, batches_of_lines


@dataclass(frozen=True)
class _Limits:
    """How windows are drawn, and how the threshold is chosen. Set by hand; `make print-model` measures the model.

    batch: windows.
    each: windows of an epoch, at most.
    weighed: epochs, after which what is classified wrongly is counted anew.
    easy, wrong: how often a window is drawn: at least, and more, at most.
    turned: share of what is no handwriting that lies upside down; it is none then, too.
    kept: of the lines of handwriting, the share that must be classified as such.
    least, most: probability; the threshold lies between them.
    """

    batch: int = 128
    each: int = 20_000
    weighed: int = 3
    easy: float = 0.12
    wrong: float = 0.6
    turned: float = 0.12
    kept: float = 0.995
    least: float = 0.02
    most: float = 0.5


_LIMITS = _Limits()


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Augmented batches: handwriting as often as all else, and rare kinds and what is classified wrongly more often."""

    def __init__(self, windows: Windows, seed: int, each: int) -> None:
        """each: windows of an epoch."""
        super().__init__()
        self._all, self._seed, self._epoch, self._each = windows, seed, 0, each
        self.weigh(np.zeros(len(windows)))

    def weigh(self, wrong: NDArray[np.float64]) -> None:
        """Draw from now on by how wrongly each window is classified, 0 to 1; one that is labelled wrongly is not all."""
        counts = np.maximum(np.bincount(self._all.kinds, minlength=len(Kind)), 1)
        share = (_LIMITS.easy + np.minimum(wrong, _LIMITS.wrong)) / np.sqrt(counts)[self._all.kinds]
        written = self._all.kinds == Kind.HANDWRITING
        for some in (written, ~written):
            share[some] /= max(float(share[some].sum()), 1e-9)
        self._share = share / share.sum()
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng([self._seed, self._epoch])
        self.order = rng.choice(len(self._all), self._each, p=self._share)

    def on_epoch_end(self) -> None:
        """Draw the next epoch's windows."""
        self._epoch += 1
        self._draw()

    def __len__(self) -> int:
        return max(1, self._each // _LIMITS.batch)

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        rng = np.random.default_rng([self._seed, self._epoch, number])
        places = self.order[number * _LIMITS.batch : (number + 1) * _LIMITS.batch]
        kinds = self._all.kinds[places].astype(np.int32)
        images = np.stack([augmented(self._all.images[k], rng) for k in places])
        turned = (kinds != Kind.HANDWRITING) & (rng.random(len(kinds)) < _LIMITS.turned)
        images[turned] = images[turned, ::-1, ::-1]
        return images[..., None].astype(np.float32), kinds[:, None]


def augmented(window: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A window as another scanner, or another place on the line, would have given it.

    Sharpness, noise, contrast, thickness, width, slant and size are changed for every kind alike, so that none of
    them tells one from another. Width and slant stand for families of print that are not at hand.
    """
    height, width = window.shape
    size = rng.uniform(0.78, 1.28), rng.uniform(0.85, 1.12)
    slant = rng.uniform(-0.3, 0.15) if rng.random() < 0.3 else rng.normal(0, 0.03)
    right = rng.uniform(-4, 8) - slant * height / 2
    move = np.array([[size[0], slant, right], [0, size[1], 0]])
    move[1, 2] = height / 2 * (1 - size[1]) + rng.uniform(-2, 2)
    image: Any = cv2.warpAffine(window, move, (width, height), borderValue=PAPER)
    if rng.random() < 0.25:  # a coarse scan's, enlarged as `windows_of` enlarges it
        part = rng.uniform(0.3, 0.9)
        small = cv2.resize(image, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_AREA)
    how = rng.random()
    if how < 0.08:
        image = cv2.erode(image, np.ones((2, 2), np.uint8))
    elif how < 0.14:
        image = cv2.addWeighted(image, 0.5, cv2.dilate(image, np.ones((2, 2), np.uint8)), 0.5, 0)
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.9))
    image = image.astype(np.float32)
    if rng.random() < 0.2:
        image = (image - rng.uniform(100, 180)) * rng.uniform(1.5, 4) + 128
    if rng.random() < 0.4:
        image += rng.normal(0, rng.uniform(0, 10), image.shape)
    image = PAPER - (PAPER - image) * rng.uniform(0.8, 1.05)
    return np.asarray(np.clip(image, 0, PAPER), np.uint8)


def train(
    windows: Windows,
    epochs: int,
    seed: int,
    say: Callable[[str], None],
    start: keras.Model | None = None,
) -> keras.Model:
    """A trained network; `start` is one to go on with."""
    keras.utils.set_random_seed(seed)
    model, batches = start or build(), Batches(windows, seed, min(len(windows), _LIMITS.each))
    steps = keras.optimizers.schedules.CosineDecay(0.002, epochs * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(steps, weight_decay=1e-4), loss, metrics=["accuracy"])
    for epoch in range(epochs):
        if epoch % _LIMITS.weighed == 0 and (epoch or start):
            batches.weigh(_wrong(model, windows))
        found = model.fit(batches, epochs=1, verbose=0).history
        say(f"epoch {epoch + 1}: loss {found['loss'][-1]:.4f}, right {found['accuracy'][-1]:.2%}")
    return model


def _wrong(model: keras.Model, windows: Windows) -> NDArray[np.float64]:
    """How far each window is from being classified rightly, 0 to 1."""
    logits = model.predict(windows.images[..., None], verbose=0, batch_size=512)
    predicted = np.exp(log_softmax(logits.reshape(-1, len(Kind))))
    return np.asarray(1 - predicted[np.arange(len(windows)), windows.kinds], np.float64)


@dataclass(frozen=True)
class Rates:
    """How well lines are classified.

    kept: of the lines of handwriting, the share classified as such; passed: of each other kind, the share taken for handwriting.
    """

    kept: float
    passed: dict[str, float]
    counts: dict[str, int]

    def line(self) -> str:
        """For people."""
        others = ", ".join(
            f"{name} {share:.2%} of {self.counts[name]}" for name, share in self.passed.items()
        )
        name = Kind.HANDWRITING.name.lower()
        return f"handwriting kept {self.kept:.2%} of {self.counts[name]}; taken for it: {others}"


def of_lines(windows: Windows, logits: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The probability that each line is handwriting, as the device has it, and its kind.

    A line with a window of handwriting is handwriting.
    """
    written = np.exp(log_softmax(logits.reshape(-1, len(Kind))))[:, Kind.HANDWRITING]
    places = list(batches_of_lines(windows))
    kinds = [int(windows.kinds[p].min()) for p in places]
    return np.array([written[p].max() for p in places]), np.array(kinds)


def threshold(written: NDArray[Any], kinds: NDArray[Any]) -> float:
    """The highest probability from which `kept` of the lines of handwriting are classified as such."""
    ours = written[kinds == Kind.HANDWRITING]
    least = float(np.quantile(ours, 1 - _LIMITS.kept)) if len(ours) else _LIMITS.most
    return float(np.clip(round(least, 3), _LIMITS.least, _LIMITS.most))


def rates(written: NDArray[Any], kinds: NDArray[Any], least: float) -> Rates:
    """How lines are classified with that threshold."""
    shares = {k: float(np.mean(written[kinds == k] >= least)) for k in Kind if (kinds == k).any()}
    counts = {k.name.lower(): int(np.sum(kinds == k)) for k in Kind}
    passed = {k.name.lower(): s for k, s in shares.items() if k is not Kind.HANDWRITING}
    return Rates(shares.get(Kind.HANDWRITING, 0.0), passed, counts)
