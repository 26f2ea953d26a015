from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from hwr_edge.errors import ModelError
from hwr_edge.image.pixels import Grey
from hwr_edge.line.shipped import default_model
from hwr_edge.page.line_kinds import (
    HEIGHT,
    WIDTH,
    Kind,
    LineKinds,
    shipped_kinds,
    windows_of,
    written_among,
)  # fmt: skip
from hwr_edge.page.locate import find_lines
from pages import NAMES, class_list, page, print_at


def typed(words: str, size: float = 1.2) -> Grey:
    """A line of print as it is cut from a page, in a font that is the same with every OpenCV."""
    sheet = Image.fromarray(page(1240, 400))
    font = ImageFont.load_default(size=30 * size)
    ImageDraw.Draw(sheet).text((60, 170), words, fill=40, font=font)
    paper = np.array(sheet)
    (line,) = find_lines(paper)
    return line.crop


def test_blank_paper_has_no_window_and_is_no_handwriting() -> None:
    blank: Grey = np.full((40, 300), 250, np.uint8)
    assert len(windows_of(blank)[0]) == 0
    assert not shipped_kinds().is_written(blank)


def test_a_short_line_is_one_window_and_a_long_one_several_up_to_its_ends() -> None:
    crop: Grey = np.full((64, 2400), 250, np.uint8)
    crop[20:44, 100:300] = 60
    windows, spans = windows_of(crop)
    assert windows.shape == (1, HEIGHT, WIDTH)
    assert spans == [(100, 300)]
    crop[20:44, 300:2300:7] = 60
    windows, spans = windows_of(crop)
    assert len(windows) == 4
    assert spans[0][0] == 100
    assert abs(spans[-1][1] - 2295) <= 2


def test_pale_ink_is_as_dark_as_black_in_a_window() -> None:
    crop: Grey = np.full((32, 200), 240, np.uint8)
    crop[8:24, 20:30] = 190
    ((window,), _) = windows_of(crop)
    assert window.min() < 5
    assert np.median(window) == 255


@pytest.mark.parametrize("size", [0.8, 1.2, 2.0])
@pytest.mark.parametrize(
    "words", ["Liste des eleves", "NOM ET PRENOM", "Date of birth:", "Signature"]
)
def test_print_is_no_handwriting(words: str, size: float) -> None:
    assert not shipped_kinds().is_written(typed(words, size))


def test_printed_digits_are_no_name() -> None:
    assert not shipped_kinds().is_written(typed("75011"))


def test_handwriting_is_told_as_such() -> None:
    for line in find_lines(class_list()[0]):
        assert shipped_kinds().is_written(line.crop)


def test_a_printed_label_before_a_name_leaves_it_handwriting() -> None:
    paper, boxes = class_list(tuple(NAMES)[:1])
    x, y, _, height = boxes[0]
    print_at(paper, "Nom :", x - 110, y + height - 8, 1.2)
    assert any(shipped_kinds().is_written(line.crop) for line in find_lines(paper))


def test_probabilities_add_up_to_one() -> None:
    found = shipped_kinds().probabilities(typed("Nom"))
    assert found.shape == (len(Kind),)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_the_shipped_file_is_small() -> None:
    path = default_model().with_name("print-int8.tflite")
    assert path.stat().st_size < 200_000


def test_a_file_that_is_no_such_model_or_is_damaged_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        LineKinds(tmp_path / "none.tflite")
    with pytest.raises(ModelError, match="tells print from handwriting"):
        LineKinds(default_model())
    data = bytearray(default_model().with_name("print-int8.tflite").read_bytes())
    data[len(data) // 3] ^= 1
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(data)
    with pytest.raises(ModelError, match="checksum"):
        LineKinds(damaged)


def test_thick_and_thin_print_are_print_alike() -> None:
    for thick in (1, 4):
        paper = page(1240, 400)
        cv2.putText(paper, "Fiche de la classe", (60, 200), 4, 1.6, 20, thick, cv2.LINE_AA)
        (line,) = find_lines(paper)
        assert not shipped_kinds().is_written(line.crop)


def test_a_doubtful_line_is_print_among_print_and_handwriting_among_handwriting() -> None:
    assert written_among([0.3] + [0.01] * 20, 0.1) == [False] * 21
    assert written_among([0.3] + [0.99] * 20, 0.1) == [True] * 21


def test_a_sure_line_alone_among_print_is_handwriting() -> None:
    assert written_among([0.97] + [0.01] * 200, 0.1) == [True] + [False] * 200


@pytest.mark.parametrize("least", [0.1, 0.4])
def test_a_line_by_itself_is_judged_by_itself(least: float) -> None:
    for own in (0.05, 0.2, 0.5):
        assert written_among([own], least) == [own >= least]
    assert written_among([], least) == []


def test_no_page_makes_a_line_handwriting_that_is_none_by_itself() -> None:
    assert not written_among([0.05] + [1.0] * 30, 0.1)[0]
