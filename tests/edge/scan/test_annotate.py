from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fakes import draw
from hwr_edge.errors import OutputError
from hwr_edge.image.document import Unit
from hwr_edge.line.reading import Reading
from hwr_edge.scan.annotate import Annotator, annotate, annotate_page
from hwr_edge.scan.scan import Page


def reading(text: str = "LEA", box: tuple[int, int, int, int] = (0, 0, 256, 64)) -> Reading:
    return Reading(text, 0.93, (0.9,) * len(text), box)


def write(annotator: Annotator, image: str, page: int | None = None) -> Path:
    """What `write` makes of an image of one line."""
    return annotator.write(Unit(image, page), draw("A"), Page(0, ((None, reading()),)))


@pytest.mark.parametrize("shape", [(1, 1), (64, 256), (600, 30), (20, 3000)])
@pytest.mark.parametrize("text", ["", "LEA", "ZOÉ", "李", "A" * 60])
def test_the_image_stays_and_the_reading_stands_below(shape: tuple[int, int], text: str) -> None:
    grey = np.full(shape, 200, np.uint8)
    out = annotate(grey, reading(text, (0, 0, shape[1], shape[0])))
    height, width = shape
    assert out.shape[0] >= height + 20
    assert out.shape[1] >= max(width, 240)
    assert (out[:height, :width] == 200).all()
    strip = out[height + 2 :]
    assert strip.min() < 128
    assert (strip[:, -2:] == 255).all(), "the caption runs over the edge"


def test_different_readings_look_different() -> None:
    assert not np.array_equal(annotate(draw("A"), reading("A")), annotate(draw("A"), reading("B")))


def test_a_box_inside_the_image_is_outlined() -> None:
    grey = np.full((64, 256), 255, np.uint8)
    out = annotate(grey, reading(box=(10, 5, 50, 20)))
    assert tuple(out[5, 30]) == tuple(out[24, 30]) == (0, 0, 200)
    assert tuple(out[4, 30]) == (255, 255, 255)


def test_equal_names_from_different_folders_do_not_collide(tmp_path: Path) -> None:
    annotator = Annotator(tmp_path / "out", [])
    names = [write(annotator, n).name for n in ("a/x.png", "b/x.jpg", "-")]
    assert names == ["x-read.png", "x-read-2.png", "stdin-read.png"]
    assert cv2.imread(str(tmp_path / "out" / "x-read-2.png")) is not None


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    given = tmp_path / "x-read.png"
    annotator = Annotator(tmp_path, [str(given)])
    assert write(annotator, "x.png").name == "x-read-2.png"


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        Annotator(tmp_path / "file" / "out", [])


def test_pages_of_one_file_are_told_apart_by_their_number(tmp_path: Path) -> None:
    annotator = Annotator(tmp_path, [])
    assert [write(annotator, "x.pdf", k).name for k in (1, 2)] == ["x-1-read.png", "x-2-read.png"]


def test_a_page_is_drawn_on_without_growing() -> None:
    grey = np.full((4000, 3000), 250, np.uint8)
    boxes = [(600, 1000, 900, 120), (2000, 1000, 990, 120), (2000, 4, 990, 120)]
    out = annotate_page(grey, [reading(box=box) for box in boxes])
    assert out.shape == (2000, 1500, 3)
    assert tuple(out[500, 500]) == (0, 0, 200), "the box is outlined"
    assert (out[510:550, 760:900].min() < 128).any(), "the name stands beside it"
    assert (out[480:498, 1000:1200].min() < 128).any(), "or above, where there is no room"
    assert (out[64:84, 1000:1200].min() < 128).any(), "or below"


def test_a_planted_link_costs_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("old")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a-read.png").symlink_to(tmp_path / "precious")
    path = write(Annotator(tmp_path / "out", []), "a.png")
    assert (tmp_path / "precious").read_text() == "old"
    assert path.is_file()
    assert not path.is_symlink()


def test_a_reading_is_written_where_it_hides_no_handwriting() -> None:
    grey = np.full((900, 1200), 250, np.uint8)
    boxes = [(100, 300, 400, 60), (520, 300, 400, 60), (100, 400, 400, 60)]
    for x, y, w, h in boxes:
        grey[y + 10 : y + h - 10 : 8, x + 10 : x + w - 10] = 20
    out = annotate_page(grey, [reading(box=box) for box in boxes])
    dark = grey < 100
    assert (out[dark] == 20).all()
    for x, y, w, h in boxes:
        assert (
            out[y + 2 : y + h - 2, x + 2 : x + w - 2][..., 0]
            == grey[y + 2 : y + h - 2, x + 2 : x + w - 2]
        ).all()
