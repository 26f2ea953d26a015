"""Rows of `hwr-edge bulk` are those of `hwr-edge file`, to the digit, whatever is read and however."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest
import typer

from bulk_archives import folder, names
from commands import run as hwr_edge
from drawn_forms import BOXES, empty_form, written
from fakes import TINY_MODEL, calibrated_tiny
from hwr_edge.bulk import engine
from hwr_edge.bulk.parts import Part
from hwr_edge.bulk.rows import Table
from hwr_edge.bulk.work import Done, Setup, Worker
from hwr_edge.commands.bulk import ProgressFormat, bulk
from hwr_edge.image.pixels import Grey
from hwr_edge.image.shape import Shape
from hwr_edge.line.shipped import shipped_file
from pages import NAMES, class_list, page


class Here:
    """Reads parts in this process."""

    def run(self, setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
        worker = Worker(setup)
        return (worker.read(part) for part in parts)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, where the command needs no other processes."""

    @contextmanager
    def engine_here(address: str | None, workers: int | None) -> Iterator[Here]:
        yield Here()

    monkeypatch.setattr(engine, "engine", engine_here)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_bulk(*inputs: str, **options: Any) -> list[str]:
    """The lines of all rows."""
    asked = {"model": TINY_MODEL, "progress": ProgressFormat.NONE, "format": Table.JSONL}
    try:
        bulk(list(inputs), "out", **{**asked, **options})
    except typer.Exit as ended:
        if ended.exit_code != 1:  # something could not be read, as it is for `file`
            raise
    return [line for part in sorted(Path("out/rows").iterdir()) for line in lines_of(part)]


def by_file(*arguments: str) -> list[str]:
    """The lines that `hwr-edge file` prints."""
    done = hwr_edge("file", *arguments, "--format", "jsonl", timeout=600)  # of many pages
    return done.stdout.splitlines()


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def pages_of(count: int) -> list[Grey]:
    """Class lists with two names and more."""
    return [class_list(tuple(NAMES)[: 2 + k])[0] for k in range(count)]


def pdf(path: Path, pages: list[Grey]) -> None:
    """A scan: each page is an image."""
    pytest.importorskip("pypdfium2")
    image = pytest.importorskip("PIL.Image")
    first, *others = [image.fromarray(one) for one in pages]
    first.save(path, save_all=True, append_images=others, resolution=150)


def test_pages_of_a_pdf_and_of_a_tiff_and_a_page_that_is_an_image(here: Path) -> None:
    pages = pages_of(3)
    (here / "in").mkdir()
    pdf(here / "in/a.pdf", pages)
    cv2.imwritemulti(str(here / "in/b.tif"), pages[:2])
    cv2.imwrite("in/c.png", class_list()[0])
    model = shipped_file("names-int8.tflite")  # the tiny one reads no name on a page
    rows = by_bulk("in", model=model)
    assert rows == by_file("in", "--model", str(model))
    assert sum('"page": 3' in row for row in rows) == 4
    assert sum('"in/c.png"' in row for row in rows) == 4
    assert all('"box": ' in row for row in rows)


def test_alternatives_and_a_layout(here: Path) -> None:
    folder(here / "in", names(3))
    cv2.imwrite("in/page.png", pages_of(1)[0])
    assert by_bulk("in", layout=Shape.LINE, top=2) == by_file(
        "in", "--layout", "line", "--top", "2"
    )


def form(here: Path) -> Path:
    """A template, and in the folder `in` filled forms, on paper of its own and as pages of one file."""
    template = here / "form.toml"
    cv2.imwrite("empty.png", empty_form())
    lines = ["schema = 1", 'picture = "empty.png"']
    for k, (x, y, width, height) in enumerate(BOXES, 1):
        lines += ["[[field]]", f'name = "field {k}"', f"box = [{x}, {y}, {width}, {height}]"]
    template.write_text("\n".join(lines))
    filled = [written(empty_form(), box) for box in BOXES[:3]]
    (here / "in").mkdir()
    cv2.imwrite("in/one.png", filled[0])
    cv2.imwritemulti("in/two.tif", [filled[1], page(), filled[2]])
    cv2.imwrite("in/other.png", page())
    return template


def test_forms(here: Path) -> None:
    template = form(here)
    rows = by_bulk("in", form=template)
    assert rows == by_file("in", "--form", "form.toml")
    assert sum('"field": "field 1"' in row for row in rows) == 3


def test_pages_that_show_a_form(here: Path) -> None:
    template = form(here)
    rows = by_bulk("in", form=template, form_pages="1/2")
    assert rows == by_file("in", "--form", "form.toml", "--form-pages", "1/2")
    assert len(rows) >= 4


def test_a_form_with_a_roster_and_what_a_person_should_look_at(here: Path) -> None:
    template, model = form(here), calibrated_tiny(here / "m.tflite")
    Path("people.csv").write_text("Name,Class,Room\nAAAA,4b,1\nCAB,5a,2\n")
    rows = by_bulk(
        "in", form=template, model=model, roster=Path("people.csv"), roster_column=["Name"],
        roster_keep=["Class", "Room"], accept=0.9, top=3,
    )  # fmt: skip
    asked = [
        "--model",
        "m.tflite",
        "--roster",
        "people.csv",
        "--roster-column",
        "Name",
        "--accept",
        "0.9",
    ]
    keep = ["--roster-keep", "Class", "--roster-keep", "Room", "--top", "3"]
    assert rows == by_file("in", "--form", "form.toml", *asked, *keep)
    assert any('"review": true' in row for row in rows)
