from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.image import ruled_lines
from hwr_edge.image.morphology import connected_components
from hwr_edge.image.pixels import Mask
from hwr_edge.image.ruled_lines import find_ruled_line_bands, ruled_line_pixels


def lined(letters: bool) -> Mask:
    """A level line 3 pixels thick, with letters standing on and reaching through it, if asked for."""
    ink = np.zeros((200, 600), np.uint8)
    ink[120:123, 20:580] = 1
    if letters:
        for x in range(60, 540, 60):
            cv2.line(ink, (x, 80), (x + 10, 150), 1, 4)  # through it
            cv2.line(ink, (x + 30, 116), (x + 50, 116), 1, 4)  # a foot close above it
    return ink


def test_a_line_is_found_without_the_letters_that_cross_it() -> None:
    ink = lined(letters=True)
    level, upright = find_ruled_line_bands(ink, ink)
    assert not upright.mask.any()
    lines = ruled_line_pixels(ink, level)
    assert lines[120:123].mean() > 0.6
    assert not lines[:117].any(), "a foot above the line is a letter's"
    left = ink & (1 - lines)
    for x in range(60, 540, 60):
        crossing = left[118:126, x : x + 12].any(axis=1)
        assert crossing.all(), "the letter goes on through the line"


def test_dotted_lines_are_lines_and_single_dots_are_not() -> None:
    ink = np.zeros((200, 600), np.uint8)
    ink[60:62, 100:102] = 1
    for x in range(50, 550, 7):
        ink[150:152, x : x + 2] = 1
    level, _ = find_ruled_line_bands(ink, ink)
    assert ruled_line_pixels(ink, level)[150:152].sum() > 0.9 * ink[150:152].sum()
    assert not level.mask[55:70].any()


def test_bars_of_letters_that_touch_are_no_line() -> None:
    ink = np.zeros((200, 600), np.uint8)
    ink[98:102, 60:540] = 1
    for x in range(60, 540, 12):  # the stems of a heavy hand, all joined by their bars
        ink[70:130, x : x + 5] = 1
    level, upright = find_ruled_line_bands(ink, ink)
    assert not level.mask.any()
    assert not upright.mask.any()


def test_a_line_full_of_letters_that_stand_on_it_is_one() -> None:
    ink = np.zeros((200, 600), np.uint8)
    ink[128:131, 20:580] = 1
    for x in range(60, 540, 24):
        ink[80:131, x : x + 4] = 1
    level, _ = find_ruled_line_bands(ink, ink)
    assert ruled_line_pixels(ink, level)[128:131].mean() > 0.6


def _blurred_word(line: bool) -> tuple[Mask, Mask]:
    """Strokes of a pen whose blur runs together, on a pale ruled line if asked for: ink, and what is grey."""
    ink, grey = np.zeros((2, 200, 600), np.uint8)
    for x in range(60, 540, 8):
        ink[96:100, x : x + 4] = 1  # feet of letters
        ink[70:100, x + 1 : x + 3] = 1
    grey[96:100, 58:540] = 1
    grey |= ink
    if line:
        grey[107:109, 20:580] = 1
    return ink, grey


def test_the_blur_between_letters_is_no_line() -> None:
    level, _ = find_ruled_line_bands(*_blurred_word(line=False))
    assert not level.mask.any()


def test_a_pale_line_under_blurred_letters_is_one() -> None:
    ink, grey = _blurred_word(line=True)
    level, _ = find_ruled_line_bands(ink, grey)
    assert level.mask[107:109, 30:570].mean() > 0.9


def test_a_wall_of_a_table_is_kept_where_its_head_is_shaded() -> None:
    band, shade = np.zeros((2, 200, 400), np.uint8)
    band[99:104, 20:380] = 1
    shade[100:103, 20:380] = 1
    shade[40:160, 20:240] = 1  # the head
    kept = [
        len(ruled_lines._without_letter_bars(band, shade, 3.0, shaded=shaded).area) - 1
        for shaded in (False, True)
    ]
    assert kept == [0, 1]


def test_without_bands_there_are_no_lines() -> None:
    assert not ruled_line_pixels(
        lined(letters=True), connected_components(np.zeros((200, 600), np.uint8))
    ).any()
