"""The list beside a review: names to choose, and who is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.review.test_review import write_results
from hwr_edge.results.roster_file import read_people
from hwr_edge.review.answer_file import Answer
from hwr_edge.review.people import NameList, Suggestion
from hwr_edge.review.results import read_results

LIST = "Ça\nBob Bac\nAb\nBéa\nAbba Ca\nBa'Ab\n"


@pytest.fixture
def names(tmp_path: Path) -> NameList:
    (tmp_path / "list.txt").write_text(LIST, "utf-8")
    return NameList(read_people(tmp_path / "list.txt"), read_results(write_results(tmp_path)))


def told(found: list[Suggestion]) -> list[str]:
    return [("-" if one.taken else "") + one.name for one in found]


def test_names_that_begin_so_stand_before_names_with_such_a_word(names: NameList) -> None:
    assert told(names.suggest("b", 1, {})) == ["Bob Bac", "Béa", "Ba'Ab", "Abba Ca", "-Ab"]
    assert told(names.suggest("ca", 2, {})) == ["Ça", "Abba Ca"]
    assert told(names.suggest("bEá", 1, {})) == ["Béa"]
    assert told(names.suggest("zz", 1, {})) == []
    assert told(names.suggest("  ", 1, {})) == []


def test_who_was_found_elsewhere_stands_last(names: NameList) -> None:
    assert told(names.suggest("ab", 1, {})) == ["Abba Ca", "Ba'Ab", "-Ab"]  # row 0 was surely read
    assert told(names.suggest("ab", 0, {})) == ["Ab", "Abba Ca", "Ba'Ab"]  # which is in that row
    given = {2: Answer("abba ca", True, 1)}
    assert told(names.suggest("ab", 1, given)) == ["Ba'Ab", "-Ab", "-Abba Ca"]


def test_no_more_names_are_shown_than_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("".join(f"A{c}a\n" for c in "abcdefghijkl"), "utf-8")
    many = NameList(read_people(tmp_path / "list.txt"), read_results(write_results(tmp_path)))
    assert len(many.suggest("a", 1, {})) == 8


def test_two_people_called_alike_are_taken_when_both_are(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,class\nAb,1\nAb,2\nBa,1\n", "utf-8")
    people = read_people(tmp_path / "list.csv")
    two = NameList(people, read_results(write_results(tmp_path)))
    assert told(two.suggest("ab", 1, {})) == ["Ab"]
    assert two.missing({}) == ["Ab", "Ab", "Ba"]
    given = {1: Answer("AB", True, 1)}
    assert told(two.suggest("ab", 2, given)) == ["-Ab"]
    assert two.missing(given) == ["Ba"]


def test_who_is_in_no_row_is_missing(names: NameList) -> None:
    assert names.missing({}) == ["Bob Bac", "Béa", "Abba Ca", "Ba'Ab"]
    given = {2: Answer("BÉA", True, 1), 0: Answer(None, True, 1)}
    assert names.missing(given) == ["Ça", "Bob Bac", "Ab", "Abba Ca", "Ba'Ab"]


def test_names_that_differ_in_an_accent_are_two(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("Bea\nBéa\nAb\n", "utf-8")
    twins = NameList(read_people(tmp_path / "list.txt"), read_results(write_results(tmp_path)))
    assert told(twins.suggest("bé", 1, {})) == ["Bea", "Béa"]
    assert twins.missing({1: Answer("Béa", True, 1)}) == ["Bea"]
    assert told(twins.suggest("be", 2, {1: Answer("bea", True, 1)})) == ["Béa", "-Bea"]
