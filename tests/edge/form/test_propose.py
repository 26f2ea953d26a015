"""Places to write in, as real forms print them: pale, broken, shaded, open."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from drawn_forms import BOXES, empty_form
from hwr_edge.form.candidates import candidates_of
from hwr_edge.form.propose import look_at, propose_fields
from hwr_edge.image.pixels import Box, Grey

ROWS: tuple[Box, ...] = tuple((290, 300 + 100 * k, 780, 42) for k in range(6))


def common(one: Box, other: Box) -> float:
    """What two boxes have in common, of their union."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0, wide) * max(0, high)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def paper(words: Sequence[str] = ("Name", "Town", "Street", "School", "Mother", "Father")) -> Grey:
    """A page with a heading and a label before each of ROWS."""
    page: Grey = np.full((1500, 1150), 250, np.uint8)
    _type(page, "ENROLMENT FORM", 300, 120, 1.6)
    _type(page, "All entries in capital letters, one in each box", 250, 180, 0.8)
    for word, (_, y, _, height) in zip(words, ROWS, strict=True):
        _type(page, word, 60, y + height - 10, 0.9)
    return page


def _type(page: Grey, words: str, x: int, y: int, size: float) -> None:
    cv2.putText(page, words, (x, y), cv2.FONT_HERSHEY_DUPLEX, size, 20, 2, cv2.LINE_AA)


def scanned(page: Grey) -> Grey:
    """A little soft, with grain."""
    soft = cv2.GaussianBlur(page, (0, 0), 0.7).astype(np.float64)
    return np.clip(soft + np.random.default_rng(3).normal(0, 3, page.shape), 0, 255).astype(
        np.uint8
    )


def comb(page: Grey, box: Box, cells: int, shade: int = 80) -> list[int]:
    """Print a row of cells; the places of the lines between them."""
    x, y, width, height = box
    cv2.rectangle(page, (x, y), (x + width, y + height), shade, 2)
    between = [x + k * width // cells for k in range(1, cells)]
    for at in between:
        cv2.line(page, (at, y), (at, y + height), shade, 2)
    return between


def assert_proposed(page: Grey, truth: Sequence[Box], least: float = 0.8) -> None:
    proposed = propose_fields(scanned(page))
    assert len(proposed) == len(truth)
    for box, place in zip(proposed, truth, strict=True):
        assert common(box, place) > least


def test_boxes_combs_and_lines_are_proposed_and_boxes_to_tick_are_not() -> None:
    proposed = propose_fields(empty_form())
    assert len(proposed) == len(BOXES)
    for box, truth in zip(proposed, BOXES, strict=True):
        assert common(box, truth) > 0.5


_OLD_SEGMENTS = pytest.mark.xfail(
    tuple(map(int, cv2.__version__.split(".")[:2])) < (4, 12),
    reason="OpenCV's search for segments before 4.12 breaks one of these rows in two",
    strict=False,
)


@pytest.mark.parametrize("cells", [pytest.param(12, marks=_OLD_SEGMENTS), 23, 30])
def test_a_row_of_comb_cells_is_whole_where_lines_between_are_pale_or_broken(cells: int) -> None:
    page, rng = paper(), np.random.default_rng(cells)
    for box in ROWS:
        for at in comb(page, box, cells):
            fault, (_, y, _, height) = rng.random(), box
            if fault < 0.15:  # broken in the middle
                page[y + 12 : y + height - 12, at - 3 : at + 4] = 250
            elif fault < 0.25:  # as good as gone
                page[y + 3 : y + height - 2, at - 3 : at + 4] = 246
    assert_proposed(page, ROWS)


def test_pale_combs_are_seen_and_nothing_between_them() -> None:
    page = paper()
    for box in ROWS:
        comb(page, box, 23, shade=210)
    assert_proposed(page, ROWS)


def test_shaded_places_without_an_outline_are_fields_and_a_shaded_heading_is_none() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        page[y : y + height, x : x + width] = 225
    page[200:240, 60:1070] = 225
    _type(page, "Your family", 70, 230, 0.9)
    assert_proposed(page, ROWS)


@pytest.mark.parametrize("side", ["top", "low", "left", "right"])
def test_a_box_that_lost_an_edge_is_a_field_where_it_is(side: str) -> None:
    page = paper()
    for x, y, width, height in ROWS:
        right, low = x + width, y + height
        edges = {
            "top": ((x, y), (right, y)),
            "low": ((x, low), (right, low)),
            "left": ((x, y), (x, low)),
            "right": ((right, y), (right, low)),
        }
        for name, (start, end) in edges.items():
            if name != side:
                cv2.line(page, start, end, 30, 2)
    one_bit = np.where(page < 128, 0, 255).astype(np.uint8)
    proposed = propose_fields(one_bit)
    assert len(proposed) == len(ROWS)
    assert all(common(box, row) > 0.8 for box, row in zip(proposed, ROWS, strict=True))


@pytest.mark.parametrize("kind", ["dotted", "dashed", "ruled"])
def test_the_room_above_a_line_is_a_field(kind: str) -> None:
    page = paper()
    for x, y, width, height in ROWS:
        step, long = {"dotted": (9, 2), "dashed": (22, 13), "ruled": (1, 1)}[kind]
        for at in range(x, x + width, step):
            page[y + height : y + height + 2, at : at + long] = 60
    proposed = propose_fields(scanned(page))
    assert len(proposed) == len(ROWS)
    for box, (x, y, width, height) in zip(proposed, ROWS, strict=True):
        assert common((box[0], 0, box[2], 9), (x, 0, width, 9)) > 0.9
        assert box[1] < y + height - 25 < y + height < box[1] + box[3]


def test_a_comb_that_is_open_above_is_a_field_as_high_as_letters_need() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        cv2.line(page, (x, y + height), (x + width, y + height), 60, 2)
        for at in range(x, x + width + 1, width // 20):
            cv2.line(page, (at, y + height - 16), (at, y + height), 60, 2)
    assert_proposed(page, ROWS, least=0.7)


def test_frames_page_edges_and_lines_that_part_sections_are_no_fields() -> None:
    page = paper()
    cv2.rectangle(page, (30, 260), (1120, 900), 60, 2)  # around all fields
    cv2.line(page, (40, 1000), (1110, 1000), 60, 2)
    page[-12:] = 40  # the scanner's lid
    page[:, :6] = 40
    for box in ROWS:
        comb(page, box, 12)
    _type(page, "Please return it before the end of June", 60, 1060, 0.8)
    assert_proposed(page, ROWS)


def test_a_table_has_a_field_in_each_empty_cell_and_none_in_its_headings() -> None:
    page = paper(("",) * len(ROWS))
    for row in range(4):
        for column in range(3):
            at = 60 + 340 * column, 300 + 60 * row
            cv2.rectangle(page, at, (at[0] + 340, at[1] + 60), 60, 2)
            if row == 0 or column == 0:
                _type(page, "Word", at[0] + 10, at[1] + 42, 0.9)
    assert_proposed(
        page, [(400 + 340 * c, 360 + 60 * r, 340, 60) for r in range(3) for c in (0, 1)]
    )


def test_a_line_to_write_on_in_a_box_is_one_field() -> None:
    form = np.full((1100, 800), 255, np.uint8)
    for k, words in enumerate(("Application form", "Please write in capitals", "Class and year")):
        cv2.putText(form, words, (60, 80 + k * 60), 0, 0.7, (0,), 2, cv2.LINE_AA)
    cv2.rectangle(form, (60, 400), (740, 480), (0,), 2)
    cv2.line(form, (100, 465), (700, 465), (0,), 1)
    assert len(propose_fields(form)) == 1


def test_nothing_is_proposed_on_a_blank_sheet() -> None:
    assert propose_fields(np.full((900, 700), 255, np.uint8)) == []


def test_rows_of_small_print_in_a_low_scan_are_no_lines_to_write_on() -> None:
    page = paper()
    for k in range(12):
        _type(
            page, "Please return it before the end of June, signed by both", 60, 920 + 24 * k, 0.5
        )
    for x, y, width, height in ROWS:
        cv2.rectangle(page, (x, y), (x + width, y + height), 60, 2)
    low = cv2.resize(page, None, fx=0.58, fy=0.58, interpolation=cv2.INTER_AREA)  # 75 dpi
    proposed = propose_fields(scanned(np.asarray(low, np.uint8)))
    assert len(proposed) == len(ROWS)


def test_a_line_with_its_label_below_is_a_field_from_end_to_end() -> None:
    page = paper(("",) * len(ROWS))
    _type(page, "Office use only", 40, 1300, 0.9)
    for word, (x, y, width, height) in zip(("Name", "Town", "Street"), ROWS, strict=False):
        cv2.line(page, (x, y + height), (x + width, y + height), 60, 2)
        _type(page, word, x, y + height + 24, 0.6)
    proposed = propose_fields(scanned(page))
    assert [(box[0] < 300, box[0] + box[2] > 1060) for box in proposed] == [(True, True)] * 3


def test_a_row_to_write_in_ends_at_a_dark_bar_above_it() -> None:
    page = paper()
    x, y, width, height = ROWS[0]
    cv2.rectangle(page, (40, y - 30), (1110, y), 20, -1)
    for _, top, _, _ in ROWS:
        cv2.line(page, (x, top + height), (x + width, top + height), 60, 2)
    found = propose_fields(scanned(page))
    assert len(found) == len(ROWS)
    assert found[0][1] >= y - 3


def test_a_shaded_place_with_its_own_label_is_a_field_and_a_boxed_heading_none() -> None:
    page = paper(("",) * len(ROWS))
    x, y, width, height = ROWS[0]
    page[y : y + 2 * height, x : x + width] = 214
    _type(page, "Name", x + 6, y + 18, 0.6)
    cv2.rectangle(page, (60, 500), (1090, 545), 60, 2)
    _type(page, "2. Payment", 70, 533, 0.9)
    (box,) = propose_fields(scanned(page))
    assert y - 2 <= box[1] < y + height
    assert box[1] + box[3] <= y + 2 * height + 3


def test_the_rounded_corners_of_a_dark_logo_are_no_lines_to_write_on() -> None:
    page = paper()
    cv2.rectangle(page, (900, 60), (1090, 230), 20, -1)
    for box in ROWS:
        comb(page, box, 12)
    assert_proposed(page, ROWS)


def test_a_row_of_narrow_boxes_with_thick_sides_is_one_field() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        for at in range(x, x + width - 20, 34):
            cv2.rectangle(page, (at, y), (at + 26, y + height), 30, 4)
    assert_proposed(page, ROWS)


def test_two_lines_with_a_small_gap_are_two_fields() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        for left, right in ((x, x + width // 2 - 8), (x + width // 2 + 8, x + width)):
            cv2.line(page, (left, y + height), (right, y + height), 60, 2)
    assert len(propose_fields(scanned(page))) == 2 * len(ROWS)


def test_the_line_below_a_heading_is_no_field_beside_it() -> None:
    page = paper()
    for box in ROWS:
        comb(page, box, 12)
    for top in (960, 1200):
        _type(page, "Payment", 60, top, 1.1)
        cv2.line(page, (60, top + 10), (700, top + 10), 60, 2)
    assert_proposed(page, ROWS)


def test_bubbles_to_fill_are_not_taken_for_letters() -> None:
    page = paper()
    for box in ROWS:
        comb(page, box, 18)
    before, _ = look_at(scanned(page))
    for k in range(80):
        at = 100 + 60 * (k % 16), 1000 + 70 * (k // 16)
        cv2.circle(page, at, 13, (60,), 1, cv2.LINE_AA)
        cv2.putText(page, "ABCD"[k % 4], (at[0] - 5, at[1] + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 60)
    seen, _ = look_at(scanned(page))
    assert seen.letter == pytest.approx(before.letter, rel=0.1)
    assert_proposed(page, ROWS)


def test_pale_lines_of_a_low_scan_are_followed_where_they_are_blurred() -> None:
    page = paper()
    for x, y, width, height in ROWS:
        cv2.rectangle(page, (x, y), (x + width, y + height), 150, 1)
    low = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    proposed = propose_fields(np.asarray(low, np.uint8))
    assert len(proposed) == len(ROWS)
    for box, (x, y, width, height) in zip(proposed, ROWS, strict=True):
        assert common(box, (x // 2, y // 2, width // 2, height // 2)) > 0.7


def test_two_combs_side_by_side_are_two_fields() -> None:
    page, halves = paper(), list[Box]()
    for x, y, _, height in ROWS:
        for left in (x, x + 400):
            comb(page, (left, y, 360, height), 12)
            halves.append((left, y, 360, height))
    assert_proposed(page, halves)


def test_a_word_that_stands_on_a_line_parts_it() -> None:
    page, gaps = paper(), list[Box]()
    for x, y, width, height in ROWS:
        cv2.line(page, (x, y + height), (x + width, y + height), 60, 2)
        _type(page, "born on", x + 330, y + height - 2, 0.9)
        gaps += [(x, y, 320, height), (x + 440, y, width - 440, height)]
    look, part = look_at(scanned(page))
    found = [tuple(round(v / part) for v in one.place) for one in candidates_of(look)]
    for x, y, width, _ in gaps:
        ends = [(left, right) for left, top, right, low in found if top < y + 40 < low + 10]
        assert any(abs(left - x) < 30 and abs(right - x - width) < 30 for left, right in ends)
