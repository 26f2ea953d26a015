from __future__ import annotations

from hwr_edge.image.shape import Shape, holds_lines, shape_of
from pages import class_list, handwriting, page, paste, rotated


def test_published_crops_are_lines_and_pages_are_not() -> None:
    for shape in [(15, 288), (76, 288), (48, 328), (300, 2400), (100, 120), (1, 1)]:
        assert shape_of(*shape[::-1]) is Shape.LINE, shape
    for shape in [(1754, 1240), (1240, 1754), (450, 700), (720, 1280)]:
        assert shape_of(*shape[::-1]) is Shape.PAGE, shape


def test_a_page_holds_lines_and_neither_a_crop_nor_blank_paper_does() -> None:
    assert holds_lines(class_list()[0])
    assert holds_lines(rotated(class_list()[0], 90)[0])
    assert not holds_lines(handwriting("manon"))
    tall = page(300, 200)
    paste(tall, handwriting("manon"), 5, 70)
    assert not holds_lines(tall)
    assert not holds_lines(page(800, 1000))
