"""Excel workbooks, read back by another library."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from hwr_edge.errors import OutputError
from hwr_edge.line.reading import Reading
from hwr_edge.results.layouts import Layout
from hwr_edge.results.rows import Row
from hwr_edge.results.tables import Csv, FormTable
from hwr_edge.results.workbook import Workbook

calamine: Any = pytest.importorskip("python_calamine")
pytest.importorskip("xlsxwriter")

ROW = Row("d/a.png", Reading("=1+1", 0.5, (), (1, 2, 30, 40), review=True), page=3)


def sheet_of(table: Layout, *rows: Row) -> list[list[Any]]:
    book = Workbook(table)
    for row in rows:
        assert book.rows([row]) == ""
    book.rows([])
    read = calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.tail()))
    cells: list[list[Any]] = read.get_sheet_by_index(0).to_python()
    return cells


def test_a_sheet_has_the_columns_of_the_csv_and_values_of_their_kind() -> None:
    heading, cells = sheet_of(Csv(), ROW)
    assert heading == list(Csv().columns)
    found = dict(zip(heading, cells, strict=True))
    assert (found["image"], found["page"], found["confidence"]) == ("d/a.png", 3, 0.5)
    assert (found["text"], found["review"], found["width"]) == ("=1+1", True, 30)
    assert found["match"] == ""


def test_a_form_is_a_row() -> None:
    table = FormTable(["nom"], matched=False, reviewed=False)
    heading, cells = sheet_of(table, ROW._replace(field="nom"))
    assert dict(zip(heading, cells, strict=True))["nom"] == "=1+1"


def test_a_path_of_any_bytes_is_written() -> None:
    assert sheet_of(Csv(), ROW._replace(image="a\udcff.png"))[1][0] == "a?.png"


def test_without_the_library_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(OutputError, match="run: pip install XlsxWriter"):
        Workbook(Csv())
