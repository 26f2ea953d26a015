"""Made forms from end to end: drawn, photographed, aligned, cut and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hwr_edge.errors import ImageError
from hwr_edge.form.align import Aligner
from hwr_edge.form.fields import FieldCutter
from hwr_edge.form.new import new_form
from hwr_edge.form.template import Field, Form, read_form
from hwr_edge.line.recognizer import Recognizer
from made_forms import KINDS, Design, MadeForm, design, photograph, photograph_of, scan
from made_pages import scanned

_BOXES, _LINES = 5, 2  # numbers of designs with mostly these
_OTHER_WORDS = 1000


def _aligner(made: Design) -> Aligner:
    image = scanned(made.sheet.paper, np.random.default_rng(1))
    fields = tuple(Field(f"field{k}", box) for k, box in enumerate(made.boxes, 1))
    return Aligner(Form(Path("made.toml"), image, fields))


@pytest.fixture(scope="module")
def lines() -> Aligner:
    return _aligner(design(_LINES))


def test_the_same_numbers_make_the_same_form() -> None:
    one, other = (photograph(design(3), np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one.image, other.image)
    assert [f.text for f in one.filled] == [f.text for f in other.filled]
    assert not np.array_equal(one.image, photograph(design(3), np.random.default_rng(5)).image)


def test_designs_differ_and_have_every_kind_of_field() -> None:
    papers = [design(number, dpi=50) for number in range(1, 11)]
    assert len({one.sheet.paper.tobytes() for one in papers}) == len(papers)
    assert all(one.places for one in papers)
    assert len(KINDS) == 5
    assert any(place.cells for one in papers for place in one.places)


@pytest.mark.parametrize("make", [scan, photograph])
def test_most_names_of_made_forms_are_read_in_their_own_fields(
    make: Callable[[Design, np.random.Generator], MadeForm],
) -> None:
    recognizer = Recognizer()
    fields = right = as_clean = 0
    for number in range(1, 6):  # a single form has ten names: two more or less would be chance
        aligner = _aligner(design(number))
        made = make(design(number), np.random.default_rng(11))
        for cut, truth in zip(
            FieldCutter(aligner.form).cut(aligner.align(made.image)), made.filled, strict=True
        ):
            most = 0.2 * np.ptp(truth.quad, axis=0).min() + 5
            assert np.abs(cut.corners - truth.quad).max() < most
            fields += 1
            right += recognizer.read_grey(cut.crop).text == truth.text
            clean = "" if truth.clean is None else recognizer.read_grey(truth.clean).text
            as_clean += clean == truth.text
    assert right >= 0.8 * as_clean
    assert right >= 0.6 * fields


def test_the_same_layout_with_other_words_is_refused(lines: Aligner) -> None:
    other = photograph(design(_LINES, words=_OTHER_WORDS), np.random.default_rng(3))
    with pytest.raises(ImageError, match=r"does not look like the form made\.toml"):
        lines.align(other.image)


def test_a_scanned_empty_form_becomes_a_form_that_fits_filled_ones(tmp_path: Path) -> None:
    made = design(_BOXES)
    rng = np.random.default_rng(2)
    new_form(scanned(made.sheet.paper, rng), tmp_path / "made.toml")
    form = read_form(tmp_path / "made.toml")
    assert len(form.fields) == len(made.places)
    filled = scan(made, np.random.default_rng(7), empty=0.0)
    recognizer = Recognizer()
    cuts = FieldCutter(form).cut(Aligner(form).align(filled.image))
    read = [recognizer.read_grey(cut.crop).text for cut in cuts]
    assert sum(a == b.text for a, b in zip(read, filled.filled, strict=True)) >= len(read) / 2


def test_nobodys_blank_sheet_is_a_form(lines: Aligner) -> None:
    blank = photograph_of(np.full((1500, 1100), 255, np.uint8), np.random.default_rng(1))
    with pytest.raises(ImageError):
        lines.align(blank)
