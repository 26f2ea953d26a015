from __future__ import annotations

import csv
import io
from dataclasses import replace

from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Reading
from hwr_edge.results.formats import LAYOUTS
from hwr_edge.results.rows import Row


def cell(text: str, row: int, column: int, sure: float = 0.9) -> Row:
    box = 100 * column, 50 * row, 80, 30
    return Row("list.png", Reading(text, sure, (sure,), box, cell=(row, column)))


def records(*rows: Row) -> list[dict[str, str]]:
    layout = LAYOUTS["csv"]()
    return list(csv.DictReader(io.StringIO(layout.head() + layout.rows(rows))))


def test_surname_and_first_name_of_a_line_stand_in_one_record() -> None:
    first, second = records(
        cell("DUBOIS", 1, 1), cell("MANON", 1, 2, 0.5), cell("ROUX", 2, 1), cell("PAUL", 2, 2)
    )
    assert [first[key] for key in ("text", "text 2", "row", "confidence")] == ["DUBOIS", "MANON", "1", "0.45"]  # fmt: skip
    assert [first[key] for key in ("left", "top", "width", "height")] == ["100", "50", "180", "30"]
    assert (second["text"], second["text 2"], second["column"]) == ("ROUX", "PAUL", "")


def test_a_line_whose_first_cell_is_empty_keeps_its_columns() -> None:
    (record,) = records(cell("MANON", 3, 2))
    assert (record["text"], record["text 2"], record["row"]) == ("", "MANON", "3")


def test_more_cells_than_columns_lose_nothing() -> None:
    (record,) = records(*(cell(text, 1, k) for k, text in enumerate("ABCDEF", 1)))
    assert [record[key] for key in ("text", "text 2", "text 3", "text 4")] == ["A", "B", "C", "D E F"]  # fmt: skip


def test_what_stands_in_no_table_keeps_its_record_and_place() -> None:
    title = cell("CM2", 1, 1)._replace(reading=Reading("CM2", 1.0, (), (0, 0, 9, 9)))
    found = records(title, cell("DUBOIS", 1, 1), cell("MANON", 1, 2), title)
    assert [record["text"] for record in found] == ["CM2", "DUBOIS", "CM2"]
    assert [record["row"] for record in found] == ["", "1", ""]


def test_the_surest_match_and_any_doubt_are_the_lines() -> None:
    one, other = cell("DUBOIS", 1, 1), cell("MANON", 1, 2)
    one = one._replace(reading=replace(one.reading, match=Match(None, 0.99), review=True))
    other = other._replace(reading=replace(other.reading, match=Match("Dubois Manon", 0.6), review=False))  # fmt: skip
    (record,) = records(one, other)
    assert (record["match"], record["match_confidence"]) == ("Dubois Manon", "0.6")
    assert record["review"] == "true"


def test_json_has_row_and_column_of_each_cell() -> None:
    found = cell("MANON", 3, 2).to_dict()
    assert (found["row"], found["column"]) == (3, 2)
    assert "row" not in Row("a.png", Reading("A", 1.0, (), (0, 0, 9, 9))).to_dict()
