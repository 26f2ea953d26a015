"""What a match brings of its line in the roster, and who was not found."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Reading
from hwr_edge.results.matched import Matches, names_by_writing
from hwr_edge.results.roster_file import People, read_people
from hwr_edge.results.rows import Row


@pytest.fixture
def people(tmp_path: Path) -> People:
    path = tmp_path / "list.csv"
    path.write_text(
        "No;Nom;Nom d'usage;Prénom;Classe\n1;ROUX;;Zoé;6A\n2;LE GUEN;ROUX;Tom;6B\n"
        "3;PETIT;;Léa;6A\n4;PETIT;;Léa;6C\n",
        "utf-8",
    )
    return read_people(path)


def _row(name: str | None) -> Row:
    return Row("a.png", Reading("X", 0.5, (0.5,), (0, 0, 9, 9), match=Match(name, 0.9)))


def test_a_match_brings_its_number_and_the_columns_that_were_asked_for(people: People) -> None:
    matches = Matches(people, ["classe", "1"])
    assert matches.columns == ("match_id", "match Classe", "match No")
    found = [row.kept for row in matches.add([_row("LE GUEN Tom"), _row(None), _row("PETIT Léa")])]
    nothing = {"match_id": None, "match Classe": None, "match No": None}
    assert found == [{"match_id": "2", "match Classe": "6B", "match No": "2"}, nothing, nothing]


def test_who_was_not_found_is_told_and_of_those_called_alike_all_where_one_is_missing(
    people: People, tmp_path: Path
) -> None:
    matches = Matches(people)
    matches.add([_row("ROUX Zoé"), _row("PETIT Léa"), _row("ROUX Zoé")])
    assert [(name, entry.line) for name, entry in matches.missing()] == [
        ("LE GUEN Tom", 3), ("PETIT Léa", 4), ("PETIT Léa", 5),
    ]  # fmt: skip
    matches.count(["PETIT Léa"])
    assert "1 of 4 names" in matches.write_missing(tmp_path / "missing.csv")
    assert (tmp_path / "missing.csv").read_text("utf-8-sig").splitlines()[1] == (
        "LE GUEN Tom,2,LE GUEN,ROUX,Tom,6B"
    )


def test_people_are_known_by_every_way_to_write_them(people: People) -> None:
    known = names_by_writing(people)
    assert known["ROUX TOM"] == known["LE GUEN TOM"] == "LE GUEN Tom"


def test_a_column_that_is_not_there_is_told(people: People) -> None:
    with pytest.raises(DataError, match="no column 'age'"):
        Matches(people, ["age"])
