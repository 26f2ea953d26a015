from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.page.among import FEATURES
from hwr_edge.page.line_kinds import shipped_kinds
from hwr_train.line_kinds.among import PASSED, Lines, fitted, of_folders, told
from pages import class_list, page, print_at


def made(count: int, names: int, rng: np.random.Generator) -> list[Lines]:
    """Pages of ten lines, of which so many are names: these have a higher first feature."""
    pages = []
    for _ in range(count):
        written = np.arange(10) < names
        known = rng.normal(0, 1, (10, FEATURES))
        known[:, 0] += 8 * written
        pages.append(Lines(known, written, np.ones(10)))
    return pages


def test_names_are_kept_and_few_lines_of_empty_pages_pass() -> None:
    rng = np.random.default_rng(0)
    pages = made(30, 3, rng) + made(20, 0, rng)
    weights = fitted(pages)
    figures = told(pages, weights)
    assert weights.each[0] > 5 * np.abs(weights.each[1:]).max()
    assert figures["names kept"] > 0.97
    assert figures["lines of an empty page"] == pytest.approx(PASSED, abs=0.06)


def test_pages_in_a_font_like_a_hand_teach_the_last_weight_alone() -> None:
    rng = np.random.default_rng(0)
    pages = made(30, 3, rng) + made(20, 0, rng)
    drawn = [replace(one, names=np.zeros(10, bool), usual=False) for one in made(20, 10, rng)]
    for one in pages + drawn:
        one.features[:, -1] = 0 if one.usual else 1
        one.features[:, -1] += 0.1 * rng.random(10)
    without, weights = fitted(pages), fitted(pages + drawn)
    assert weights.each[:-1] == without.each[:-1]
    hand = "lines of an empty page in a font like a hand"
    assert told(pages + drawn, replace(weights, each=(*weights.each[:-1], 0.0)))[hand] > 8
    figures = told(pages + drawn, weights)
    assert figures[hand] < 2
    assert figures["names kept"] > 0.95
    assert figures["lines of an empty page"] < PASSED + 0.1


@pytest.mark.parametrize("names", [0, 3])
def test_pages_of_one_kind_alone_are_refused(names: int) -> None:
    with pytest.raises(DataError, match="pages without any"):
        fitted(made(5, names, np.random.default_rng(0)))


def test_lines_have_the_names_that_the_truth_has_there(tmp_path: Path) -> None:
    paper, boxes = class_list(["manon", "thomas"])
    print_at(paper, "Nom et prenom", 150, 150, 1.2)
    written = [
        {"box": list(box), "holds": h} for box, h in zip(boxes, ("name", "digits"), strict=True)
    ]
    truth = {"written": written, "print": []}
    cv2.imwrite(str(tmp_path / "1.png"), paper)
    (tmp_path / "1.json").write_text(json.dumps(truth), "utf-8")
    cv2.imwrite(str(tmp_path / "2.png"), page())
    (lines,) = of_folders([tmp_path], shipped_kinds())
    assert lines.names.tolist() == [False, True, False]
    assert lines.weight[2] < lines.weight[0] == 1
    (usual, drawn) = of_folders([tmp_path], shipped_kinds(), [tmp_path])
    assert usual.usual
    assert not drawn.usual
    assert 0 < drawn.weight.max() < 1
    with pytest.raises(DataError, match="holds no page"):
        of_folders([tmp_path / "none"], shipped_kinds())
