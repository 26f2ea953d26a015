from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import pytest

from hwr_edge.image.ink import (
    dark_on_light,
    flatten_light,
    grain_of,
    ink_of,
    letter_height,
    paper_of,
    stroke_width,
)
from pages import cards_on_table, class_list


def test_light_is_evened_and_ink_stays() -> None:
    slope = np.tile(np.linspace(80, 240, 900, dtype=np.float32), (600, 1))
    slope[300:306, 100:800] *= 0.3
    flat = flatten_light(slope.astype(np.uint8))
    assert (flat[:280] > 235).mean() > 0.99
    assert flat[302, 150:750].max() < 120
    assert paper_of(np.zeros((5, 5), np.uint8)).min() == 1


def test_grain_is_no_ink_and_a_faint_stroke_is() -> None:
    grain = np.random.default_rng(0).normal(235, 4, (600, 800))
    grain[300:304, 200:600] -= 70
    ink, shade = ink_of(flatten_light(np.clip(grain, 0, 255).astype(np.uint8)))
    assert ink[301, 210:590].mean() > 0.95
    assert ink.sum() == pytest.approx(4 * 400, rel=0.1)
    assert (shade >= ink).all()


def test_much_ink_and_shade_on_a_page_are_not_its_grain() -> None:
    rng = np.random.default_rng(0)
    paper = rng.normal(235, 3, (600, 800))
    grain = grain_of(np.clip(paper, 0, 255).astype(np.uint8))
    assert grain == pytest.approx(3, abs=1.5)
    filled = paper.copy()
    filled[40:100, 40:760] = 200 + rng.normal(0, 3, (60, 720))  # a shaded place
    for y in range(200, 590, 30):
        for x in range(40, 760, 20):
            filled[y : y + 20, x : x + 6] -= 120
    filled[560:564, 100:700] -= 50  # pale writing
    page = np.clip(filled, 0, 255).astype(np.uint8)
    assert grain_of(page) == pytest.approx(grain, abs=1)
    assert ink_of(page, grain_of(page))[0][561, 110:690].mean() > 0.9


def test_pale_rules_on_paper_that_is_cut_off_at_white_are_grain() -> None:
    page = np.full((600, 800), 255, np.uint8)
    page[::5] = 249
    assert grain_of(page) == 6


@pytest.mark.parametrize("width", [1, 3, 6])
def test_a_stroke_s_width_is_measured(width: int) -> None:
    ink = np.zeros((200, 300), np.uint8)
    ink[100 : 100 + width, 20:280] = 1
    assert stroke_width(ink) == pytest.approx(width, abs=1)


def test_light_writing_on_dark_paper_becomes_dark_on_light() -> None:
    page = class_list()[0]
    for grey in (page, page[240:320, 100:700]):
        assert (dark_on_light(255 - grey) == grey).all()


def test_dark_writing_cards_on_a_table_and_dark_images_stay() -> None:
    page = class_list()[0]
    dim = np.asarray(page * 0.3, np.uint8)
    lamp = np.asarray(page * np.linspace(0.1, 0.9, page.shape[1]), np.uint8)
    card = cards_on_table([(300, 200, 200, 120)])
    black = np.full((500, 400), 3, np.uint8)
    for grey in (page, page[240:320, 100:700], dim, lamp, card, black):
        assert dark_on_light(grey) is grey


def test_bubbles_of_one_size_say_nothing_of_how_high_letters_are() -> None:
    ink = np.zeros((900, 900), np.uint8)
    for k in range(6):
        ink[40 : 80 + k, 60 + 60 * k : 64 + 60 * k] = 1
    for y, x in product(range(200, 880, 25), range(40, 880, 25)):
        cv2.circle(ink, (x, y), 6, (1,), 2)
    assert 40 <= letter_height(ink, 3.0) <= 45
    ink[:150] = 0
    assert letter_height(ink, 3.0) == pytest.approx(15, abs=2)  # where nothing else stands
