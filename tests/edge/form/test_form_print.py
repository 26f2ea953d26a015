"""A filled copy told from another form by its words: more ink says nothing, other print does."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_forms import WORDS, empty_form, form_at, written
from edge.form.test_propose import ROWS, comb, paper, scanned
from hwr_edge.errors import ImageError
from hwr_edge.form.align import Aligner
from hwr_edge.form.form_print import Difference, FormPrint
from hwr_edge.form.template import Field, Form
from hwr_edge.image.pixels import Grey


def enrolment(
    words: tuple[str, ...] = ("Name", "Town", "Street", "School", "Mother", "Father"),
) -> Grey:
    """A form with six comb rows and some print below."""
    page = paper(words)
    for box in ROWS:
        comb(page, box, 23)
    for k, said in enumerate(("I declare that this is true", "Place and date", "Office use only")):
        cv2.putText(
            page, said, (60, 980 + 90 * k), cv2.FONT_HERSHEY_DUPLEX, 0.9, 20, 2, cv2.LINE_AA
        )
    return page


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    """It names two of the six rows."""
    fields = Field("name", ROWS[0]), Field("mother", ROWS[4])
    return Aligner(Form(Path("enrolment.toml"), scanned(enrolment()), fields))


def test_a_copy_with_writing_in_rows_that_no_field_names_is_accepted(aligner: Aligner) -> None:
    page = enrolment()
    for x, y, _, _ in ROWS:
        page = written(page, (x - 20, y - 22, 0, 0))
    aligner.align(scanned(page))


def test_a_copy_with_writing_across_its_labels_is_accepted(aligner: Aligner) -> None:
    page = enrolment()
    for _, y, _, _ in ROWS[:3]:
        page = written(page, (30, y - 30, 0, 0))
    aligner.align(scanned(page))


@pytest.mark.parametrize("edge", ["left", "right", "top", "low"])
def test_a_copy_that_lost_a_little_at_an_edge_is_accepted(aligner: Aligner, edge: str) -> None:
    page, lost = scanned(enrolment()), 45
    cut = {
        "left": page[:, lost:],
        "right": page[:, :-lost],
        "top": page[lost:],
        "low": page[:-lost],
    }
    aligner.align(np.ascontiguousarray(cut[edge]))


@pytest.mark.parametrize("dpi", [72, 110, 300, 600])
def test_copies_of_any_resolution_are_accepted(aligner: Aligner, dpi: int) -> None:
    size = dpi / 137
    how = cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC
    copy = cv2.resize(scanned(enrolment()), None, fx=size, fy=size, interpolation=how)
    aligner.align(np.asarray(copy, np.uint8))


def test_a_fax_is_accepted_with_half_as_many_rows_as_columns(aligner: Aligner) -> None:
    fax = cv2.resize(enrolment(), None, fx=204 / 137, fy=98 / 137, interpolation=cv2.INTER_AREA)
    sheet = aligner.align(np.where(fax < 150, 0, 255).astype(np.uint8))
    x, y, _, _ = sheet.box_around(ROWS[0])
    assert abs(x - ROWS[0][0] * 204 / 137) < 4
    assert abs(y - ROWS[0][1] * 98 / 137) < 4


def test_a_form_with_one_other_label_is_refused_and_the_refusal_says_where(
    aligner: Aligner,
) -> None:
    twin = enrolment(("Name", "Town", "Street", "School", "Doctor", "Father"))
    with pytest.raises(
        ImageError,
        match=r"stands in the middle on the left \(near 'mother'\); compare it .* make a template",
    ):
        aligner.align(scanned(twin))


def test_a_page_without_its_print_is_refused_with_what_to_do(aligner: Aligner) -> None:
    with pytest.raises(ImageError, match=r"none of its print is found; scan the whole page"):
        aligner.align(np.full((1500, 1150), 255, np.uint8))


@pytest.mark.parametrize(("share", "told"), [(0.004, "none of its print"), (0.02, "2% of its")])
def test_a_refusal_never_says_that_none_of_a_hundred_words_are_there(
    aligner: Aligner, monkeypatch: pytest.MonkeyPatch, share: float, told: str
) -> None:
    difference = Difference(share, ((100, 100, 40, 12),))
    monkeypatch.setattr(Aligner, "_found", lambda *_: difference)
    with pytest.raises(ImageError, match=told):
        aligner.align(np.full((1500, 1150), 255, np.uint8))


def test_a_drawn_form_differs_from_one_with_half_of_its_labels() -> None:
    aligner = Aligner(form_at(Path("school.toml")))
    with pytest.raises(ImageError, match="of its words are there"):
        aligner.align(empty_form((*WORDS[:2], "District", "Doctor no.")))


def test_a_page_that_is_dark_in_the_place_of_most_words_is_refused(aligner: Aligner) -> None:
    page = paper(("", "", "", "", "", ""))
    page[280:] = 40
    with pytest.raises(ImageError, match="does not look like the form"):
        aligner.align(scanned(page))
    laid = aligner.print.difference(scanned(page))
    assert laid is not None


def few_words(lines: bool, title: str = "ENROLMENT FORM") -> Grey:
    """A form with little print but its rows."""
    page: Grey = np.full((1500, 1150), 250, np.uint8)
    for k, said in enumerate((title, "Place and date")):
        at = 300, 120 + 1200 * k
        cv2.putText(page, said, at, cv2.FONT_HERSHEY_DUPLEX, 0.9, 20, 2, cv2.LINE_AA)
    for x, y, width, height in ROWS:
        if lines:
            cv2.rectangle(page, (x, y), (x + width, y + height), 80, 2)
    return page


def test_a_copy_that_lost_its_thin_lines_has_its_print() -> None:
    print_ = FormPrint(scanned(few_words(True)), [])
    assert print_.difference(scanned(few_words(False))) is None
    other = print_.difference(scanned(few_words(False, "SCHOOL CANTEEN")))
    assert other is not None


def test_a_form_of_few_words_is_told_by_its_lines() -> None:
    print_ = FormPrint(scanned(few_words(True)), [])
    other = few_words(False)
    for x, y, _, _ in ROWS[:4]:
        cv2.rectangle(other, (60, y + 20), (x + 200, y + 150), 80, 2)
    assert print_.difference(scanned(other)) is not None
