"""Weights by which the other lines of a page tell whether one is handwriting: a logistic regression.

It is fitted on pages that the network did not learn from: empty forms, and forms filled in with few names and with many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box
from hwr_edge.page.among import FEATURES, Weights, features
from hwr_edge.page.line_kinds import LineKinds
from hwr_edge.page.locate import Line, find_lines
from hwr_train.line_kinds.windows import images_of, truth_of

PASSED = 0.2
"""Lines of a page on which nothing is written, on average, that may be taken for handwriting."""
_DIGITS = 0.3  # how much a line of written digits counts: it is no name, but it looks like one
_PENALTY, _STEPS = 1.0, 40  # of the squared weights; Newton's


@dataclass(frozen=True)
class Lines:
    """The lines of one page.

    features: float (lines, FEATURES), as `page.among.features` gives them.
    names: bool (lines,), which hold the middle of a name.
    weight: float (lines,), how much each counts.
    """

    features: NDArray[np.float64]
    names: NDArray[np.bool_]
    weight: NDArray[np.float64]


def of_folders(folders: Iterable[Path], kinds: LineKinds) -> list[Lines]:
    """The lines of all pages in folders, as `windows.of_folder` reads those.

    Raises:
        DataError: a folder holds no page.
    """
    return [
        lines
        for folder in folders
        for path in images_of(folder)
        if (lines := of_page(find_lines(read_grey(path)), truth_of(path), kinds))
    ]


def of_page(lines: Sequence[Line], truth: dict[str, Any] | None, kinds: LineKinds) -> Lines | None:
    """The lines of an upright page with its truth; None without any."""
    if not lines:
        return None
    written = truth["written"] if truth else []
    names, digits = (
        np.array(
            [
                any(one["holds"] == holds and _holds(line, one["box"]) for one in written)
                for line in lines
            ]
        )
        for holds in ("name", "digits")
    )
    known = features([kinds.look(line) for line in lines])
    return Lines(known, names, np.where(digits & ~names, _DIGITS, 1.0))


def _holds(line: Line, box: Box) -> bool:
    x, y, width, height = box
    left, top, wide, high = line.box
    return bool(left <= x + width / 2 <= left + wide and top <= y + height / 2 <= top + high)


def fitted(pages: Sequence[Lines]) -> Weights:
    """Weights that part names from all else, with a bias that lets `PASSED` lines of an empty page pass.

    Newton's steps, with a penalty on weights of features of like spread.

    Raises:
        DataError: there are no names, or there is no page without any.
    """
    known = np.concatenate([page.features for page in pages])
    names = np.concatenate([page.names for page in pages])
    count = np.concatenate([page.weight for page in pages])
    empty = [page.features for page in pages if not page.names.any()]
    if not names.any() or not empty:
        raise DataError("it takes pages with names and pages without any to fit the weights")
    middle, spread = known.mean(axis=0), known.std(axis=0) + 1e-9
    inputs = np.column_stack([np.ones(len(known)), (known - middle) / spread])
    penalty = _PENALTY * np.diag([0.0] + [1.0] * FEATURES)
    found = np.zeros(1 + FEATURES)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (count * (likely - names)) + penalty @ found
        bend = (inputs * (count * likely * (1 - likely))[:, None]).T @ inputs + penalty
        found -= np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
    each = found[1:] / spread
    likely_empty = np.sort(np.concatenate(empty) @ each)[::-1]
    passed = min(int(PASSED * len(empty)), len(likely_empty) - 1)
    bias = -float(likely_empty[passed]) - 1e-6
    return Weights(round(bias, 4), tuple(round(float(v), 4) for v in each))


def told(pages: Sequence[Lines], weights: Weights) -> dict[str, float]:
    """Of pages: the share of names' lines kept, and lines of a page without names that pass."""
    passes = [weights.bias + page.features @ np.array(weights.each) >= 0 for page in pages]
    kept = [p[page.names] for p, page in zip(passes, pages, strict=True)]
    empty = [p.sum() for p, page in zip(passes, pages, strict=True) if not page.names.any()]
    return {
        "names kept": float(np.concatenate(kept).mean()),
        "lines of an empty page": float(np.mean(empty)),
        "pages": len(pages),
    }
