"""Results that are being reviewed: nothing replaces them, and answers are to them alone."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

from commands import HWR_EDGE, environment, run
from edge.review.test_review import ROWS, write_results
from edge.review.test_server import Client, client
from fakes import draw
from hwr_edge.errors import DataError, OutputError
from hwr_edge.results.reviewed import Reviewed, answers_beside, replacing
from hwr_edge.review.answer_file import answers_so_far
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import Results, read_results

__all__ = ["client"]  # a fixture, in the same folder as `results`


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return read_results(write_results(tmp_path))


def _answer(results: Results) -> None:
    with Answers(results) as answers:
        answers.put(1, "BA", 0)


@contextmanager
def _slow_run(folder: Path, form: str) -> Iterator[Callable[[], tuple[int, str]]]:
    """A run that replaces the results, and waits for its last image; the call gives it that."""
    os.mkfifo(folder / "slow.png")
    command = [
        *HWR_EDGE,
        "file",
        "a.png",
        "slow.png",
        "--format",
        form,
        "--output",
        "results.jsonl",
    ]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 30
            while (pipe := _writing_end(folder / "slow.png")) is None:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)

            def end() -> tuple[int, str]:
                os.write(pipe, cv2.imencode(".png", draw("CC"))[1].tobytes())
                os.close(pipe)
                said = process.communicate(timeout=60)[1]
                return process.returncode, said

            yield end
        finally:
            process.kill()


def _writing_end(pipe: Path) -> int | None:
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # nobody reads it yet
        return None


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "text"])
def test_a_run_that_began_before_the_first_answer_replaces_nothing(
    results: Results, tmp_path: Path, form: str
) -> None:
    before = results.path.read_bytes()
    with _slow_run(tmp_path, form) as end:
        _answer(results)
        status, said = end()
    assert (status, said.count("\n")) == (1, 1)
    assert "has answers of a review" in said
    assert results.path.read_bytes() == before
    done = run("review", "results.jsonl", "--export", "names.csv", cwd=tmp_path)
    assert (done.returncode, "1 answered" in done.stderr) == (0, True)
    assert (
        "CC" in (tmp_path / "results.jsonl.part").read_text()
    )  # hours of reading are no loss either


def test_what_was_kept_goes_on_when_the_review_was_moved_away(
    results: Results, tmp_path: Path
) -> None:
    with _slow_run(tmp_path, "jsonl") as end:
        _answer(results)
        assert "with --resume to continue" in end()[1]
    (tmp_path / "old").mkdir()
    for path in (results.path, answers_beside(results.path)):
        path.rename(tmp_path / "old" / path.name)
    (tmp_path / "slow.png").unlink()
    cv2.imwrite(str(tmp_path / "slow.png"), draw("CC"))
    asked = ["file", "a.png", "slow.png", "--format", "jsonl", "--output", "results.jsonl"]
    assert run(*asked, "--resume", cwd=tmp_path).returncode == 0
    assert [row.text for row in read_results(results.path).rows] == ["AB", "CC"]
    assert answers_so_far(read_results(tmp_path / "old" / results.path.name))[1].text == "BA"


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "text"])
def test_no_format_begins_over_answered_results(
    results: Results, tmp_path: Path, form: str
) -> None:
    _answer(results)
    before = results.path.read_bytes()
    done = run("file", "a.png", "--format", form, "--output", "results.jsonl", cwd=tmp_path)
    assert (done.returncode, "has answers of a review" in done.stderr) == (2, True)
    assert results.path.read_bytes() == before


def test_a_review_that_is_open_keeps_its_results(results: Results, tmp_path: Path) -> None:
    with Answers(results) as answers:
        done = run("file", "a.png", "--format", "jsonl", "--output", "results.jsonl", cwd=tmp_path)
        assert (done.returncode, "a review of this file is open; end it first" in done.stderr) == (
            2,
            True,
        )
        answers.put(1, "BA", 0)
    assert answers_so_far(read_results(results.path))[1].text == "BA"


def test_a_table_beside_the_review_of_other_results_is_replaced(
    results: Results, tmp_path: Path
) -> None:
    _answer(results)
    for _ in range(2):
        done = run("file", "a.png", "--format", "csv", "--output", "results.csv", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_review_by_a_link_keeps_the_results_behind_it(results: Results, tmp_path: Path) -> None:
    (tmp_path / "latest.jsonl").symlink_to(results.path)
    _answer(read_results(tmp_path / "latest.jsonl"))
    with pytest.raises(Reviewed), replacing(results.path, True):
        pass


def test_a_journal_that_cannot_be_read_may_have_answers(results: Results) -> None:
    journal = answers_beside(results.path)
    journal.symlink_to(journal.name)
    with pytest.raises(Reviewed), replacing(results.path, True):
        pass


def test_no_answer_is_taken_to_results_that_changed(results: Results) -> None:
    before = results.path.read_bytes()
    with Answers(results) as answers:
        answers.put(0, "AB", 0)
        results.path.write_bytes(before.replace(b'"BC"', b'"CB"'))
        with pytest.raises(OutputError, match=r"results\.jsonl: was changed"):
            answers.put(1, "BA", 0)
        results.path.unlink()
        with pytest.raises(OutputError, match="moved or deleted"):
            answers.take_back(0, 1)
        results.path.write_bytes(before)  # put back
        answers.put(1, "BA", 0)
    assert {k: a.text for k, a in answers_so_far(results).items()} == {0: "AB", 1: "BA"}


def test_a_review_of_results_that_changed_since_they_were_read_does_not_begin(
    results: Results,
) -> None:
    results.path.write_text(results.path.read_text().replace("BC", "CB"))
    with pytest.raises(DataError, match="was changed"):
        Answers(results)


def test_a_review_without_an_answer_leaves_nothing_in_the_way_of_other_results(
    results: Results, tmp_path: Path
) -> None:
    with Answers(results):
        pass
    done = run("file", "a.png", "--format", "jsonl", "--output", "results.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    other = read_results(results.path)
    assert answers_so_far(other) == {}
    with Answers(other) as answers:
        answers.put(0, "ABA", 0)
    assert answers_so_far(other)[0].text == "ABA"


def test_the_page_is_told_that_results_changed(results: Results, client: Client) -> None:
    assert "trouble" not in client.ask("GET", "/events?after=0").json
    results.path.write_text(json.dumps({"schema": 1, "box": [0, 0, 1, 1], **ROWS[0]}) + "\n")
    reply = client.ask("POST", "/rows/1", {"version": 0, "answer": "BA"})
    assert (reply.status, b"results.jsonl: was changed" in reply.body) == (500, True)
    assert "was changed" in client.ask("GET", "/events?after=0").json["trouble"]
    assert client.ask("GET", "/rows").json["rows"][1]["given"] is False
