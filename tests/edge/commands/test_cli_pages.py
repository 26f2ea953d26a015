"""Pages and forms on the command line, with the shipped model."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands import interrupt, run
from drawn_forms import BOXES, OTHER_WORDS, empty_form
from fillable import Widget, fillable_pdf
from hwr_edge.image.pixels import Grey
from hwr_edge.line.shipped import default_model
from pages import NAMES, class_list, handwriting, page, paste, speckled_sheet


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """list.png, a class list; two.tif, it twice, once upside down; blank.png."""
    monkeypatch.setenv("HWR_EDGE_MODEL", "")
    listed, _ = class_list()
    cv2.imwrite(str(tmp_path / "list.png"), listed)
    cv2.imwritemulti(str(tmp_path / "two.tif"), [listed, np.ascontiguousarray(listed[::-1, ::-1])])
    cv2.imwrite(str(tmp_path / "blank.png"), page())
    return tmp_path


def read(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(*arguments, "--model", default_model(), cwd=folder)


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def filled(paper: Grey) -> Grey:
    """A form with a name in each of its fields, from which nothing else is written."""
    out = paper.copy()
    for name, (x, y, _, height) in zip(NAMES, BOXES, strict=True):
        ink = handwriting(name)
        paste(out, ink, x + 30, y + (height - ink.shape[0]) // 2)
    return out


def test_a_page_prints_its_names_a_line_each(folder: Path) -> None:
    done = read(folder, "file", "list.png")
    assert (done.returncode, done.stdout.splitlines()) == (0, list(NAMES.values()))


def test_a_blank_page_is_said_and_is_no_failure(folder: Path) -> None:
    done = read(folder, "file", "blank.png")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "hwr-edge: blank.png: no names found\n"


def test_a_page_that_is_not_read_whole_gets_one_note_and_is_no_failure(folder: Path) -> None:
    cv2.imwrite(str(folder / "sheet.png"), speckled_sheet())
    done = read(folder, "file", "sheet.png")
    assert (done.returncode, done.stdout) == (0, "MANON\n")
    assert done.stderr.count("\n") == 1
    assert "sheet.png: " in done.stderr
    assert "--form" in done.stderr


def test_the_layout_that_is_asked_for_is_taken(folder: Path) -> None:
    done = read(folder, "file", "blank.png", "--layout", "line")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_rows_of_a_file_with_many_pages_carry_page_and_turn(folder: Path, jobs: str) -> None:
    asked = ("--format", "jsonl", "--output", "rows.jsonl", "--jobs", jobs)
    assert read(folder, "file", "two.tif", *asked).returncode == 0
    found = rows(folder, "rows.jsonl")
    assert [(row["page"], row.get("turn")) for row in found] == [(1, None)] * 4 + [(2, 180)] * 4
    assert [row["text"] for row in found] == [*NAMES.values()] * 2
    for upper, lower in zip(found[:4], found[4:], strict=True):
        assert np.allclose(upper["box"], lower["box"], atol=6), "in pixels of the turned page"  # type: ignore[arg-type]


def test_a_page_that_was_written_in_part_is_read_again(folder: Path) -> None:
    asked = ("file", "two.tif", "--format", "jsonl", "--output", "rows.jsonl")
    read(folder, *asked)
    whole = (folder / "rows.jsonl").read_text()
    (folder / "rows.jsonl").unlink()
    part = "".join(whole.splitlines(keepends=True)[:6])
    interrupt(folder, part.encode(), *asked[2:], "--model", str(default_model()))
    assert read(folder, *asked, "--resume").returncode == 0
    assert (folder / "rows.jsonl").read_text() == whole


def test_an_empty_form_becomes_a_template_that_reads_filled_ones(folder: Path) -> None:
    cv2.imwrite(str(folder / "empty.png"), empty_form())
    cv2.imwrite(str(folder / "filled.png"), filled(empty_form()))
    wrong = empty_form(OTHER_WORDS, "HOSPITAL ADMISSION")
    cv2.imwrite(str(folder / "wrong.png"), filled(wrong))
    made = run(
        "form", "new", "empty.png", "--output", "school.toml", "--fields", "surname,b", cwd=folder
    )
    assert made.returncode == 0, made.stderr
    assert (folder / "school-fields.png").exists()
    again = run("form", "new", "empty.png", "--output", "school.toml", cwd=folder)
    assert again.returncode == 1
    assert "already exists" in again.stderr
    asked = ("file", "--form", "school.toml", "filled.png", "wrong.png", "--format", "csv")
    done = read(folder, *asked)
    assert done.returncode == 1
    assert done.stderr.startswith("hwr-edge: wrong.png: does not look like the form school.toml: ")
    assert "make a template of this form" in done.stderr
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["image"], row["surname"]) == ("filled.png", "MANON")
    assert 0.5 < float(row["surname confidence"]) <= 1
    assert int(row["surname width"]) > 300


def test_a_field_that_is_cut_off_is_told_and_nothing_vouches_for_it(folder: Path) -> None:
    cv2.imwrite(str(folder / "empty.png"), empty_form())
    x, _, width, _ = BOXES[0]
    cv2.imwrite(str(folder / "cut.png"), filled(empty_form())[:, : x + width // 2])
    run("form", "new", "empty.png", "--output", "school.toml", cwd=folder)
    asked = ("--form", "school.toml", "cut.png", "--format", "jsonl", "--accept", "0.01")
    done = read(folder, "file", *asked)
    assert done.returncode == 1
    assert done.stderr.startswith("hwr-edge: cut.png: fields cut off at the image's edge: field1,")
    for line in done.stdout.splitlines():
        row = json.loads(line)
        assert (row["confidence"], row["review"]) == (0, True)


def _exam(folder: Path) -> None:
    """exam.tif, a filled form and three pages of something else, and school.toml."""
    cv2.imwrite(str(folder / "empty.png"), empty_form())
    other, _ = class_list()
    cv2.imwritemulti(str(folder / "exam.tif"), [filled(empty_form()), other, other, other])
    cv2.imwritemulti(str(folder / "none.tif"), [other, other])
    run("form", "new", "empty.png", "--output", "school.toml", cwd=folder)


def test_pages_that_are_not_the_form_are_one_note_and_no_fault(folder: Path) -> None:
    _exam(folder)
    done = read(folder, "file", "--form", "school.toml", "exam.tif", "--format", "csv")
    assert done.returncode == 0
    assert done.stderr.startswith("hwr-edge: exam.tif: not the form, skipped: pages 2-4; ")
    assert [row["page"] for row in csv.DictReader(done.stdout.splitlines())] == ["1"]
    alone = read(folder, "file", "--form", "school.toml", "exam.tif", "--form-pages", "1/4")
    assert (alone.returncode, alone.stderr) == (0, "")
    none = read(folder, "file", "--form", "school.toml", "none.tif")
    assert none.returncode == 1
    assert "does not look like the form" in none.stderr
    assert "nor do the other 1 pages" in none.stderr


def test_front_and_back_of_a_document_are_one_record(folder: Path) -> None:
    front, back = empty_form(), empty_form(OTHER_WORDS, "MEDICAL REPORT")
    for name, side in (("front.png", front), ("back.png", back)):
        cv2.imwrite(str(folder / name), side)
    run("form", "new", "front.png", "back.png", "--output", "both.toml", cwd=folder)
    cv2.imwritemulti(str(folder / "two.tif"), [filled(front), filled(back)] * 2)
    done = read(folder, "file", "--form", "both.toml", "two.tif", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    table = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["page"] for row in table] == ["1+2", "3+4"]
    for row in table:
        assert row["field1"] == row["field5"] == "MANON"


def test_a_field_that_holds_no_name_is_not_looked_for_in_the_roster(folder: Path) -> None:
    _exam(folder)
    (folder / "names.txt").write_text("Lea Roux\nTom Petit\n")
    template = (folder / "school.toml").read_text()
    kinds = ('kind = "text"', 'roster = "names.txt"', 'kind = "skip"', "")
    parts = template.split("\n[[field]]")
    fields = [part + f"{kind}\n" for part, kind in zip(parts[1:], kinds, strict=True)]
    (folder / "school.toml").write_text("\n[[field]]".join([parts[0], *fields]))
    done = read(
        folder,
        "file",
        "--form",
        "school.toml",
        "exam.tif",
        "--form-pages",
        "1",
        "--format",
        "jsonl",
    )
    rows_ = {row["field"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows_) == {"field1", "field2", "field4"}
    assert rows_["field1"]["text"] == "MANON"
    assert "match" not in {**rows_["field1"], **rows_["field4"]}
    assert ("match" in rows_["field2"]) == bool(rows_["field2"]["text"])


def test_a_template_that_cannot_be_used_is_one_line(folder: Path) -> None:
    (folder / "bad.toml").write_text('schema = 1\npicture = "list.png"\n')
    done = read(folder, "file", "--form", "bad.toml", "list.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hwr-edge: bad.toml: no field is defined")
    both = read(folder, "file", "--form", "bad.toml", "--layout", "page", "list.png")
    assert both.returncode == 2


def test_a_form_is_never_written_over_by_what_is_read_of_it(folder: Path) -> None:
    field = '[[field]]\nname = "surname"\nbox = [10, 10, 200, 60]\n'
    (folder / "school.toml").write_text(f'schema = 1\npicture = "blank.png"\n{field}')
    for file in ("school.toml", "blank.png"):
        before = (folder / file).read_bytes()
        done = read(folder, "file", "--form", "school.toml", "list.png", "--output", file)
        assert done.returncode == 2
        assert "is also read; choose another file" in done.stderr
        assert (folder / file).read_bytes() == before


def test_a_review_shows_a_page_s_line_upright(folder: Path) -> None:
    from hwr_edge.review.images import cut
    from hwr_edge.review.results import read_results

    read(folder, "file", "two.tif", "--format", "jsonl", "--output", "rows.jsonl")
    results = read_results(folder / "rows.jsonl")
    upper, lower = cut(results, 0), cut(results, 4)
    assert upper.shape[1] > 2 * upper.shape[0]
    size = (upper.shape[1], upper.shape[0])
    shifted = np.asarray(cv2.resize(lower, size), np.float32)
    alike = np.corrcoef(
        cv2.GaussianBlur(upper, (0, 0), 4).ravel(), cv2.GaussianBlur(shifted, (0, 0), 4).ravel()
    )
    assert alike[0, 1] > 0.7


def test_an_annotated_page_has_its_boxes(folder: Path) -> None:
    assert read(folder, "file", "list.png", "--annotate", "out").returncode == 0
    drawn = cv2.imread(str(folder / "out" / "list-read.png"))
    assert drawn is not None
    assert (drawn == (0, 0, 200)).all(axis=2).sum() > 1000


def test_a_fillable_pdf_s_fields_are_told_as_its_own(folder: Path) -> None:
    pytest.importorskip("pypdfium2")
    (folder / "form.pdf").write_bytes(fillable_pdf([Widget("surname", (20, 240, 180, 270))]))
    done = run("form", "new", "form.pdf", "--output", "school.toml", cwd=folder)
    assert done.stderr == "school.toml: 1 field of the PDF, shown in school-fields.png\n"
    assert 'name = "surname"' in (folder / "school.toml").read_text("utf-8")
