"""Weights by which the other lines of a page tell whether one is handwriting: a logistic regression.

It is fitted on pages that the network did not learn from: empty forms, and forms filled in with few names and with many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Box
from hwr_edge.page.among import Weights, features
from hwr_edge.page.line_kinds import LineKinds
from hwr_edge.page.locate import Line, find_lines
from hwr_train.line_kinds.windows import images_of, truth_of

PASSED = 0.25
"""Lines of a page on which nothing is written, on average, that may be taken for handwriting."""
_DRAWN = 0.05  # how much a line counts on a page set in fonts like a hand, which the network takes for handwriting
_DIGITS = 0.3  # how much a line of written digits counts: it is no name, but it looks like one
_PENALTY, _STEPS = 1.0, 40  # of the squared weights; Newton's
_FAR = 30.0  # log odds that are certain


@dataclass(frozen=True)
class Lines:
    """The lines of one page.

    features: float (lines, FEATURES), as `page.among.features` gives them.
    names: bool (lines,), which hold the middle of a name.
    weight: float (lines,), how much each counts.
    usual: whether the page is set in common fonts, so that the bias is set on it.
    """

    features: NDArray[np.float64]
    names: NDArray[np.bool_]
    weight: NDArray[np.float64]
    usual: bool = True


def of_folders(
    folders: Iterable[Path], kinds: LineKinds, drawn: Iterable[Path] = ()
) -> list[Lines]:
    """The lines of all pages in folders, as `windows.of_folder` reads those.

    Args:
        folders: of pages.
        kinds: the model that looks at them.
        drawn: more folders, of empty pages set in fonts like a hand.

    Raises:
        DataError: a folder holds no page.
    """
    usual = [
        lines
        for folder in folders
        for path in images_of(folder)
        if (lines := of_page(find_lines(read_grey(path)), truth_of(path), kinds))
    ]
    more = of_folders(drawn, kinds) if drawn else []
    return usual + [replace(one, weight=_DRAWN * one.weight, usual=False) for one in more]


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
    known = features(kinds.looks(lines))
    return Lines(known, names, np.where(digits & ~names, _DIGITS, 1.0))


def _holds(line: Line, box: Box) -> bool:
    x, y, width, height = box
    left, top, wide, high = line.box
    return bool(left <= x + width / 2 <= left + wide and top <= y + height / 2 <= top + high)


def fitted(pages: Sequence[Lines]) -> Weights:
    """Weights that part names from all else, with a bias that lets `PASSED` lines of a usual empty page pass.

    All but the last weight, and the bias, come from the usual pages. The last one, of what recurs where much looks
    written, is fitted after them, with the pages in fonts like a hand: from these the others would learn to trust the
    network less.

    Raises:
        DataError: there are no names, or there is no page without any.
    """
    usual = [page for page in pages if page.usual]
    empty = [page.features for page in usual if not page.names.any()]
    if not empty or not any(page.names.any() for page in usual):
        raise DataError("it takes pages with names and pages without any to fit the weights")
    known = np.concatenate([page.features for page in usual])
    middle, spread = known.mean(axis=0)[:-1], known.std(axis=0) + 1e-9

    def alike(page: Lines) -> NDArray[np.float64]:
        inputs = (page.features[:, :-1] - middle) / spread[:-1]
        return np.column_stack([np.ones(len(inputs)), inputs])

    first = _fitted(usual, [alike(page) for page in usual], [np.zeros(len(p.names)) for p in usual])
    last = _fitted(
        pages,
        [page.features[:, -1:] / spread[-1] for page in pages],
        [alike(page) @ first for page in pages],
    )
    each = np.append(first[1:], last) / spread
    likely_empty = np.sort(np.concatenate(empty)[:, :-1] @ each[:-1])[::-1]
    passed = min(int(PASSED * len(empty)), len(likely_empty) - 1)
    bias = -float(likely_empty[passed]) - 1e-6
    return Weights(round(bias, 4), tuple(round(float(v), 4) for v in each))


def _fitted(
    pages: Sequence[Lines],
    inputs: Sequence[NDArray[np.float64]],
    log_odds: Sequence[NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Weights of inputs of like spread, beside log odds that are known: Newton's steps, with a penalty.

    A first input that is 1 everywhere is the bias, without penalty.
    """
    each, known = np.concatenate(inputs), np.concatenate(log_odds)
    names = np.concatenate([page.names for page in pages])
    count = np.concatenate([page.weight for page in pages])
    penalty = _PENALTY * np.diag((each.std(axis=0) > 0).astype(float))
    found = np.zeros(each.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(known + each @ found, -_FAR, _FAR)))
        slope = each.T @ (count * (likely - names)) + penalty @ found
        bend = (each * (count * likely * (1 - likely))[:, None]).T @ each + penalty
        found -= np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
    return found


def told(pages: Sequence[Lines], weights: Weights) -> dict[str, float]:
    """Of pages: the share of names' lines kept, and lines of a page without names that pass."""
    passes = [weights.bias + page.features @ np.array(weights.each) >= 0 for page in pages]
    kept = [p[page.names] for p, page in zip(passes, pages, strict=True)]
    figures = {"names kept": float(np.concatenate(kept).mean())}
    for usual, what in ((True, "an empty page"), (False, "an empty page in a font like a hand")):
        empty = [
            p.sum()
            for p, page in zip(passes, pages, strict=True)
            if page.usual == usual and not page.names.any()
        ]
        if empty:
            figures[f"lines of {what}"] = float(np.mean(empty))
    return figures | {"pages": len(pages)}
