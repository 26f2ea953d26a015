from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwr_edge.image.sources import find


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "d/b.png",
        "d/a.JPG",
        "d/notes.txt",
        "d/.hidden.png",
        "d/e/c.tiff",
        "d/.git/x.png",
        "d/10.webp",
        "d/9.bmp",
        "x[1].png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path)


def test_a_folder_gives_its_images_and_those_below_in_order() -> None:
    found = find(["d"])
    assert found.images == ("d/10.webp", "d/9.bmp", "d/a.JPG", "d/b.png", "d/e/c.tiff")
    assert found.problems == ()


def test_a_name_that_no_file_can_have_stays_and_the_others_are_found() -> None:
    assert find(["d/b.png", "a" * 300]).images == ("d/b.png", "a" * 300)


def test_images_of_a_kind_that_is_not_read_are_told_and_no_pipe_is_waited_for() -> None:
    Path("d/drawing.svg").touch()
    os.mkfifo("d/pipe.png")
    found = find(["d"])
    assert "d/pipe.png" not in found.images
    assert found.problems == (
        "d: images of an unsupported type: drawing.svg; save them as JPEG or PNG",
    )
    assert "notes.txt, pipe.png (2)" in found.notes[0]


def test_paths_stay_as_they_were_given() -> None:
    assert find(["./d/"]).images[-1] == "./d/e/c.tiff"
    assert find(["d//b.png", "./d/*.png"]).images == ("d//b.png", "./d/b.png")


def test_a_named_file_is_taken_whatever_its_suffix() -> None:
    assert find(["d/notes.txt"]).images == ("d/notes.txt",)


def test_a_pattern_is_expanded_where_the_shell_did_not() -> None:
    assert find(["d/*.[pb]*"]).images == ("d/9.bmp", "d/b.png")
    assert find(["**/*.tiff"]).images == ("d/e/c.tiff",)


def test_a_file_whose_name_looks_like_a_pattern_is_itself() -> None:
    assert find(["x[1].png"]).images == ("x[1].png",)


def test_a_folder_that_a_pattern_matches_is_gone_through() -> None:
    assert find(["d/[e]"]).images == ("d/e/c.tiff",)


def test_a_missing_name_stays_so_that_reading_it_tells() -> None:
    assert find(["nope.png", "-"]).images == ("nope.png", "-")


def test_what_gives_no_image_is_a_problem() -> None:
    assert find(["none", "q*"]).problems == (
        "none: no images in this folder",
        "q*: no file matches",
    )


def test_the_order_of_arguments_is_kept_and_nothing_is_left_out_twice() -> None:
    assert find(["d/b.png", "d/a.JPG", "d/b.png"]).images == ("d/b.png", "d/a.JPG", "d/b.png")


def test_our_own_annotated_images_do_not_count() -> None:
    assert "d/e/c.tiff" not in find(["d"], leave_out=Path("d/e")).images


def test_a_pattern_that_matches_a_folder_and_what_is_in_it_gives_each_once() -> None:
    found = find(["d/**"], leave_out=Path("d/e"))
    assert sorted(found.images) == ["d/10.webp", "d/9.bmp", "d/a.JPG", "d/b.png", "d/notes.txt"]
    assert found.problems == ()


def test_files_of_a_folder_that_are_no_images_by_their_names_are_told() -> None:
    assert find(["d"]).notes == ("d: skipped, not images: notes.txt (1)",)
    assert find(["d/b.png", "none"]).notes == ()
