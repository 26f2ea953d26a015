"""Whether interpreters agree on the shipped model: what `outputs.py` wrote in each environment.

With the same kernels (TFLite's own, or XNNPACK's, of one processor) all readings must be identical and logits
of the same canvas within one quantization step. XNNPACK's kernels and TFLite's, and those of two processors,
round their sums differently, and the recurrence carries a step on from frame to frame: there up to
`FAR` steps are allowed, and a reading may differ where the reference itself is `UNSURE`, or finds the
other's text as likely but for `NEARLY` nats: less than a few steps of a logit make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.decode import read_grey
from hwr_edge.line.charset import Charset
from hwr_edge.line.ctc import label_log_prob, log_softmax
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_train.synthetic.fields import FieldGenerator
from wheels import ROOT

FIELDS = 40
NEAR, FAR = 1, 12
UNSURE = 0.5
NEARLY = 0.5
WITHOUT = "-without-XNNPACK"
"""How the names of files end that were written without the delegate."""


def make_inputs(folder: Path) -> None:
    """The examples and drawn fields as PNG, and the canvases that this environment makes of them."""
    (folder / "pictures").mkdir(parents=True)
    maker, rng = FieldGenerator(seed=3), np.random.default_rng(3)
    images = {path.name: read_grey(path) for path in (ROOT / "examples").glob("*.png")}
    images |= {f"drawn-{k:02}.png": maker.make(rng)[1] for k in range(FIELDS)}
    for name, grey in images.items():
        cv2.imwrite(str(folder / "pictures" / name), grey)
    card = Recognizer(decoder="greedy").card
    canvases = [preprocess(images[name], card.canvas) for name in sorted(images)]
    np.save(folder / "canvases.npy", np.stack(canvases))


@dataclass(frozen=True)
class Difference:
    """One environment's outputs against the reference's.

    steps: the largest difference of a logit of the same canvas, in quantization steps.
    allowed: how large it may be.
    apart: the share of logits that differ at all.
    readings: images that are read differently, by either decoder, of `images`.
    surest: the reference's highest confidence in one of them whose texts it does not find nearly as likely.
    greys: the largest difference of a pixel between their canvases of the same image.
    """

    name: str
    steps: int
    allowed: int
    apart: float
    readings: int
    surest: float
    images: int
    greys: int

    @property
    def agrees(self) -> bool:
        """Whether it counts as the same."""
        unsure = self.allowed > NEAR and self.surest < UNSURE
        return self.steps <= self.allowed and (self.readings == 0 or unsure)

    def __str__(self) -> str:
        """A line for people."""
        surest = f" (confidence {self.surest:.2f})" if self.readings else ""
        return (
            f"{'agrees ' if self.agrees else 'DIFFERS'} {self.name}: "
            f"{self.readings} of {self.images} readings differ{surest}; logits within {self.steps} steps "
            f"(allowed {self.allowed}; {self.apart:.1%} differ), canvases within {self.greys} greys"
        )


def difference(reference: Path, other: Path, allowed: int) -> Difference:
    """Compare two files."""
    with np.load(reference) as one, np.load(other) as two:
        gaps, greys = (
            np.abs(one[name].astype(int) - two[name].astype(int)) for name in ("logits", "canvases")
        )
        charset = Recognizer(decoder="greedy").card.charset
        nats = np.maximum(*(_nats_apart(one, two, of, charset) for of in ("texts", "greedy")))
        unlike, decided = nats >= 0, nats > NEARLY
        surest = float(one["confidences"][decided].max(initial=0))
    return Difference(
        name=f"{other.parent.name}, {other.stem}",
        steps=int(gaps.max()),
        allowed=allowed,
        apart=float((gaps > 0).mean()),
        readings=int(unlike.sum()),
        surest=surest,
        images=len(unlike),
        greys=int(greys.max()),
    )


def _nats_apart(
    one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray], decoder: str, charset: Charset
) -> NDArray[np.float64]:
    """How much likelier one of two readings is by the first's logits, for each image; -1 for the same."""
    found = np.full(len(one[decoder]), -1.0)
    for k in np.flatnonzero(one[decoder] != two[decoder]):
        scores = log_softmax(one["decoded"][k])
        mine, other = (
            label_log_prob(scores, charset.encode(str(file[decoder][k]))) for file in (one, two)
        )
        found[k] = abs(mine - other)
    return found


def all_agree(files: list[Path], same_processor: bool = True) -> tuple[bool, str]:
    """Whether all agree with the first, and a line on each.

    `NEAR` holds for those whose kernels are the first's: of the same processor, both with XNNPACK or
    both without.
    """
    reference, *others = files

    def compared(other: Path) -> Difference:
        alike = same_processor and delegated(other) == delegated(reference)
        return difference(reference, other, NEAR if alike else FAR)

    found = [compared(other) for other in others]
    lines = [f"against {reference.parent.name}, {reference.stem}:", *(f"  {one}" for one in found)]
    return all(one.agrees for one in found), "\n".join(lines)


def delegated(file: Path) -> bool:
    """Whether XNNPACK ran the model; tflite-runtime 2.14 gives it no int8."""
    return file.stem.startswith("litert") and not file.stem.endswith(WITHOUT)
