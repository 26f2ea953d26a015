"""Lines that a two-tone scan broke into specks, drawn again."""

from __future__ import annotations

import numpy as np
import pytest

from edge.form.test_propose import ROWS, comb, common, paper, scanned
from hwr_edge.form.propose import propose_fields
from hwr_edge.form.two_tone import restored
from hwr_edge.image.pixels import Grey


def broken(page: Grey, level: int = 180) -> Grey:
    """In two tones: lines somewhat paler than the threshold become specks, and grain gives some anywhere."""
    grain = np.random.default_rng(5).normal(0, 16, page.shape)
    tones = np.where(page * 0.93 + grain < level, 0, 255)
    return tones.astype(np.uint8)


def with_combs(shade: int) -> Grey:
    page = paper()
    for box in ROWS:
        comb(page, box, 12, shade)
    return page


@pytest.mark.parametrize("shade", [120, 200, 206])
def test_combs_whose_lines_became_specks_are_whole(shade: int) -> None:
    proposed = propose_fields(broken(with_combs(shade)))
    assert len(proposed) == len(ROWS)
    assert all(common(box, row) > 0.8 for box, row in zip(proposed, ROWS, strict=True))


def test_specks_alone_are_no_lines() -> None:
    page = np.full((1500, 1150), 250, np.uint8)
    assert (restored(broken(page)) == 255).all()


def test_print_stays_as_it_is() -> None:
    page = np.where(paper() < 128, 0, 255).astype(np.uint8)
    assert ((restored(page) < 128) == (page < 128)).mean() > 0.999


def test_a_grey_scan_is_left_as_it_is() -> None:
    page = scanned(with_combs(120))
    assert restored(page) is page


def test_whole_lines_side_by_side_are_not_joined() -> None:
    page = np.full((1600, 1130), 255, np.uint8)
    for y in (400, 500):
        page[y : y + 2, 100:540] = 0
        page[y : y + 2, 594:1030] = 0
    assert (restored(page)[:, 545:590] == 255).all()
