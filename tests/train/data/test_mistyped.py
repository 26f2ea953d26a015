"""Labels that are another name with one letter mistaken."""

from __future__ import annotations

from hwr_train.data.mistyped import correct_mistyped

BORNE = {
    "MATHILDE": 30_000.0,
    "MARIE": 900_000.0,
    "LISA": 20_000.0,
    "LIZA": 3_000.0,
    "ROSE": 9_000.0,
}


def test_a_name_with_one_letter_mistaken_counts_as_that_name() -> None:
    labels = {"MATHILDE": 400.0, "HATHILDE": 5.0, "MARIE": 900.0}
    assert correct_mistyped(labels, BORNE) == {"MATHILDE": 405.0, "MARIE": 900.0}


def test_each_word_of_a_label_is_looked_at() -> None:
    labels = {"MARIE": 900.0, "ROSE": 100.0, "ROSE-HARIE": 2.0}
    assert correct_mistyped(labels, BORNE) == {"MARIE": 900.0, "ROSE": 100.0, "ROSE-MARIE": 2.0}


def test_a_name_that_people_bear_stays_however_like_another_it_is() -> None:
    labels = {"LISA": 300.0, "LIZA": 40.0, "MARIE": 100.0}
    assert correct_mistyped(labels, BORNE) == labels


def test_more_labels_than_mistakes_explain_are_a_name_of_their_own() -> None:
    labels = {"MARIE": 300.0, "HARIE": 200.0}
    assert correct_mistyped(labels, BORNE) == labels


def test_what_is_like_no_name_stays() -> None:
    labels = {"QWERTZ": 3.0, "MARIE": 300.0}
    assert correct_mistyped(labels, BORNE) == labels


def test_without_a_reference_nothing_is_mended() -> None:
    labels = {"MATHILDE": 400.0, "HATHILDE": 1.0}
    assert correct_mistyped(labels, {}) == labels
