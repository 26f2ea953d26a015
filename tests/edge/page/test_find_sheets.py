from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.page.find_sheets import find_sheets, in_reading_order, sheet_on_table, sheets_on_table
from pages import cards_on_table


@pytest.mark.parametrize("size", [0.25, 0.5, 0.9])
def test_a_card_is_seen_also_where_it_is_small(size: float) -> None:
    width, height = round(900 * size), round(500 * size)
    (sheet,) = sheets_on_table(
        cards_on_table([((900 - width) // 2, (600 - height) // 2, width, height)])
    )
    assert sheet.size[0] == pytest.approx(900 * size, rel=0.05)


@pytest.mark.parametrize("bow", [12, 26])
def test_a_sheet_with_a_curled_edge_is_seen(bow: int) -> None:
    image = np.random.default_rng(bow).integers(90, 130, (1000, 800)).astype(np.uint8)
    along = np.linspace(0, np.pi, 100)
    edge = np.stack([np.linspace(700, 100, 100), 880 + bow * np.sin(along)], 1)
    outline = np.concatenate([[[100, 80], [700, 80]], edge]).astype(np.int32)
    cv2.fillPoly(image, [outline], [200])
    sheet = sheet_on_table(image)
    assert sheet.outline.min(0) == pytest.approx((100, 80), abs=12)
    assert sheet.outline.max(0)[0] == pytest.approx(700, abs=12)
    assert 860 < sheet.outline.max(0)[1] < 895 + bow


def test_a_sheet_with_a_notch_is_seen() -> None:
    image = cards_on_table([(100, 60, 700, 480)])
    cv2.circle(image, (800, 300), 24, 60, -1)
    assert sheet_on_table(image).size == pytest.approx((700, 480), abs=12)


@pytest.mark.parametrize("seed", range(6))
def test_a_sheet_half_in_a_shadow_on_a_mottled_table_is_seen(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spots = rng.integers(45, 115, (30, 40)).astype(np.uint8)
    image = np.asarray(cv2.resize(spots, (1200, 900), interpolation=cv2.INTER_CUBIC), np.uint8)
    corners = np.array([[200, 90], [1010, 60], [1060, 830], [150, 800]], np.float64)
    corners += rng.uniform(-40, 40, corners.shape)
    cv2.fillConvexPoly(image, corners.astype(np.int32), [230])
    across = np.tile(np.clip((np.arange(1200) - rng.uniform(350, 850)) / 90, 0, 1), (900, 1))
    (sheet,) = sheets_on_table((image * (1 - 0.45 * across)).astype(np.uint8))
    assert sheet.outline == pytest.approx(corners, abs=14)


def test_a_sheet_that_goes_on_beyond_the_image_is_seen() -> None:
    spots = np.random.default_rng(3).integers(45, 115, (30, 40)).astype(np.uint8)
    image = np.asarray(cv2.resize(spots, (1200, 900), interpolation=cv2.INTER_CUBIC), np.uint8)
    cv2.fillConvexPoly(image, np.array([[220, 90], [1010, 60], [1060, 960], [190, 960]]), [230])
    (sheet,) = sheets_on_table(image)
    assert sheet.outline.min(0) == pytest.approx((192, 60), abs=14)
    assert sheet.outline.max(0) == pytest.approx((1056, 899), abs=14)


def test_a_frame_and_bars_on_a_scan_are_no_sheet() -> None:
    image = np.full((1400, 1000), 250, np.uint8)
    cv2.rectangle(image, (120, 200), (880, 1250), 0, 9)
    cv2.rectangle(image, (60, 60), (940, 130), 0, -1)
    assert sheet_on_table(image).size == (1000, 1400)


def test_the_edge_of_a_shadow_is_none_of_a_sheet() -> None:
    soft = np.clip((np.arange(900) - 350) / 60, 0, 1)
    shadow = np.tile(220 * (1 - 0.4 * soft), (600, 1)).astype(np.uint8)
    assert sheet_on_table(shadow).size == (900, 600)


@pytest.mark.parametrize("gap", [8, 20, 60])
def test_all_cards_are_seen_however_near_they_lie(gap: int) -> None:
    places = [
        (60 + (200 + gap) * k, 80 + (130 + gap) * j, 200, 130) for j in (0, 1) for k in range(3)
    ]
    found = in_reading_order(
        sheets_on_table(cards_on_table([places[k] for k in (4, 0, 5, 2, 1, 3)]))
    )
    assert len(found) == len(places)
    for sheet, (x, y, width, height) in zip(found, places, strict=True):
        assert sheet.outline.min(0) == pytest.approx((x, y), abs=6)
        assert sheet.size == pytest.approx((width, height), abs=10)
    last_first = in_reading_order(found, 180)
    assert [sheet.outline.tolist() for sheet in last_first] == [
        sheet.outline.tolist() for sheet in found[::-1]
    ]


def test_many_small_cards_are_seen() -> None:
    places = [(20 + 145 * k, 20 + 95 * j, 115, 65) for j in range(6) for k in range(6)]
    assert len(sheets_on_table(cards_on_table(places))) == 36


def test_cards_in_a_shadow_are_seen_beside_others() -> None:
    places = [(60, 80, 300, 180), (480, 80, 300, 180), (60, 340, 300, 180), (480, 340, 300, 180)]
    light = 1 - 0.5 * np.clip((np.arange(900) - 400) / 60, 0, 1)
    shadowed = (cards_on_table(places) * light).astype(np.uint8)
    assert [sheet.size for sheet in sheets_on_table(shadowed)] == [
        pytest.approx((300, 180), abs=10)
    ] * 4


def test_what_is_drawn_on_a_sheet_does_not_part_it() -> None:
    image = cards_on_table([(100, 60, 700, 480)])
    for x in (140, 480):
        cv2.rectangle(image, (x, 100), (x + 280, 500), (30,), 8)
    (sheet,) = sheets_on_table(image)
    assert sheet.size == pytest.approx((700, 480), abs=8)


def test_small_bright_things_beside_a_sheet_are_none() -> None:
    (alone,) = sheets_on_table(cards_on_table([(100, 100, 400, 300)]))
    (beside,) = sheets_on_table(cards_on_table([(100, 100, 400, 300), (700, 100, 60, 40)]))
    assert alone.size == beside.size == pytest.approx((400, 300), abs=8)


@pytest.mark.parametrize("size", [(427, 2), (3, 38), (2, 599), (1, 1), (40, 60)])
def test_specks_in_a_tiny_image_are_no_sheets(size: tuple[int, int]) -> None:
    for seed in range(20):
        noise = np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)
        (sheet,) = find_sheets(noise)
        assert sheet.image.shape == size


def test_where_the_largest_bright_thing_is_no_sheet_the_image_is_one() -> None:
    image = cards_on_table([(500, 100, 300, 200)])
    image[50:560, 40:440] = np.triu(np.full((510, 400), 160, np.uint8)) + 60
    assert [sheet.size for sheet in sheets_on_table(image)] == [(900, 600)]
