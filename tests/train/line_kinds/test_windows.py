from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from hwr_edge.errors import DataError
from hwr_edge.image.pixels import Grey
from hwr_edge.page.line_kinds import HEIGHT, WIDTH, Kind
from hwr_train.line_kinds.windows import Windows, joined, of_folder, of_page, parted, windows_made

WORDS = ("Registration form", "Surname of the child", "telephone number", "on the left")


def sheet() -> tuple[Grey, list[list[int]]]:
    """A page with four lines, and the box of each."""
    page: Grey = np.full((900, 1200), 255, np.uint8)
    boxes = []
    for k, words in enumerate(WORDS):
        y = 150 + 180 * k
        cv2.putText(page, words, (100, y), 3, 1.6, 20, 2, cv2.LINE_AA)
        wide = cv2.getTextSize(words, 3, 1.6, 2)[0][0]
        boxes.append([100, y - 40, wide, 50])
    return page, boxes


def test_lines_are_what_the_pages_truth_says_of_their_place() -> None:
    page, boxes = sheet()
    written = [{"box": boxes[1], "holds": "name"}, {"box": boxes[2], "holds": "digits"}]
    found = of_page(page, {"written": written, "print": boxes[:1]})
    kinds = {int(line): {int(k) for k in found.kinds[found.lines == line]} for line in found.lines}
    assert list(kinds.values()) == [{Kind.PRINT}, {Kind.HANDWRITING}, {Kind.DIGITS}, {Kind.MARK}]


def test_a_place_with_a_little_writing_is_left_out() -> None:
    page, boxes = sheet()
    x, y, _, high = boxes[3]
    written = [{"box": [x, y, 12, high], "holds": "name"}]
    found = of_page(page, {"written": written, "print": boxes[:3]})
    assert len(np.unique(found.lines)) == 3


def test_a_folder_of_pages_without_truth_is_all_print(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), sheet()[0])
    found = of_folder(tmp_path)
    assert len(found) >= 4
    assert set(found.kinds.tolist()) == {Kind.PRINT}
    assert found.images.shape[1:] == (HEIGHT, WIDTH)


def test_a_folder_without_pages_and_a_broken_truth_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no page"):
        of_folder(tmp_path)
    cv2.imwrite(str(tmp_path / "a.png"), sheet()[0])
    (tmp_path / "a.json").write_text(json.dumps({"print": []}))
    with pytest.raises(DataError, match=r"a\.json"):
        of_folder(tmp_path)


def some(count: int, kind: Kind = Kind.PRINT) -> Windows:
    """So many lines of two windows each."""
    images = [np.full((HEIGHT, WIDTH), k, np.uint8) for k in range(count) for _ in range(2)]
    return windows_made(images, [kind] * 2 * count, [k for k in range(count) for _ in range(2)])


def test_lines_keep_apart_when_parts_are_joined() -> None:
    both = joined([some(3), some(4, Kind.MARK), windows_made([], [], [])])
    assert len(both) == 14
    assert len(np.unique(both.lines)) == 7


def test_a_threshold_is_chosen_with_whole_lines_that_are_not_learnt() -> None:
    learnt, chosen = parted(some(200))
    assert len(learnt) + len(chosen) == 400
    assert 10 < len(chosen) / 2 < 40
    assert not set(learnt.lines.tolist()) & set(chosen.lines.tolist())
