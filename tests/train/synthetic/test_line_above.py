"""Crops with the line above, made of other crops' upper lines."""

import cv2
import numpy as np

from hwr_edge.image.pixels import PAPER, Grey
from hwr_train.synthetic.line_above import put_below, upper_lines


def _blank() -> Grey:
    return np.full((48, 384), PAPER, np.uint8)


def _two_lines() -> Grey:
    canvas = _blank()
    cv2.putText(canvas, "CODE : 0412345X", (4, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    cv2.putText(canvas, "NAME : MARTINE", (4, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    return canvas


def _one_line() -> Grey:
    canvas = _blank()
    cv2.putText(canvas, "MARTIN", (20, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 2)
    return canvas


def test_upper_lines_come_from_canvases_of_two_lines_only() -> None:
    found = upper_lines(np.stack([_one_line(), _two_lines(), _blank()]))
    assert len(found) == 1
    line = found[0]
    assert line.shape[1] == 384
    assert (_two_lines()[: len(line)] == line).all()
    assert (line < 100).any()
    assert not (line[-1] < 100).any()


def test_a_slice_of_ink_at_the_edge_is_no_line() -> None:
    canvas = _one_line()
    canvas[:3, 40:300] = 0
    canvas[-3:, 40:300] = 0
    assert upper_lines(canvas[None]) == []


def test_a_name_stands_below_the_line_and_in_some_its_feet_are_cut_off() -> None:
    line = upper_lines(_two_lines()[None])[0]
    cut = 0
    for seed in range(40):
        made = put_below(_one_line(), line, np.random.default_rng(seed))
        assert made.shape == (48, 384)
        assert made.dtype == np.uint8
        assert (made[: len(line)] == line).all()
        assert (made[len(line) :] < 100).any(axis=1).sum() >= 6
        cut += bool((made[-1] < 100).any())
    assert 5 <= cut <= 39


def test_a_canvas_without_ink_stays_as_it_is() -> None:
    line = upper_lines(_two_lines()[None])[0]
    assert (put_below(_blank(), line, np.random.default_rng(0)) == PAPER).all()
