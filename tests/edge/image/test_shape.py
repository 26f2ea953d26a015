from __future__ import annotations

from hwr_edge.image.shape import Shape, shape_of


def test_published_crops_are_lines_and_pages_are_not() -> None:
    for shape in [(15, 288), (76, 288), (48, 328), (300, 2400), (100, 120), (1, 1)]:
        assert shape_of(*shape[::-1]) is Shape.LINE, shape
    for shape in [(1754, 1240), (1240, 1754), (450, 700), (720, 1280)]:
        assert shape_of(*shape[::-1]) is Shape.PAGE, shape
