from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hwr_edge.image.morphology import connected_components
from hwr_edge.page import layout
from hwr_edge.page.layout import lay_out
from hwr_edge.page.locate import find_lines
from pages import NAMES, class_list, handwriting, on_table, overlap, page, paste, rotated


def test_each_written_line_is_found_once_with_its_box_in_reading_order() -> None:
    paper, boxes = class_list()
    lines = find_lines(paper)
    assert len(lines) == len(boxes)
    for line, box in zip(lines, boxes, strict=True):
        assert overlap(line.box, box) > 0.8
        assert 0.6 * box[3] < line.letter < 1.2 * box[3]


def test_blank_paper_has_no_lines_also_with_grain_and_shadow() -> None:
    rng = np.random.default_rng(1)
    slope = np.linspace(0.5, 1, 1240) * 240 + rng.normal(0, 3, (1754, 1240))
    assert find_lines(page()) == []
    assert find_lines(np.clip(slope, 0, 255).astype(np.uint8)) == []


@pytest.mark.parametrize("degrees", [-5, -1.5, 3, 5])
def test_lines_of_a_page_scanned_askew_are_cut_level(degrees: float) -> None:
    paper, boxes = class_list()
    askew, move = rotated(paper, degrees)
    lines = find_lines(askew)
    assert len(lines) == len(boxes)
    for line, (x, y, w, h) in zip(lines, boxes, strict=True):
        corners = np.array([[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]], float)
        there = cv2.perspectiveTransform(corners, move)[0]
        left, top = there.min(0)
        wide, tall = there.max(0) - (left, top)
        assert overlap(line.box, (round(left), round(top), round(wide), round(tall))) > 0.75
        level = line.crop[:, : round(w * 1.3)]
        rows = np.flatnonzero((level < 128).any(axis=1))
        assert len(rows) < 1.25 * h, "the writing would reach over more rows if it were askew"


@pytest.mark.parametrize("dpi", [100, 300, 600])
def test_the_same_page_has_the_same_lines_at_any_resolution(dpi: int) -> None:
    paper, boxes = class_list()
    scaled = cv2.resize(paper, None, fx=dpi / 150, fy=dpi / 150, interpolation=cv2.INTER_AREA)
    lines = find_lines(np.asarray(scaled, np.uint8))
    assert len(lines) == len(boxes)
    for line, box in zip(lines, boxes, strict=True):
        x, y, w, h = (round(v * 150 / dpi) for v in line.box)
        assert overlap((x, y, w, h), box) > 0.75


def test_a_ruled_line_under_a_name_is_taken_out_and_the_name_stays() -> None:
    paper = page()
    box = paste(paper, handwriting("thomas"), 150, 300)
    (clean,) = find_lines(paper.copy())
    for y in range(200, 1600, 90):
        cv2.line(paper, (60, y), (1180, y), 90, 2)
    bottom = box[1] + box[3] - 4
    cv2.line(paper, (60, bottom), (1180, bottom), 90, 3)
    (ruled,) = find_lines(paper)
    assert overlap(ruled.box, box) > 0.7
    ink, ruled_ink = (int((crop < 128).sum()) for crop in (clean.crop, ruled.crop))
    assert 0.9 * ink < ruled_ink < 1.25 * ink


def test_two_names_in_cells_of_a_table_are_kept_apart() -> None:
    paper = page()
    boxes = []
    for row in range(4):
        boxes.append(paste(paper, handwriting("manon"), 130, 330 + 110 * row))
        boxes.append(paste(paper, handwriting("maeva"), 130 + boxes[-1][2] + 40, 330 + 110 * row))
    wall = 130 + boxes[0][2] + 20
    for x in (100, wall, 1100):
        cv2.line(paper, (x, 300), (x, 740), 60, 3)
    for y in range(300, 741, 110):
        cv2.line(paper, (100, y), (1100, y), 60, 3)
    lines = find_lines(paper)
    assert [max(overlap(line.box, box) for line in lines) > 0.7 for box in boxes] == [True] * 8
    assert len(lines) == 8


def test_words_of_one_line_stay_together() -> None:
    paper = page()
    one = paste(paper, handwriting("manon"), 150, 300)
    paste(paper, handwriting("thomas"), 150 + one[2] + 60, 300)
    (line,) = find_lines(paper)
    assert line.box[2] > 1.8 * one[2]


def test_a_sheet_seen_from_the_side_on_a_table_is_laid_flat() -> None:
    paper, boxes = class_list()
    seen = on_table(paper, [(260, 150), (1010, 210), (1120, 1290), (130, 1230)], (1300, 1400))
    lines = find_lines(seen)
    assert len(lines) == len(boxes)
    heights = [line.crop.shape[0] for line in lines]
    assert max(heights) < 1.5 * min(heights)
    for line in lines:
        x, y, w, h = line.box
        assert 130 <= x < x + w <= 1120
        assert 150 <= y < y + h <= 1290


def test_a_tail_into_the_next_line_is_parted_between_them() -> None:
    paper, boxes = class_list(["manon", "thomas"], pitch=75)
    x, y, w, h = boxes[0]
    cv2.line(paper, (x + w // 2, y + h // 2), (x + w // 2, boxes[1][1] + 20), 10, 4)
    upper, lower = find_lines(paper)
    x2, y2, w2, h2 = boxes[1]
    between = round((y + h / 2 + y2 + h2 / 2) / 2)  # of the tail each has its half
    assert overlap(upper.box, (x, y, w, between - y)) > 0.7
    assert overlap(lower.box, (x2, between, w2, y2 + h2 - between)) > 0.7


def test_neighbours_are_not_in_a_lines_crop() -> None:
    paper, _ = class_list(list(NAMES), pitch=62)  # rows nearly touch
    for line in find_lines(paper):
        assert (line.crop[0] > 128).all()
        assert (line.crop[-1] > 128).all()


def test_all_ink_of_a_line_is_its_own() -> None:
    paper, _ = class_list()
    layout = lay_out(paper)
    for span in layout.spans:
        x, y, w, h = span.box
        inside = layout.labels[y : y + h, x : x + w]
        assert ((layout.ink[y : y + h, x : x + w] > 0) == (inside == span.label)).mean() > 0.99


def test_pixels_of_few_and_of_many_blots_vote_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    component, ridge = rng.integers(40, size=900), rng.integers(1, 9, size=900)
    few = layout._votes(component, ridge, 40, 9)
    monkeypatch.setattr(layout, "LIMITS", replace(layout.LIMITS, most_pairs=1))
    many = layout._votes(component, ridge, 40, 9)
    for one, other in zip(few, many, strict=True):
        np.testing.assert_array_equal(one, other)
    table = np.zeros((40, 9), int)
    np.add.at(table, (component, ridge), 1)
    np.testing.assert_array_equal(table[few[0], few[1]], few[2])
    assert len(few[0]) == np.count_nonzero(table)


@pytest.mark.parametrize("small", [0.8, 0.9, 1.0, 1.2])
@pytest.mark.parametrize("large", [2.6, 3.0, 3.4])
def test_a_name_much_larger_than_the_print_around_it_is_one_line(
    large: float, small: float
) -> None:
    card = np.full((500, 1000), 255, np.uint8)
    for y in (60, 400, 460):
        cv2.putText(card, "badge visiteur a rendre", (60, y), 0, small, 60, 2, cv2.LINE_AA)
    cv2.putText(card, "ZOE", (300, 260), 0, large, 40, 9, cv2.LINE_AA)
    heights = [line.box[3] for line in find_lines(card)]
    assert len(heights) == 4
    assert heights[1] > 1.4 * heights[0]


def test_lines_whose_tails_touch_stay_two() -> None:
    paper = np.full((500, 1000), 255, np.uint8)
    for y in (200, 290):
        cv2.putText(paper, "MANON LUCAS", (100, y), 0, 2.2, 40, 6, cv2.LINE_AA)
    for x in (210, 430):
        cv2.line(paper, (x, 190), (x - 12, 260), 40, 6)
    assert len(find_lines(paper)) == 2


def test_a_short_ridge_is_a_line_only_where_it_goes_on_one() -> None:
    ridges = np.zeros((60, 400), np.uint8)
    ridges[30:33, 10:390] = 1  # a line
    ridges[18:21, 200:230] = 1  # tops of its letters
    assert len(layout._main_ridges(connected_components(ridges), 10.0)) == 1
    ridges[17:20, 40:185] = 1  # the line above, with a gap
    assert len(layout._main_ridges(connected_components(ridges), 10.0)) == 3


def test_a_grey_ruled_line_is_in_no_crop() -> None:
    paper, boxes = class_list(["manon"])
    y = boxes[0][1] + boxes[0][3] + 4
    cv2.line(paper, (80, y), (1100, y), 130, 3)
    (line,) = find_lines(paper)
    assert (line.crop[-6:] > 200).all()


def test_large_letters_that_touch_are_one_line_beside_small_print() -> None:
    card = np.full((500, 1000), 255, np.uint8)
    for y in (60, 400, 460):
        cv2.putText(card, "badge visiteur a rendre", (60, y), 0, 0.9, 60, 2, cv2.LINE_AA)
    for k in range(3):  # H whose bars run on, each with the next one's heads joined by a T's bar
        x = 300 + 90 * k
        for stroke in (x, x + 50):
            cv2.line(card, (stroke, 190), (stroke + 4, 250), 40, 5)
        cv2.line(card, (x, 218), (x + 50, 218), 40, 5)
        cv2.line(card, (x + 50, 190), (x + 90, 190), 40, 5)
        cv2.line(card, (x + 54, 250), (x + 80, 250), 40, 5)
    heights = [line.box[3] for line in find_lines(card)]
    assert len(heights) == 4
    assert max(heights) > 55
