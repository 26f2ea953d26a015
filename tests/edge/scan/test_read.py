"""`hwr_edge.read`: one call that does for a program what the command does."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import hwr_edge
from commands import run
from drawn_forms import empty_form, written
from hwr_edge.errors import DataError, ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.pixels import Grey
from hwr_edge.image.turning import upright
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.shipped import default_model
from hwr_edge.scan import read as module
from hwr_edge.scan.scan import Page
from hwr_edge.scan.scanner import Scanner
from pages import NAMES, class_list, overlap

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"


def listed(turn: int = 0) -> Grey:
    return upright(class_list()[0], turn)


def test_an_inverted_page_and_an_inverted_crop_are_read() -> None:
    assert hwr_edge.read(255 - listed(180)).texts == tuple(NAMES.values())
    crop = 255 - read_grey(EXAMPLES / "manon.png")
    assert hwr_edge.read(crop).texts == ("MANON",)
    assert Recognizer().read(crop).text == "MANON"


def test_a_crop_is_one_line_a_page_all_its_names() -> None:
    line = hwr_edge.read(EXAMPLES / "manon.png")
    assert (line.texts, len(line), line.problems) == (("MANON",), 1, ())
    page = hwr_edge.read(listed(180))
    assert page.texts == tuple(NAMES.values())
    assert [reading.text for reading in page] == list(page.texts)
    assert page.pages[0].turn == 180


def test_boxes_of_a_page_s_letters_lie_in_its_lines() -> None:
    page = hwr_edge.read(listed())
    for reading in page:
        assert "".join(letter.text for letter in reading.letters) == reading.text
        left, top, width, height = reading.box
        for _, _, (x, y, wide, high) in reading.letters:
            assert x >= left - 0.1 * height
            assert y >= top - 0.3 * height
            assert x + wide <= left + width + 0.1 * height
            assert y + high <= top + 1.3 * height
        x, _, wide, _ = reading.letters[-1].box
        assert overlap((left, 0, x + wide - left, 9), (left, 0, width, 9)) > 0.8


def test_it_gives_what_the_command_prints(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "list.png"), listed(90))
    done = run("file", "--format", "json", "list.png", "--model", str(default_model()), cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    found = hwr_edge.read(tmp_path / "list.png").to_dicts()
    for row in found:
        row["image"] = "list.png"
    assert found == rows
    assert json.loads(json.dumps(found)) == found


def test_all_pages_of_a_file_are_read_and_numbered() -> None:
    done, data = cv2.imencodemulti(".tif", [listed(), np.full((1000, 800), 255, np.uint8)])
    assert done
    scan = hwr_edge.read(data.tobytes())
    assert [(page.number, len(page.readings)) for page in scan.pages] == [(1, len(NAMES)), (2, 0)]
    assert {row["page"] for row in scan.to_dicts()} == {1}
    with pytest.raises(DataError, match="has several forms"):
        _ = scan.fields


def test_a_page_that_cannot_be_read_is_a_problem_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_one = Scanner.read

    def read(self: Scanner, grey: Grey, name: str = "") -> Page:
        if (grey == 255).all():
            raise ImageError(f"{name}: no paper")
        return read_one(self, grey, name)

    monkeypatch.setattr(Scanner, "read", read)
    done, data = cv2.imencodemulti(".tif", [np.full((900, 700), 255, np.uint8), listed()])
    assert done
    scan = hwr_edge.read(data.tobytes())
    assert [len(page.readings) for page in scan.pages] == [0, len(NAMES)]
    assert scan.problems == ("the image#page=1: no paper",)
    with pytest.raises(ImageError, match="the image: no paper"):
        hwr_edge.read(np.full((900, 700), 255, np.uint8))


def test_a_filled_form_has_its_fields_by_name(tmp_path: Path) -> None:
    template = tmp_path / "form.toml"
    form = hwr_edge.new_form(empty_form(), template, ["surname", "first name"])
    assert [field.name for field in form.fields][:2] == ["surname", "first name"]
    filled = written(form.image.copy(), form.fields[0].box)
    scan = hwr_edge.read(filled, form=template)
    assert list(scan.fields) == [field.name for field in form.fields]
    assert scan.fields["surname"].text
    assert not scan.fields["first name"].text
    left, top, _, height = form.fields[0].box
    boxes = [letter.box for letter in scan.fields["surname"].letters]
    assert (
        "".join(one.text for one in scan.fields["surname"].letters) == scan.fields["surname"].text
    )
    assert abs(boxes[0][0] - (left + 40)) < 8, "where the writing begins"
    assert abs(boxes[-1][0] + boxes[-1][2] - (left + 40 + 4 * 80 + 46)) < 8, "and ends"
    assert all(top - 5 <= y and y + high <= top + height for _, y, _, high in boxes)
    assert hwr_edge.read(listed()).fields == {}
    with pytest.raises(ImageError, match=r"the image: does not look like the form form\.toml"):
        hwr_edge.read(listed(), form=template)


def test_a_template_s_name_ends_in_toml(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.toml, not 'form\.json'"):
        hwr_edge.new_form(empty_form(), tmp_path / "form.json")


def test_the_layout_and_the_recognizer_that_are_given_are_taken() -> None:
    crop = read_grey(EXAMPLES / "manon.png")
    reader = Recognizer(roster=["Manon", "Thomas"])
    scan = hwr_edge.read(crop, recognizer=reader, layout="line")
    assert scan.readings[0].match
    assert scan.readings[0].match.name == "Manon"
    assert scan.readings[0].letters == ()
    with pytest.raises(ValueError, match="book"):
        hwr_edge.read(crop, layout="book")


def test_calls_share_one_recognizer_also_by_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Counted(Recognizer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            made.append(self)
            super().__init__(*arguments, **named)

    monkeypatch.setattr(module, "Recognizer", Counted)
    module._made.cache_clear()
    names = ["manon", "thomas", "maeva"] * 8
    with ThreadPoolExecutor(8) as threads:
        scans = list(threads.map(lambda name: hwr_edge.read(EXAMPLES / f"{name}.png"), names))
    module._made.cache_clear()
    assert [scan.texts for scan in scans] == [(name.upper(),) for name in names]
    assert len(made) == 1


def test_a_page_is_drawn_with_its_boxes_and_a_line_with_its_name_below() -> None:
    paper = listed(90)
    drawn = hwr_edge.annotated(paper, hwr_edge.read(paper))
    assert drawn.shape == (*listed().shape, 3), "upright"
    red = (drawn == (0, 0, 200)).all(axis=2)
    for reading in hwr_edge.read(paper):
        x, y, width, height = reading.box
        assert red[y, x]
        assert red[y + height - 1, x + width - 1]
    path = EXAMPLES / "manon.png"
    below = hwr_edge.annotated(path, hwr_edge.read(path))
    assert below.shape[0] > read_grey(path).shape[0]
    as_rgb = hwr_edge.annotated(path, hwr_edge.read(path), rgb=True)
    np.testing.assert_array_equal(as_rgb[:, :, ::-1], below)


def test_no_page_is_drawn_that_was_not_read() -> None:
    path = EXAMPLES / "manon.png"
    with pytest.raises(ImageError, match="has no page 2; its last page is 1"):
        hwr_edge.annotated(path, hwr_edge.read(path), page=2)
