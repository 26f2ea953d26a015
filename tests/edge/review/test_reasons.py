"""Why a reading is shown, and which of its letters are doubtful."""

from __future__ import annotations

import pytest

from hwr_edge.review.reasons import Reason, doubted_runs, reasons_of

SHOWN: dict[str, object] = {"review": True}


@pytest.mark.parametrize(
    ("row", "others", "reasons"),
    [
        ({"review": False}, [("AC", 0.4)], ()),
        (SHOWN, [], (Reason.UNSURE,)),
        (SHOWN, [("AC", 0.1)], (Reason.UNSURE,)),
        (SHOWN, [("AC", 0.4)], (Reason.ALIKE,)),
        (SHOWN, [("áb", 0.0)], (Reason.ALIKE,)),  # but for accents the same
        (SHOWN, [("AB", 0.4), ("", 0.5)], (Reason.UNSURE,)),  # itself, and nothing written
        ({"review": True, "match": None}, [("AC", 0.4)], (Reason.ABSENT,)),
        ({"review": True, "match": "AB"}, [("AC", 0.4)], (Reason.ALIKE,)),
        ({}, [], (Reason.UNMARKED,)),
        ({"match": None}, [], (Reason.ABSENT, Reason.UNMARKED)),
    ],
)
def test_a_row_says_why_it_is_shown(
    row: dict[str, object], others: list[tuple[str, float]], reasons: tuple[Reason, ...]
) -> None:
    assert reasons_of(row, "AB", 0.6, others) == reasons


@pytest.mark.parametrize(
    ("others", "runs"),
    [
        ([], ()),
        ([("DUPONT", 0.01)], ()),
        ([("DUPONT", 0.3)], (("DU", False), ("B", True), ("O", False), ("IS", True))),
        ([("DUBOI", 0.3)], (("DUBOI", False), ("S", True))),
        ([("DUBBOIS", 0.3)], (("DU", False), ("B", True), ("OIS", False))),
        ([("ADUBOIS", 0.3)], (("D", True), ("UBOIS", False))),
        ([("DUBOIS", 0.3), ("", 0.3)], ()),
    ],
)
def test_letters_are_doubtful_where_likely_choices_have_others(
    others: list[tuple[str, float]], runs: tuple[tuple[str, bool], ...]
) -> None:
    assert doubted_runs("DUBOIS", 0.6, others) == runs


def test_the_letters_own_probabilities_count_where_they_are_known() -> None:
    letters = [("A", 0.9), ("B", 0.2)]
    assert doubted_runs("AB", 0.6, [("CB", 0.4)], letters) == (("A", False), ("B", True))
    assert doubted_runs("AC", 0.6, [], letters) == ()  # those of another text


def test_nothing_has_no_doubtful_letter() -> None:
    assert doubted_runs("", 0.1, [("A", 0.9)]) == ()
