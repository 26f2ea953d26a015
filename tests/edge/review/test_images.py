"""The page around a reading, for those who look at it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.review.test_review import write_results
from fakes import draw
from hwr_edge.errors import ImageError
from hwr_edge.review.images import LONGEST, Surroundings, around, cut, whole_page
from hwr_edge.review.results import Results, read_results

ROW: dict[str, object] = {"image": "page.png", "text": "AB", "confidence": 0.5}


def results_of(folder: Path, page: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Results:
    path = write_results(folder, [{**ROW, "box": [40, 300, 256, 64]}])
    cv2.imwrite(str(folder / "page.png"), page)
    return read_results(path)


def page_of(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    page = np.full((height, width), 255, np.uint8)
    page[300:364, 40:296] = draw("AB")
    return page


def test_a_page_is_shown_whole_and_no_larger_than_needed(tmp_path: Path) -> None:
    results = results_of(tmp_path, page_of(4000, 1000))
    assert around(results, 0) == Surroundings((1000, 4000), (40, 300, 256, 64))
    shown = cv2.imdecode(np.frombuffer(whole_page(results, 0), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.asarray(shown).shape == (LONGEST, 500)
    part = np.asarray(shown)[150:182, 20:148]
    assert abs(float(part.mean()) - float(draw("AB").mean())) < 5


def test_a_small_page_stays_as_it_is(tmp_path: Path) -> None:
    results = results_of(tmp_path, page_of(400, 300))
    shown = cv2.imdecode(np.frombuffer(whole_page(results, 0), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.asarray(shown).shape == (400, 300)
    assert cut(results, 0).shape == (64 + 2 * 19, 256 + 19 + 4)  # with paper around it


def test_a_page_that_was_replaced_is_not_shown(tmp_path: Path) -> None:
    results = results_of(tmp_path, page_of(400, 300))
    cv2.imwrite(str(tmp_path / "page.png"), draw("AB"))
    for show in (around, whole_page):
        with pytest.raises(ImageError, match="changed after it was read"):
            show(results, 0)
