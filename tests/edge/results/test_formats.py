from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Alternative, Reading
from hwr_edge.results.cells import no_formula, without_apostrophe
from hwr_edge.results.formats import LAYOUTS
from hwr_edge.results.layouts import Layout, NameOnly
from hwr_edge.results.rows import Row
from hwr_edge.results.separator import Separator
from hwr_edge.results.tables import BOX_KEYS, CELL_KEYS, Csv, FormTable

ROW = Row("d/a,b.png", Reading("D'ÉA", 0.987654, (0.99,) * 4, (1, 2, 30, 40)))
FACTS = {
    "schema": 1,
    "image": "d/a,b.png",
    "text": "D'ÉA",
    "confidence": 0.9877,
    "box": [1, 2, 30, 40],
}


OTHERS = (Alternative("D'EA", 0.01234), Alternative("", 0.001))
LISTED = [{"text": "D'EA", "confidence": 0.0123}, {"text": "", "confidence": 0.001}]
WITH_OTHERS = ROW._replace(reading=replace(ROW.reading, alternatives=OTHERS), top=2)


def render(layout: Layout, *rows: Row) -> str:
    begin = layout.head() + "".join(layout.rows([row]) for row in rows)
    end = layout.tail()
    assert isinstance(end, str)
    return begin + end


def test_the_keys_are_those_of_the_contract() -> None:
    assert ROW.to_dict() == FACTS


def test_one_image_gives_the_name_alone() -> None:
    assert render(NameOnly(), ROW) == "D'ÉA\n"


def test_text_is_path_name_and_confidence() -> None:
    assert render(LAYOUTS["text"](), ROW) == "d/a,b.png\tD'ÉA\t0.9877\n"


def test_alternatives_stand_in_every_layout_where_they_were_asked_for() -> None:
    assert WITH_OTHERS.to_dict() == {**FACTS, "alternatives": LISTED}
    assert render(NameOnly(), WITH_OTHERS) == "D'ÉA\n\tD'EA\t0.0123\n\t\t0.0010\n"
    assert render(LAYOUTS["text"](), WITH_OTHERS).splitlines()[1:] == [
        "\tD'EA\t0.0123",
        "\t\t0.0010",
    ]
    (row,) = csv.DictReader(io.StringIO(render(LAYOUTS["csv"](), WITH_OTHERS)))
    assert row["alternatives"] == "D'EA (0.0123);  (0.001)"


def test_a_path_with_either_line_end_stays_one_record_of_csv() -> None:
    odd = ROW._replace(image="a\rb\nc.png")
    (row,) = csv.DictReader(io.StringIO(render(LAYOUTS["csv"](), odd), newline=""))
    assert row["image"] == "a\rb\nc.png"


def test_asked_for_and_without_any_alternatives_are_an_empty_list() -> None:
    assert ROW._replace(top=3).to_dict()["alternatives"] == []


MATCHED = ROW._replace(reading=replace(ROW.reading, match=Match("D’Éa", 0.97531), review=False))
UNMATCHED = ROW._replace(reading=replace(ROW.reading, match=Match(None, 0.9), review=True))


def test_match_and_review_stand_in_every_layout_where_they_were_asked_for() -> None:
    more = {"match": "D’Éa", "match_confidence": 0.9753, "review": False}
    assert MATCHED.to_dict() == {**FACTS, **more}
    assert UNMATCHED.to_dict() == {
        **FACTS, "match": None, "match_confidence": 0.9, "review": True,
    }  # fmt: skip
    assert render(LAYOUTS["text"](), MATCHED, UNMATCHED).splitlines() == [
        "d/a,b.png\tD'ÉA\t0.9877\tD’Éa\t0.9753\t",
        "d/a,b.png\tD'ÉA\t0.9877\t-\t0.9000\treview",
    ]
    first, second = csv.DictReader(io.StringIO(render(LAYOUTS["csv"](), MATCHED, UNMATCHED)))
    assert (first["match"], first["match_confidence"], first["review"]) == (
        "D’Éa",
        "0.9753",
        "false",
    )
    assert (second["match"], second["review"]) == ("", "true")


def test_json_lines_are_one_object_each() -> None:
    lines = render(LAYOUTS["jsonl"](), ROW, ROW).splitlines()
    assert [json.loads(line) for line in lines] == [FACTS, FACTS]
    assert "É" in lines[0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array_also_when_empty(count: int) -> None:
    assert json.loads(render(LAYOUTS["json"](), *[ROW] * count)) == [FACTS] * count


def test_csv_is_a_table_for_spreadsheets_with_one_value_a_cell() -> None:
    (row,) = csv.DictReader(io.StringIO(render(LAYOUTS["csv"](), ROW)))
    facts = {"image": "d/a,b.png", "text": "D'ÉA", "confidence": "0.9877"}
    box = {"left": "1", "top": "2", "width": "30", "height": "40"}
    more = [
        "page",
        "field",
        "turn",
        "alternatives",
        "match",
        "match_confidence",
        "review",
        *CELL_KEYS,
    ]
    assert row == {**facts, **box, **dict.fromkeys(more, "")}
    assert next(iter(row)) == "image"


@given(st.text(), st.text())
def test_any_text_and_path_come_back_out_of_json(image: str, text: str) -> None:
    row = Row(image, Reading(text, 1, (), (0, 0, 1, 1)))
    for layout in ("json", "jsonl"):
        found = json.loads(render(LAYOUTS[layout](), row))
        found = found[0] if isinstance(found, list) else found
        assert (found["image"], found["text"]) == (image, text)


def test_a_path_that_is_no_unicode_stays_valid_json() -> None:
    line = render(LAYOUTS["jsonl"](), Row("bad\udcff.png", ROW.reading))
    assert json.loads(line.encode("utf-8"))["image"] == "bad\udcff.png"


ON_FORM = ROW._replace(image="f.pdf", page=3, field="nom", turn=180)


def test_page_field_and_turn_stand_in_every_layout_where_there_are_any() -> None:
    found = ON_FORM.to_dict()
    assert (found["page"], found["field"], found["turn"]) == (3, "nom", 180)
    assert list(found)[:4] == ["schema", "image", "page", "field"]
    assert render(LAYOUTS["text"](), ON_FORM) == "f.pdf#page=3\tnom\tD'ÉA\t0.9877\n"
    assert render(NameOnly(), ON_FORM) == "nom\tD'ÉA\n"
    (row,) = csv.DictReader(io.StringIO(render(LAYOUTS["csv"](), ON_FORM)))
    assert (row["page"], row["field"], row["turn"]) == ("3", "nom", "180")


def test_a_form_is_one_record_with_a_column_for_each_field() -> None:
    other = ON_FORM._replace(field="a, b", reading=replace(MATCHED.reading, text="LEA"))
    nom = ON_FORM._replace(reading=UNMATCHED.reading)
    layout = FormTable(["nom", "a, b"], matched=True, reviewed=True)
    text = layout.head() + layout.rows([other, nom])
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["image"], row["page"], row["turn"]) == ("f.pdf", "3", "180")
    assert (row["nom"], row["a, b"], row["nom confidence"]) == ("D'ÉA", "LEA", "0.9877")
    assert (row["nom match"], row["a, b match"]) == ("", "D’Éa")
    assert (row["nom review"], row["a, b review"]) == ("true", "false")
    assert [row[f"nom {key}"] for key in BOX_KEYS] == ["1", "2", "30", "40"]


@pytest.mark.parametrize("of_form", [False, True])
def test_a_table_can_be_one_for_countries_with_a_decimal_comma(of_form: bool) -> None:
    def table(separator: Separator) -> str:
        form = FormTable(["nom"], matched=False, reviewed=False, separator=separator)
        return render(form if of_form else Csv(separator), ON_FORM)

    text = table(Separator.SEMICOLON)
    assert text.startswith("\ufeffimage;page;")  # the mark is how spreadsheets know UTF-8
    (there,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    (plain,) = csv.DictReader(io.StringIO(table(Separator.COMMA)))
    sure = "nom confidence" if of_form else "confidence"
    assert (there.pop(sure), plain.pop(sure)) == ("0,9877", "0.9877")
    assert there == plain


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@SUM(A1)", "\tA", "\rA"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert no_formula(cell) == f"'{cell}"
    assert without_apostrophe(f"'{cell}") == cell
    odd = ON_FORM._replace(image=cell)
    for layout in (Csv(), FormTable(["nom"], matched=False, reviewed=False)):
        (row,) = csv.DictReader(io.StringIO(render(layout, odd), newline=""))
        assert row["image"] == f"'{cell}"
    assert no_formula("D'ARC-MARTIN") == "D'ARC-MARTIN"
