"""The output formats: their names, the file endings that choose them, and the layout of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from hwr_edge.results.layouts import JsonArray, JsonLines, Layout, TextLines


class Format(StrEnum):
    """How rows are printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    ALTO = "alto"
    HOCR = "hocr"
    LABEL_STUDIO = "label-studio"


ENDINGS: Mapping[str, Format] = {
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".xlsx": Format.XLSX,
    ".xml": Format.ALTO,
    ".hocr": Format.HOCR,
}
"""The format of an --output by its ending, where --format does not say; others are text."""
GROWING = (Format.TEXT, Format.JSONL, Format.CSV)
"""Formats whose file grows row by row, and can be resumed; others are written at the end."""
TABLES = (Format.CSV, Format.XLSX)
WITH_PLACES = (Format.ALTO, Format.HOCR)
"""Formats that say where each word stands."""


def _csv() -> Layout:
    from hwr_edge.results.tables import Csv

    return Csv()


def _alto() -> Layout:
    from hwr_edge.results.archives import Alto

    return Alto()


def _hocr() -> Layout:
    from hwr_edge.results.archives import Hocr

    return Hocr()


def _label_studio() -> Layout:
    from hwr_edge.results.archives import LabelStudio

    return LabelStudio()


def _workbook() -> Layout:
    from hwr_edge.results.tables import Csv
    from hwr_edge.results.workbook import Workbook

    return Workbook(Csv())


LAYOUTS: Mapping[str, Callable[[], Layout]] = {
    Format.TEXT: TextLines,
    Format.JSON: JsonArray,
    Format.JSONL: JsonLines,
    Format.CSV: _csv,
    Format.XLSX: _workbook,
    Format.ALTO: _alto,
    Format.HOCR: _hocr,
    Format.LABEL_STUDIO: _label_studio,
}
"""What makes each format. For one image text is `NameOnly`, and for forms a table is a `FormTable`."""
