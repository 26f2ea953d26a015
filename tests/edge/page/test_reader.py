from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from hwr_edge.errors import ImageError
from hwr_edge.image.pixels import Grey
from hwr_edge.image.turning import turned_box, upright
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.locate import find_lines
from hwr_edge.page.reader import read_page
from pages import (
    NAMES,
    answer_sheet,
    class_list,
    handwriting,
    on_table,
    overlap,
    page,
    paste,
    print_at,
    speckled_sheet,
)


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    return Recognizer()


def listed() -> Grey:
    """A class list with a printed heading."""
    paper, _ = class_list()
    print_at(paper, "Liste des eleves de la classe", 150, 130, 1.4)
    return paper


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_names_are_read_whichever_way_up_the_page_lies(reader: Recognizer, turn: int) -> None:
    found = read_page(reader, upright(listed(), (360 - turn) % 360))
    assert [reading.text for reading in found.readings] == list(NAMES.values())
    assert found.turn == turn
    for reading, box in zip(found.readings, class_list()[1], strict=True):
        assert overlap(reading.box, box) > 0.7, "boxes are in the turned image"


def test_a_photograph_of_a_card_is_read(reader: Recognizer) -> None:
    paper = page(700, 450)
    paper[150:400, 60:680] = class_list(["thomas"])[0][230:480, 130:750]
    seen = on_table(paper, [(200, 140), (880, 190), (860, 640), (150, 600)], (1000, 800))
    assert [reading.text for reading in read_page(reader, seen).readings] == ["THOMAS"]


def four_cards() -> Grey:
    """A dark table with a card for each name, two beside each other."""
    table = np.full((1000, 1500), 60, np.uint8)
    for k, name in enumerate(NAMES):
        card = page(600, 360)
        paste(card, handwriting(name), 150, 150)
        x, y = 60 + 720 * (k % 2), 80 + 440 * (k // 2)
        corners = [(x, y), (x + 600, y + 20), (x + 590, y + 380), (x - 10, y + 360)]
        table = np.maximum(table, on_table(card, corners, (1500, 1000)))
    return table


@pytest.mark.parametrize("turn", [0, 180])
def test_all_cards_in_a_photograph_are_read(reader: Recognizer, turn: int) -> None:
    found = read_page(reader, upright(four_cards(), turn))
    assert [reading.text for reading in found.readings] == list(NAMES.values())
    assert found.turn == turn


def test_a_part_of_an_image_has_the_lines_of_the_sheets_there() -> None:
    grey = four_cards()
    assert len(find_lines(grey)) == 4
    (line,) = find_lines(grey, (750, 0, 750, 480))
    assert overlap(line.box, (930, 240, 250, 60)) > 0.3
    assert len(find_lines(grey, (0, 0, 1500, 480))) == 2


def test_a_blank_page_and_one_with_print_alone_have_no_names(reader: Recognizer) -> None:
    assert read_page(reader, page()).readings == ()
    paper = page()
    print_at(paper, "Liste des eleves de la classe", 150, 130, 1.4)
    print_at(paper, "Autorisation de sortie des eleves", 150, 300)
    assert read_page(reader, paper).readings == ()


def test_an_image_without_paper_is_told(reader: Recognizer) -> None:
    rough = np.random.default_rng(0).integers(0, 255, (40, 60)).astype(np.uint8)
    with pytest.raises(ImageError, match="no paper was found"):
        read_page(reader, np.asarray(cv2.resize(rough, (1200, 800)), np.uint8))


def test_digits_alone_and_print_beside_names_give_no_reading(reader: Recognizer) -> None:
    paper = listed()
    print_at(paper, "75011", 150, 900, 1.6)
    print_at(paper, "Signature du responsable :", 500, 1100, 1.2)
    found = read_page(reader, paper).readings
    assert [reading.text for reading in found] == list(NAMES.values())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_box_turns_with_its_image(turn: int) -> None:
    grey = np.zeros((40, 60), np.uint8)
    grey[5:12, 20:23] = 9
    x, y, w, h = turned_box((20, 5, 3, 7), turn, grey.shape)
    turned = upright(grey, turn)
    assert (turned[y : y + h, x : x + w] == 9).all()
    assert turned.sum() == 9 * 21


class ReadsUpsideDown:
    """Reads the first so many lines that it is given fairly well, the next better, and no others."""

    def __init__(self, lines: int) -> None:
        self.readings = [*[Reading("SIMON", 0.5, (), (0, 0, 9, 9))] * lines] + [
            Reading("UOWIS", 0.75, (), (0, 0, 9, 9))
        ] * lines

    def read_grey(self, _: Grey) -> Reading:
        return self.readings.pop(0) if self.readings else Reading("", 1.0, (), (0, 0, 9, 9))


@pytest.mark.parametrize(("names", "turn"), [(["manon"], 0), (list(NAMES), 180)])
def test_few_letters_that_read_better_upside_down_turn_no_page(names: list[str], turn: int) -> None:
    paper, boxes = class_list(names)
    stub: Any = ReadsUpsideDown(len(boxes))
    assert read_page(stub, paper).turn == turn


def test_hundreds_of_bubbles_do_not_end_the_reading_of_a_page(reader: Recognizer) -> None:
    found = read_page(reader, answer_sheet(), "sheet.png")
    assert [reading.text for reading in found.readings] == ["MANON"]
    assert found.turn == 0
    assert found.note == ""  # bubbles are no lines


def test_hundreds_of_marks_get_a_note_and_the_name_is_read(reader: Recognizer) -> None:
    found = read_page(reader, speckled_sheet(), "sheet.png")
    assert [reading.text for reading in found.readings] == ["MANON"]
    assert found.turn == 0
    assert found.note.startswith("sheet.png: ")
    assert "marks look like lines" in found.note
    assert read_page(reader, class_list()[0]).note == ""
