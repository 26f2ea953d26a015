"""What is kept of a review: results read, answers saved, tables and training rows made."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands import run
from fakes import draw
from hwr_edge.errors import DataError, ImageError, OutputError
from hwr_edge.results.reviewed import answers_beside
from hwr_edge.results.separator import Separator
from hwr_edge.review.answer_file import LONGEST, Answer, answers_so_far
from hwr_edge.review.answers import Answers, Conflict
from hwr_edge.review.export import table, write_corrections, write_table
from hwr_edge.review.images import cut
from hwr_edge.review.results import Results, read_results

ROWS = [
    {"image": "a.png", "text": "AB", "confidence": 0.99, "review": False},
    {"image": "b.png", "text": "BC", "confidence": 0.4, "review": True,
     "alternatives": [{"text": "BA", "confidence": 0.3}, {"text": "BC", "confidence": 0.1}]},
    {"image": "c.png", "text": "CA", "confidence": 0.9, "review": True, "match": "Ça",
     "match_confidence": 0.2},
]  # fmt: skip


def write_results(folder: Path, rows: list[dict[str, object]] = ROWS) -> Path:
    """A results file with its images."""
    lines = []
    for row in rows:
        cv2.imwrite(str(folder / str(row["image"])), draw(str(row["text"])))
        lines.append(json.dumps({"schema": 1, "box": [0, 0, 256, 64], **row}))
    path = folder / "results.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return read_results(write_results(tmp_path))


def test_the_doubtful_come_first_the_least_sure_before(results: Results) -> None:
    assert results.order() == [2, 1, 0]
    assert results.rows[1].choices == ("BC", "BA")
    assert results.rows[2].choices == ("Ça", "CA")
    assert results.rows[2].sure == 0.2


def test_without_marks_every_row_is_doubtful(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"image": "a.png", "text": "A", "confidence": 0.9}]
    assert read_results(write_results(tmp_path, rows)).rows[0].doubtful


def test_images_are_found_beside_the_results(results: Results, tmp_path: Path) -> None:
    assert results.image(0) == tmp_path / "a.png"


def _cut(lines: list[str]) -> str:
    return "\n".join(lines)[:-3]


def _unended(lines: list[str]) -> str:
    return "\n".join(lines)


def _other_schema(lines: list[str]) -> str:
    return lines[0].replace('"schema": 1', '"schema": 2') + "\n"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_cut, "line 3: not a row of results, or cut short"),
        (_unended, "cut short at line 3"),
        (_other_schema, "line 1: has schema 2, but this program needs 1"),
        (lambda _: "", "no rows: no name was found"),
        (lambda _: "image,text\na,b\n", "line 1: not a row"),
        (lambda _: '{"schema": 1, "image": 3}\n', "line 1: damaged"),
        (lambda _: '{"schema": 1}\n', "line 1: damaged"),
        (lambda _: "[1]\n", "line 1: not a row"),
        (lambda lines: lines[0].replace("0.99", "NaN") + "\n", "line 1: damaged"),
        (lambda lines: lines[0].replace("[0, 0, 256, 64]", "[0, 0, 1e400, 64]") + "\n", "damaged"),
        (lambda lines: lines[0].replace("a.png", "\\ud800") + "\n", "line 1: damaged"),
    ],
)
def test_results_that_cannot_serve_are_one_clear_error(
    tmp_path: Path, spoil: Callable[[list[str]], str], message: str
) -> None:
    path = write_results(tmp_path)
    path.write_text(spoil(path.read_text("utf-8").splitlines()), "utf-8")
    with pytest.raises(DataError, match=message):
        read_results(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not JSON lines"):
        read_results(path)


def test_results_and_answers_that_would_fill_the_memory_are_refused(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = results.path.stat().st_size
    monkeypatch.setattr("hwr_edge.review.results.RESULTS_BYTES", size)
    assert read_results(results.path).rows == results.rows
    monkeypatch.setattr("hwr_edge.review.results.RESULTS_BYTES", size - 1)
    with pytest.raises(DataError, match=r"results\.jsonl: larger than 0 MiB; review it in parts"):
        read_results(results.path)
    monkeypatch.setattr("hwr_edge.review.answers.RESULTS_BYTES", 10)
    answers_beside(results.path).write_text("x" * 20)
    with pytest.raises(DataError, match=r"answers\.jsonl: larger than 0 MiB; move it away"):
        Answers(results)


def test_answers_are_there_again_after_a_restart(results: Results) -> None:
    with Answers(results) as answers:
        answers.put(2, " ÇA ", 0)
        answers.put(1, None, 0)
        answers.put(2, "ÇAB", 1)
        answers.put(0, "AB", 0)
        answers.take_back(0, 1)
    with Answers(results) as answers:
        assert answers.given() == {2: Answer("ÇAB", True, 2), 1: Answer(None, True, 1)}
        assert answers.now(0) == Answer(version=2)
    assert stat.S_IMODE(answers_beside(results.path).stat().st_mode) == 0o600


def test_who_saw_an_older_answer_does_not_overwrite_a_newer(results: Results) -> None:
    with Answers(results) as answers:
        answers.put(1, "BA", 0)
        with pytest.raises(Conflict) as caught:
            answers.put(1, "BB", 0)
        with pytest.raises(Conflict):  # one that nobody can have seen
            answers.put(1, "BB", 7)
        assert caught.value.now == Answer("BA", True, 1)
        with pytest.raises(Conflict):
            answers.take_back(1, 0)
        assert answers.now(1).text == "BA"


def test_two_reviews_of_the_same_results_are_refused(results: Results) -> None:
    with Answers(results), pytest.raises(DataError, match="another review"):
        Answers(results)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_crash_loses_at_most_the_answer_being_written(results: Results, cut: int) -> None:
    with Answers(results) as answers:
        answers.put(0, "FIRST", 0)
        answers.put(1, "SECOND", 0)
    journal = answers_beside(results.path)
    journal.write_bytes(journal.read_bytes()[:-cut])
    with Answers(results) as answers:
        assert {k: a.text for k, a in answers.given().items()} == {0: "FIRST"}
        answers.put(1, "AGAIN", 0)
    with Answers(results) as answers:
        assert answers.now(1).text == "AGAIN"


def test_an_answer_that_cannot_be_saved_is_none(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Answers(results) as answers:
        write = os.write
        monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
        with pytest.raises(OutputError, match="No space left"):
            answers.put(0, "FIRST", 0)
        assert answers.now(0) == Answer()
        monkeypatch.undo()
        answers.put(0, "SECOND", 0)
    with Answers(results) as answers:
        assert answers.now(0).text == "SECOND"


def test_an_answer_is_not_saved_where_its_file_is_gone(results: Results) -> None:
    with Answers(results) as answers:
        answers.put(0, "AB", 0)
        answers.path.unlink()
        with pytest.raises(OutputError, match="was deleted or replaced"):
            answers.put(0, "AC", 1)
        assert answers.now(0) == Answer("AB", True, 1)


def test_a_file_that_is_not_ours_stays_as_it_is(results: Results, tmp_path: Path) -> None:
    journal = answers_beside(results.path)
    journal.write_text("my precious notes")
    with pytest.raises(DataError, match="damaged, or not written by hwr-edge"):
        Answers(results)
    assert journal.read_text() == "my precious notes"
    journal.unlink()
    (tmp_path / "precious").write_text("notes\nmore")
    journal.symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError, match="cannot be written"):
        Answers(results)
    assert (tmp_path / "precious").read_text() == "notes\nmore"
    journal.unlink()
    os.mkfifo(journal)
    with pytest.raises(OutputError, match="not a regular file"):
        Answers(results)


def test_what_was_answered_can_be_had_while_a_review_is_open(results: Results) -> None:
    assert answers_so_far(results) == {}
    assert not answers_beside(results.path).exists()
    with Answers(results) as answers:
        answers.put(1, "BA", 0)
        answers.put(2, "CC", 0)
        answers.take_back(2, 1)
        assert {k: a.text for k, a in answers_so_far(results).items()} == {1: "BA"}


def test_answers_to_other_results_are_not_taken(results: Results, tmp_path: Path) -> None:
    with Answers(results) as answers:
        answers.put(0, "AB", 0)
    changed = [{**ROWS[0], "text": "CC"}]
    other = read_results(write_results(tmp_path, changed))
    with pytest.raises(DataError, match="answers belong to other results"):
        Answers(other)


@pytest.mark.parametrize("line", [
    "{", '{"row": 9, "answer": "A"}', '{"row": 0}', "[]", '{"row": 0.7, "answer": "A"}',
    '{"row": 1e400, "answer": "A"}', '{"row": 0, "answer": 5}',
])  # fmt: skip
def test_a_damaged_journal_is_one_clear_error(results: Results, line: str) -> None:
    with Answers(results):
        pass
    journal = answers_beside(results.path)
    journal.write_text(journal.read_text() + line + "\n")
    with pytest.raises(DataError, match="damaged"):
        Answers(results)


def test_there_is_no_row_beyond_the_last_and_no_endless_answer(results: Results) -> None:
    with Answers(results) as answers:
        for place in (-1, 3):
            with pytest.raises(DataError, match="no row"):
                answers.put(place, "A", 0)
        with pytest.raises(DataError, match="at most"):
            answers.put(0, "A" * (LONGEST + 1), 0)


GIVEN = {1: Answer("BÀ", True, 1), 2: Answer(None, True, 1)}


def test_the_table_has_every_name_and_whether_it_was_checked(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(table(results, GIVEN))))
    assert [(r["image"], r["name"], r["checked"], r["read"]) for r in rows] == [
        ("a.png", "AB", "no", "AB"),
        ("b.png", "BÀ", "yes", "BC"),
        ("c.png", "", "unreadable", "Ça"),
    ]


def test_the_table_can_be_one_for_countries_with_a_decimal_comma(results: Results) -> None:
    text = table(results, GIVEN, Separator.SEMICOLON)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    plain = list(csv.DictReader(io.StringIO(table(results, GIVEN))))
    assert [row["confidence"] for row in rows] == [
        row["confidence"].replace(".", ",") for row in plain
    ]
    assert rows[0]["confidence"].startswith("0,")
    assert [row["name"] for row in rows] == ["AB", "BÀ", ""]


def test_what_is_handed_out_is_its_owners_alone(results: Results, tmp_path: Path) -> None:
    write_table(tmp_path / "names.csv", results, GIVEN)
    count, problems = write_corrections(tmp_path / "corrections", results, GIVEN)
    assert (count, problems) == (1, [])
    modes = {
        stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "names.csv", *(tmp_path / "corrections").rglob("*"))
        if path.is_file()
    }
    assert modes == {0o600}
    assert (tmp_path / "names.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert stat.S_IMODE((tmp_path / "corrections").stat().st_mode) == 0o700
    (row,) = csv.DictReader((tmp_path / "corrections" / "written_name_train_v2.csv").open())
    assert row["IDENTITY"] == "BÀ"
    image = tmp_path / "corrections" / "train_v2" / "train" / row["FILENAME"]
    assert np.array_equal(np.asarray(cv2.imread(str(image), 0)), draw("BC"))


def test_corrections_of_several_days_add_up(results: Results, tmp_path: Path) -> None:
    other = tmp_path / "day two"
    other.mkdir()
    second = read_results(write_results(other, [{**ROWS[0], "text": "CC"}]))
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o755)
    write_corrections(folder, results, GIVEN)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755  # it was there before
    assert write_corrections(folder, second, {0: Answer("AA", True, 1)}) == (1, [])
    rows = list(csv.DictReader((folder / "written_name_train_v2.csv").open()))
    assert [row["IDENTITY"] for row in rows] == ["BÀ", "AA"]
    write_corrections(folder, results, {})  # taken back
    rows = list(csv.DictReader((folder / "written_name_train_v2.csv").open()))
    assert [row["IDENTITY"] for row in rows] == ["AA"]
    assert len(list(folder.rglob("*.png"))) == 1


@pytest.mark.parametrize("said", ["", "?", "DUB?IS", "...", None])
def test_what_is_no_name_is_no_training_row(
    results: Results, tmp_path: Path, said: str | None
) -> None:
    assert write_corrections(tmp_path / "out", results, {0: Answer(said, True, 1)}) == (0, [])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("?", None), (" ?? ", None), ("-", None), ("", ""), ("A?B", "A?B"), ("A\ud800B\0", "AB"),
     ("12", "12"), ("\u05d0\u200f", "\u05d0\u200f"), ("<b>x</b>", "<b>x</b>"), ("A\n\tB", "A B")],
)  # fmt: skip
def test_an_answer_is_what_was_typed_and_a_question_mark_is_unreadable(
    results: Results, typed: str, kept: str | None
) -> None:
    with Answers(results) as answers:
        assert answers.put(1, typed, 0) == Answer(kept, True, 1)


def test_the_table_ends_with_who_is_missing(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(table(results, GIVEN, missing=["Béa", "=B"]))))
    assert [(r["image"], r["name"], r["checked"], r["read"]) for r in rows[3:]] == [
        ("", "Béa", "missing", ""),
        ("", "'=B", "missing", ""),
    ]


def test_no_cell_is_a_formula(results: Results) -> None:
    text = table(results, {0: Answer("=1+1", True, 1)})
    assert "a.png,,,'=1+1,yes" in text


def test_an_image_that_is_gone_is_told(results: Results, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "b.png"), draw("BC", scale=2))
    count, problems = write_corrections(tmp_path / "out", results, GIVEN)
    assert (count, "b.png: changed after it was read" in problems[0]) == (0, True)
    (tmp_path / "b.png").unlink()
    count, problems = write_corrections(tmp_path / "out", results, GIVEN)
    assert (count, "b.png" in problems[0]) == (0, True)


def test_an_image_that_is_gone_keeps_the_crop_that_was_made_of_it(
    results: Results, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    write_corrections(folder, results, GIVEN)
    (tmp_path / "b.png").unlink()
    count, problems = write_corrections(folder, results, {1: Answer("BAB", True, 2)})
    assert (count, "b.png" in problems[0]) == (1, True)
    (row,) = csv.DictReader((folder / "written_name_train_v2.csv").open())
    assert row["IDENTITY"] == "BAB"
    assert (folder / "train_v2" / "train" / row["FILENAME"]).is_file()
    assert write_corrections(folder, results, {}) == (0, [])  # taken back
    assert not list(folder.rglob("*.png"))


def test_the_command_hands_out_what_was_answered(results: Results, tmp_path: Path) -> None:
    with Answers(results) as answers:
        answers.put(1, "BA", 0)
    asked = ["review", "results.jsonl", "--export", "names.csv", "--corrections", "mine"]
    done = run(*asked, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "names.csv: 3 names, 1 answered" in done.stderr
    assert "mine: 1 training rows" in done.stderr
    assert (tmp_path / "names.csv").read_text("utf-8-sig").startswith("image,page")
    (tmp_path / "list.txt").write_text("AB\nBéa\n", "utf-8")
    done = run(*asked, "--roster", "list.txt", cwd=tmp_path)
    assert "names.csv: 3 names, 1 answered, 1 missing" in done.stderr
    assert (tmp_path / "names.csv").read_text("utf-8").endswith(",,,Béa,missing,,\n")
    done = run(*asked, "--separator", "semicolon", cwd=tmp_path)
    assert (tmp_path / "names.csv").read_text("utf-8-sig").startswith("image;page")
    (tmp_path / "b.png").unlink()
    assert run(*asked, cwd=tmp_path).returncode == 1
    for mine in ("results.jsonl", "results.answers.jsonl", "a.png"):
        before = (tmp_path / mine).read_bytes()
        assert run("review", "results.jsonl", "--export", mine, cwd=tmp_path).returncode == 2
        assert (tmp_path / mine).read_bytes() == before
    again = ["file", "a.png", "--format", "jsonl", "--output", "results.jsonl"]
    done = run(*again, cwd=tmp_path)
    assert (done.returncode, "has answers of a review" in done.stderr) == (2, True)
    done = run("review", "nowhere.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_journal_cut_short_in_its_first_line_has_no_answers(results: Results) -> None:
    with Answers(results) as answers:
        answers.put(0, "FIRST", 0)
    journal = answers_beside(results.path)
    journal.write_bytes(journal.read_bytes()[:9])
    assert answers_so_far(results) == {}
    with Answers(results) as answers:
        answers.put(0, "SECOND", 0)
    assert answers_so_far(results)[0].text == "SECOND"


def test_corrections_keep_what_is_there_where_they_cannot_be_written(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {place: Answer("AB", True, 1) for place in range(3)}
    write_corrections(tmp_path / "more", results, answers)
    before = sorted((tmp_path / "more").rglob("*.*"))

    def full(*_: object, **__: object) -> None:
        raise OutputError("no space")

    monkeypatch.setattr("hwr_edge.review.export.write_own", full)
    with pytest.raises(OutputError):
        write_corrections(tmp_path / "more", results, {0: Answer("AB", True, 1)})
    assert sorted((tmp_path / "more").rglob("*.*")) == before
    monkeypatch.undo()
    write_corrections(tmp_path / "more", results, {0: Answer("AB", True, 1)})
    assert len(list((tmp_path / "more").rglob("*.png"))) == 1


@pytest.mark.parametrize("planted", ["written_name_train_v2.csv", "train_v2", "train_v2/train"])
def test_a_planted_link_costs_no_other_file_or_folder(
    results: Results, tmp_path: Path, planted: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if planted.endswith(".csv"):
        elsewhere.write_text("FILENAME,IDENTITY\n")
    else:
        elsewhere.mkdir()
    link = tmp_path / "out" / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    given = {0: Answer("AB", True, 1)}
    if planted.endswith(".csv"):
        write_corrections(tmp_path / "out", results, given)
        assert elsewhere.read_text() == "FILENAME,IDENTITY\n"
        assert not link.is_symlink()
    else:
        with pytest.raises(OutputError, match="is a link"):
            write_corrections(tmp_path / "out", results, given)
        assert not list(elsewhere.iterdir())


def test_corrections_are_not_mixed_with_another_table(results: Results, tmp_path: Path) -> None:
    table = tmp_path / "more" / "written_name_train_v2.csv"
    table.parent.mkdir()
    table.write_text("FILENAME,IDENTITY,AGE\na.png,AB,7\n")
    with pytest.raises(DataError, match="is not a table of only FILENAME,IDENTITY"):
        write_corrections(tmp_path / "more", results, {0: Answer("AB", True, 1)})
    assert table.read_text() == "FILENAME,IDENTITY,AGE\na.png,AB,7\n"


def test_another_image_of_the_same_name_is_told(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), draw("AB"))
    done = run("file", "a.png", "--format", "jsonl", "--output", "r.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    results = read_results(tmp_path / "r.jsonl")
    assert cut(results, 0).shape == (64, 256)
    cv2.imwrite(str(tmp_path / "a.png"), draw("BA"))
    with pytest.raises(ImageError, match="changed after it was read"):
        cut(results, 0)
    count, problems = write_corrections(tmp_path / "more", results, {0: Answer("AB", True, 1)})
    assert (count, len(problems)) == (0, 1)


def test_the_roster_s_columns_are_exported_with_the_name_that_was_proposed(tmp_path: Path) -> None:
    kept = {"match_id": "7", "match Classe": "6A"}
    rows: list[dict[str, object]] = [
        {**ROWS[2], **kept},
        {**ROWS[2], "image": "d.png", **kept},
        {"image": "e.png", "text": "AB", "confidence": 0.9, "match_id": None},
    ]
    results = read_results(write_results(tmp_path, rows))
    found = list(csv.DictReader(io.StringIO(table(results, {1: Answer("Ab", True, 1)}))))
    assert [row["match_id"] for row in found] == ["7", "", ""]
    assert [row["match Classe"] for row in found] == ["6A", "", ""]


def test_who_of_a_roster_has_no_image_is_listed_by_what_was_answered(tmp_path: Path) -> None:
    path = write_results(tmp_path)
    (tmp_path / "class.csv").write_text("Nom;No\nAb;1\nÇa;2\nBc;3\nBa;4\n", "utf-8")
    with Answers(read_results(path)) as answers:
        answers.put(1, "BA", 0)
    asked = ["--roster", "class.csv", "--missing", "missing.csv"]
    done = run("review", path.name, *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "missing.csv").read_text("utf-8-sig") == "roster name,Nom,No\nBc,Bc,3\n"
    assert run("review", path.name, *asked[2:], cwd=tmp_path).returncode == 2
