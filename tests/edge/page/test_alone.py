from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.page.alone import hides_lines
from hwr_edge.page.layout import lay_out
from hwr_edge.page.locate import find_lines
from pages import handwriting, page, paste


def test_letters_that_stand_on_most_of_a_grey_line_keep_their_feet() -> None:
    plain = page()
    for x in range(300, 840, 30):  # letters that touch each other, some with a level foot
        if x % 90 == 30:
            cv2.polylines(
                plain, [np.array([[x - 13, 222], [x - 13, 299], [x + 13, 299]])], False, 60, 5
            )
        else:
            cv2.ellipse(plain, (x, 280), (14, 20), 0, 0, 360, 60, 5, cv2.LINE_AA)
    ruled = plain.copy()
    cv2.line(ruled, (240, 298), (1000, 298), 130, 4)
    inks = []
    for paper in (plain, np.minimum(plain, ruled)):
        (line,) = find_lines(np.asarray(cv2.GaussianBlur(paper, (5, 5), 1), np.uint8))
        inks.append(np.count_nonzero(line.crop < 170))
    assert inks[1] == pytest.approx(inks[0], rel=0.08)


def test_two_lines_near_each_other_are_both_taken_out() -> None:
    paper = page()
    name = paste(paper, handwriting("manon"), 330, 240)
    for y in (304, 312):  # the ends of two boxes above each other
        cv2.line(paper, (250, y), (1000, y), 110, 3)
    (line,) = find_lines(paper)
    assert line.box[3] < 1.2 * name[3]
    crop = line.crop[:, : round(1.2 * name[2])]
    below = crop[round(0.85 * crop.shape[0]) :]
    assert (below > 200).mean() > 0.97


@pytest.mark.parametrize("pitch", [30, 90])
def test_a_line_is_hidden_by_letters_that_stand_side_by_side(pitch: int) -> None:
    paper = page()
    cv2.line(paper, (60, 300), (1200, 300), 130, 4)
    for x in range(300, 700, pitch):
        cv2.line(paper, (x, 240), (x, 300), 60, 22)
    hidden = hides_lines(lay_out(paper), (290, 230, 410, 80), 1.0)
    assert hidden == (pitch < 40)
