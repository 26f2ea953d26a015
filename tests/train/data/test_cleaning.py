from __future__ import annotations

import json
from pathlib import Path

from hwr_train.data.cleaning import charset_of, clean
from hwr_train.data.row import Row
from train.data.test_rows import LATIN


def test_a_file_name_that_no_system_takes_counts_as_missing(tmp_path: Path) -> None:
    _, report = clean([Row("x", tmp_path / ("x" * 5000), "LEA")], LATIN, frames=64)
    assert report.counts() == {"image missing": 1}


def test_every_unusable_row_is_reported_with_its_reason_and_id(tmp_path: Path) -> None:
    here = tmp_path / "a.jpg"
    here.touch()
    rows = [
        Row("ok", here, "LEA"),
        Row("ok", here, "LIA"),
        Row("blank", here, ""),
        Row("empty", here, "EMPTY"),
        Row("unreadable", here, "UNREADABLE"),
        Row("greek", here, "ΛΕΑ"),
        Row("long", here, "LL" * 4),
        Row("gone", tmp_path / "gone.jpg", "LEA"),
        Row("", here, "LEA"),
    ]
    kept, report = clean(rows, LATIN, frames=14)
    assert [row.name for row in kept] == ["ok"]
    assert report.dropped == {
        "named before": ["ok"],
        "blank": ["blank"],
        "EMPTY": ["empty"],
        "UNREADABLE": ["unreadable"],
        "unknown letters": ["greek"],
        "too long for CTC": ["long"],  # eight equal letters need 15 frames
        "image missing": ["gone"],
        "without a file name": [""],
    }
    report.save(tmp_path / "report.json")
    saved = json.loads((tmp_path / "report.json").read_text())
    assert (saved["rows"], saved["kept"], saved["counts"]["blank"]) == (9, 1, 1)
    assert saved["dropped"]["image missing"] == ["gone"]


def test_the_charset_is_what_usable_labels_hold_often_enough() -> None:
    rows = [
        Row("x", Path("x"), text) for text in ["BAB", "BA", "A", "EMPTY", "EMPTY", "EMPTY", "Q"]
    ]
    assert charset_of(rows, least=3).letters == "AB"
