from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hwr_edge.page.among import FEATURES, Look, Weights, features, handwriting_among, look
from hwr_edge.page.line_kinds import shipped_kinds
from hwr_edge.page.locate import find_lines
from pages import NAMES, class_list, page, print_at

LEAST = -2.0
PRINT = Look((-6.0,), letter=20, wide=8, stroke=2, dark=30)
NAME = Look((5.0, 4.0), letter=30, wide=5, stroke=3, dark=60)
DRAWN = Look((2.0,), letter=22, wide=6, stroke=2.2, dark=35, apart=12, recur=1)
DOUBT = Look((0.5,), letter=20, wide=3, stroke=2, dark=30)


def shipped(looks: list[Look]) -> list[bool]:
    kinds = shipped_kinds()
    return handwriting_among(looks, LEAST, Weights(**kinds.card.among))


def test_the_shipped_weights_are_for_these_features() -> None:
    assert len(shipped_kinds().card.among["each"]) == FEATURES


def test_a_doubtful_line_is_print_among_print_and_handwriting_among_handwriting() -> None:
    assert shipped([DOUBT] + [PRINT] * 30) == [False] * 31
    assert all(shipped([DOUBT] + [NAME] * 30))


def test_a_sure_name_alone_among_print_is_handwriting() -> None:
    assert shipped([NAME] + [PRINT] * 60) == [True] + [False] * 60


def test_print_stays_print_among_handwriting() -> None:
    assert shipped([PRINT] + [NAME] * 30) == [False] + [True] * 30


def test_lines_that_look_written_are_print_where_their_letters_recur() -> None:
    drawn = [replace(DRAWN, recur=11) for _ in range(20)]
    assert not any(shipped([*drawn, *[PRINT] * 5]))
    assert all(shipped([DRAWN] * 20))
    assert (features(drawn)[:, 10] > 0.2).all()
    assert (features([DRAWN] * 20)[:, 10] == 0).all()


def test_a_line_by_itself_is_judged_by_itself() -> None:
    for odds in (-3.0, -1.0, 4.0):
        assert shipped([Look((odds,), 20, 5, 2, 30)]) == [odds >= LEAST]
    assert shipped([]) == []
    assert handwriting_among([DOUBT, PRINT], LEAST, Weights()) == [True, False]


def test_features_are_finite_whatever_is_on_the_page() -> None:
    nothing = Look((), letter=0, wide=0, stroke=1, dark=255)
    for looks in ([nothing], [nothing] * 4, [NAME, nothing], [NAME] * 9):
        known = features(looks)
        assert known.shape == (len(looks), FEATURES)
        assert np.isfinite(known).all()


def test_a_line_is_compared_with_the_page_s_print() -> None:
    letter, stroke, dark = features([NAME] + [PRINT] * 5)[0, 6:9]
    assert letter == pytest.approx(math.log(1.5))
    assert stroke == pytest.approx(math.log(1.5))
    assert dark == pytest.approx(0.6)


def test_how_a_line_looks_is_measured_on_its_strokes() -> None:
    crop = np.full((40, 300), 255, np.uint8)
    crop[18:22, 20:220] = 40
    seen = look(crop, [99.0], 20, 10)
    assert seen.stroke == pytest.approx(4, abs=0.5)
    assert seen.dark == 40
    assert seen.odds == (14.0,)
    assert look(np.full((40, 300), 255, np.uint8), [], 20, 10).dark == 255


def test_names_are_told_beside_printed_labels() -> None:
    paper, _ = class_list(tuple(NAMES))
    for row in range(6):
        print_at(paper, "Nom et prenom", 700, 150 + 90 * row, 0.8)
    lines = find_lines(paper)
    written = shipped_kinds().written_of(lines)
    assert [line.box[0] < 650 for line in lines] == written
    assert shipped_kinds().written_of(find_lines(page())) == []
