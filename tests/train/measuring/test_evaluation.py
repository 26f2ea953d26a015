from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from hwr_train.data.checked import Checked
from hwr_train.data.row import Row
from hwr_train.measuring.evaluation import Evaluation, write_evaluation
from hwr_train.measuring.roster_answers import RosterAnswers


def _evaluation() -> Evaluation:
    truths = ["LEA", "MANON", "THOMAS", "JEAN-BAPTISTE"]
    return Evaluation(
        model="m.tflite",
        split="test",
        decoder="greedy",
        rows=tuple(Row(f"{t}.jpg", Path(f"{t}.jpg"), t) for t in truths),
        readings=("LEA", "MANOM", "THOMAS", "JEAN BAPTISTE"),
        confidences=(0.9, 0.5, 0.8, 0.2),
        sizes=((328, 48), (328, 42), (392, 29), (330, 49)),
        left_out={"EMPTY": 2},
        empty=495,
    )


def test_figures_are_over_all_rows_and_by_length() -> None:
    found = _evaluation()
    assert found.score.exact == 0.5
    assert found.score.cer == 2 / 27
    assert {k: v.names for k, v in found.by_length().items()} == {
        "1 to 4": 1,
        "5 to 6": 2,
        "12 and more": 1,
    }
    assert {k: v.names for k, v in found.by_layout().items()} == {
        "320+ by 40+": 3,
        "380+ by 20+": 1,
    }
    assert found.by_layout()["380+ by 20+"].exact == 1


def test_readings_count_against_what_is_written_beside_the_labels() -> None:
    plain = _evaluation()
    checked = {
        "LEA.jpg": Checked("same", ("LEA",)),
        "MANON.jpg": Checked("ambiguous", ("MARON", "MANOM")),
        "THOMAS.jpg": Checked("corrected", ("TOMAS",)),
        "JEAN-BAPTISTE.jpg": Checked("unreadable", ()),
    }
    found = replace(plain, checked=checked)
    assert found.score == plain.score
    written = found.against_checked
    assert [row.text for row in written.rows] == ["LEA", "MANOM", "TOMAS"]
    assert written.right == [True, True, False]
    assert written.confidences == (0.9, 0.5, 0.8)
    figures = json.loads(found.to_json())["checked"]
    assert (figures["names"], figures["exact"], figures["to_look_at"]) == (
        3,
        pytest.approx(2 / 3),
        0,
    )
    assert "against checked labels: CER 7.69%" in found.to_text()
    assert "checked" not in json.loads(plain.to_json())
    assert "checked" not in plain.to_text()


def test_a_doubled_hyphen_counts_as_one() -> None:
    found = replace(
        _evaluation(),
        readings=("LEA", "MANON", "THOMAS", "JEAN--BAPTISTE"),
        checked={"LEA.jpg": Checked("same", ("LEA",))},
    )
    assert found.against_checked.score.exact == 1
    assert found.to_look_at == []


def test_rows_read_otherwise_than_a_label_that_nobody_looked_at_are_listed(tmp_path: Path) -> None:
    checked = {
        "MANON.jpg": Checked("same", ("MANON",)),
        "JEAN-BAPTISTE.jpg": Checked("corrected", ("JEAN BAPTIST",)),
    }
    found = replace(_evaluation(), checked=checked)
    assert found.to_look_at == [1]
    looked = {**checked, "MANON.jpg": Checked("same", ("MANON",), looked_at=True)}
    assert replace(found, checked=looked).to_look_at == []
    write_evaluation(found, tmp_path)
    assert (tmp_path / "to-look-at.csv").read_text().splitlines() == [
        "id,label,reading,confidence",
        "MANON.jpg,MANON,MANOM,0.5000",
    ]


def test_confidence_has_figures_and_so_has_a_roster() -> None:
    found = replace(_evaluation(), roster=RosterAnswers(9, (True, True, False, True), (True,) * 4))
    figures = json.loads(found.to_json())
    assert figures["confidence"]["coverage_at_95"] == 0.5
    assert figures["confidence"]["calibration_error"] == pytest.approx(0.25)
    assert 0 < figures["confidence"]["by_chance_low"] < figures["confidence"]["by_chance_high"]
    assert "a perfect one, by chance: " in found.to_text()
    assert figures["roster"]["none"] == 1
    assert "roster of 9: on it and right 75.00%" in found.to_text()
    assert "coverage at 95 % right 50.0%" in found.to_text()


def test_the_figures_file_names_nobody_and_the_listing_names_every_row(tmp_path: Path) -> None:
    write_evaluation(_evaluation(), tmp_path / "report")
    text = (tmp_path / "report" / "figures.json").read_text()
    assert "LEA" not in text
    figures = json.loads(text)
    assert figures["left_out"] == {"EMPTY": 2}
    assert figures["empty_fields"] == {"drawn": 500, "read_as_empty": 495}
    assert figures["exact_interval"][0] < 0.5 < figures["exact_interval"][1]
    rows = list(csv.DictReader((tmp_path / "report" / "readings.csv").open()))
    assert [(r["truth"], r["reading"], r["right"]) for r in rows][1] == ("MANON", "MANOM", "0")
