from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.page.find_sheets import find_sheet, sheet_on_table
from hwr_edge.page.locate import find_lines
from hwr_edge.page.sheet import level, skew_of, whole_image
from pages import cards_on_table, class_list, on_table, page, print_at, rotated


@pytest.mark.parametrize("degrees", [-8, -2.5, 0, 0.6, 5])
def test_skew_is_measured_to_a_tenth_of_a_degree(degrees: float) -> None:
    paper = page()
    for y in range(300, 1500, 60):
        print_at(paper, "Liste des eleves de la classe", 150, y)
    askew, _ = rotated(paper, degrees)
    assert skew_of(ink_of(flatten_light(askew))[0]) == pytest.approx(degrees, abs=0.15)


def test_corners_of_a_sheet_on_a_table_are_found() -> None:
    corners = [(260, 150), (1010, 210), (1120, 1290), (130, 1230)]
    sheet = find_sheet(on_table(class_list()[0], corners, (1300, 1400)))
    found = sheet.corners((0, 0, *sheet.size))
    for corner in corners:
        assert np.hypot(*(found - corner).T).min() < 25


def test_a_small_copy_is_as_large_as_the_letters_need() -> None:
    large, small = page(), page()
    for y in range(300, 1500, 100):
        print_at(large, "ELEVES DE LA CLASSE", 150, y, 2.5)
        print_at(small, "eleves de la classe", 150, y, 0.5)
    assert max(find_sheet(large).small[0].shape) < max(find_sheet(small).small[0].shape) == 1200


def test_a_table_beyond_a_turned_sheet_is_told() -> None:
    paper = rotated(class_list()[0], 4)[0]
    corners = [(100, 100), (1100, 100), (1100, 1300), (100, 1300)]
    sheet = find_sheet(on_table(paper, corners, (1200, 1400)))
    small, _ = sheet.small
    assert 0.01 < sheet.beyond.mean() < 0.2
    assert small[cv2.erode(sheet.beyond, np.ones((9, 9), np.uint8)) > 0].max() < 150
    assert small[sheet.beyond == 0].mean() > 200


def test_a_scan_is_the_sheet_itself() -> None:
    paper = page()
    sheet = find_sheet(paper)
    assert sheet.size == (1240, 1754)
    assert sheet.box_around((10, 20, 30, 40)) == (10, 20, 30, 40)
    assert np.shares_memory(sheet.cut((10, 20, 30, 40)), paper), "nothing is copied"


def test_what_lies_outside_of_the_image_is_paper() -> None:
    sheet = whole_image(np.zeros((50, 60), np.uint8))
    out = sheet.cut((-10, -10, 30, 30))
    assert (out[:10] == 255).all()
    assert (out[10:, 10:] == 0).all()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_sheet_is_the_turned_image(turn: int) -> None:
    grey = np.asarray(cv2.GaussianBlur(class_list()[0], (0, 0), 3), np.uint8)
    sheet = whole_image(grey).turned(turn)
    expected = np.rot90(grey, -turn // 90).astype(int)
    assert sheet.size == expected.shape[::-1]
    flat = sheet.cut((0, 0, *sheet.size)).astype(int)
    assert np.abs(flat - expected)[2:-2, 2:-2].max() < 60, "a pixel's place at most"
    assert np.abs(flat[::-1] - expected)[2:-2, 2:-2].max() > 100


def test_small_copies_are_small_and_keep_the_place() -> None:
    grey = page(5000, 7000)
    grey[3400:3600, 2400:2600] = 0
    small, part = whole_image(grey).small
    assert max(small.shape) == 1200
    y, x = np.nonzero(small < 128)
    assert (x.mean() / part, y.mean() / part) == pytest.approx((2500, 3500), abs=10)


def test_a_part_of_an_image_keeps_the_sheet_around_it() -> None:
    sheet = sheet_on_table(cards_on_table([(225, 175, 450, 250)]))
    part = sheet.within((400, 260, 100, 60))
    assert part is not None
    assert part.size == sheet.size
    assert cv2.contourArea(part.outline.astype(np.float32)) == pytest.approx(6000, rel=0.02)
    assert sheet.within((0, 0, 100, 60)) is None
    whole = sheet.within((0, 0, 900, 600))
    assert whole is not None
    assert whole.outline == pytest.approx(sheet.outline, abs=1)


def test_a_long_strip_is_seen_in_enough_pixels() -> None:
    strip = np.full((6000, 500), 255, np.uint8)
    for y in range(50, 5950, 100):
        cv2.putText(strip, "MANON", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    small, _ = level(whole_image(strip)).small
    assert min(small.shape) >= 400
    assert len(find_lines(strip)) == 59


def test_a_strip_of_paper_is_not_turned_into_a_huge_sheet() -> None:
    strip = np.full((20_000, 60), 255, np.uint8)
    for y in range(0, 20_000, 40):
        cv2.line(strip, (0, y), (59, y + 7), [0], 2)
    sheet = level(whole_image(strip))
    assert sheet.size[0] * sheet.size[1] < 3 * strip.size
