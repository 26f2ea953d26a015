"""How well texts were read: character error rate and exact names, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

_Z95 = 1.959963984540054  # standard deviations on either side hold 95 %
_RESAMPLES = 1000  # of a bootstrap


@dataclass(frozen=True)
class Score:
    """Figures over `names` pairs of truth and reading.

    cer: edits over letters of truth, as a fraction; exact: fraction of names read without a
    fault. Intervals are 95 %: Wilson for exact, bootstrap over names (fixed seed) for CER.
    """

    names: int
    cer: float
    cer_interval: tuple[float, float]
    exact: float
    exact_interval: tuple[float, float]

    def line(self) -> str:
        """One line for people, in per cent."""
        (c0, c1), (e0, e1) = self.cer_interval, self.exact_interval
        return (
            f"CER {self.cer:.2%} [{c0:.2%}, {c1:.2%}]   "
            f"exact {self.exact:.2%} [{e0:.2%}, {e1:.2%}]   n = {self.names}"
        )

    def to_json(self) -> dict[str, object]:
        """The fields as JSON takes them."""
        return asdict(self)


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and replacements that make `b` of `a` (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def score(truths: Sequence[str], readings: Sequence[str]) -> Score:
    """Compare readings with truths, pair by pair.

    Raises:
        ValueError: no pairs, or not as many readings as truths.
    """
    if not truths or len(truths) != len(readings):
        raise ValueError(f"{len(truths)} truths against {len(readings)} readings")
    edits = np.array([edit_distance(t, r) for t, r in zip(truths, readings, strict=True)])
    letters = np.array([len(t) for t in truths])
    hits = int((edits == 0).sum())
    return Score(
        names=len(truths),
        cer=float(edits.sum() / max(letters.sum(), 1)),
        cer_interval=bootstrap(edits, letters),
        exact=hits / len(truths),
        exact_interval=wilson(hits, len(truths)),
    )


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Mean distance of confidence and share of right names, over bins of equally many names.

    Expected calibration error (Naeini et al. 2015) with equal-mass bins. A perfect confidence has
    one above 0 too, by chance, the more so the fewer names a bin has.
    """
    sure, hit = np.asarray(confidences, float), np.asarray(right, float)
    parts = np.array_split(np.argsort(sure, kind="stable"), min(bins, len(sure)))
    return sum(len(p) * abs(float(sure[p].mean() - hit[p].mean())) for p in parts) / len(sure)


def calibration_by_chance(confidences: Sequence[float]) -> tuple[float, float, float]:
    """The calibration error that perfect confidences would show: mean, and 95 % interval.

    Names are right by chance, each as often as its confidence says; seed fixed.
    """
    rng, sure = np.random.default_rng(0), np.asarray(confidences, float)
    errors = [
        calibration_error(confidences, (rng.random(len(sure)) < sure).tolist())
        for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(errors, (2.5, 97.5))
    return float(np.mean(errors)), float(low), float(high)


def coverage(confidences: Sequence[float], right: Sequence[bool], accuracy: float) -> float:
    """The largest share of names, the surest first, of which `accuracy` are right, 0 to 1."""
    shares = accuracy_curve(confidences, right)
    enough = np.flatnonzero(shares >= accuracy)
    return float(enough[-1] + 1) / len(shares) if enough.size else 0.0


def accuracy_curve(confidences: Sequence[float], right: Sequence[bool]) -> NDArray[np.float64]:
    """Share of right names among the k + 1 surest, float64 (N,)."""
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    hits = np.asarray(right, float)[order]
    return np.asarray(np.cumsum(hits) / np.arange(1, len(hits) + 1))


def bootstrap(edits: NDArray[np.int64], letters: NDArray[np.int64]) -> tuple[float, float]:
    """95 % interval of edits over letters, by resampling names (Efron 1979), seed fixed.

    Args:
        edits: int (N,), of each name; a difference of two readings' edits serves too.
        letters: int (N,), of each name's truth.
    """
    rng = np.random.default_rng(0)
    resampled = []
    for _ in range(_RESAMPLES):
        picks = rng.integers(len(edits), size=len(edits))
        resampled.append(edits[picks].sum() / max(letters[picks].sum(), 1))
    low, high = np.percentile(resampled, (2.5, 97.5))
    return float(low), float(high)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, spread = hits / count, _Z95**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = _Z95 / (1 + spread) * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)
