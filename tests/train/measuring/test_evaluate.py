"""Figures of a model file on a split."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from fakes import TINY_MODEL, calibrated_tiny, draw
from hwr_train.config import TrainConfig
from hwr_train.data.rows import Row
from hwr_train.measuring.evaluate import (
    Evaluation,
    RosterAnswers,
    empty_fields,
    evaluate,
    write_evaluation,
)


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


def test_verdicts_set_rows_aside_and_count_what_is_wrong_for_which_reason() -> None:
    plain = _evaluation()
    found = replace(plain, verdicts={"MANON.jpg": "label", "THOMAS.jpg": "ours"})
    assert found.score == plain.score
    nobody = replace(plain, verdicts={"MANON.jpg": "unreadable"})
    assert len(nobody.clear.rows) == 3
    assert [row.text for row in found.clear.rows] == ["LEA", "THOMAS", "JEAN-BAPTISTE"]
    assert found.clear.readings == ("LEA", "THOMAS", "JEAN BAPTISTE")
    assert found.wrong_by_verdict() == {"label": 1, "not looked at": 1}
    by_eye = json.loads(found.to_json())["by_eye"]
    assert by_eye["wrong"] == {"label": 1, "not looked at": 1}
    assert (by_eye["clear_rows"]["names"], by_eye["clear_rows"]["exact"]) == (
        3,
        pytest.approx(2 / 3),
    )
    assert "wrong readings, by eye: 1 label, 1 not looked at" in found.to_text()
    assert "66.67%" in found.to_text()
    assert "by_eye" not in json.loads(plain.to_json())
    assert "by eye" not in plain.to_text()


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


def test_a_roster_is_judged_without_wrong_labels_too() -> None:
    found = replace(
        _evaluation(),
        roster=RosterAnswers(9, (True, False, True, True), (False, True, True, True)),
        verdicts={"MANON.jpg": "label"},
    )
    clear = json.loads(found.to_json())["by_eye"]["clear_rows"]
    assert clear["roster"]["right"] == 1
    assert clear["roster"]["none"] == pytest.approx(2 / 3)
    assert "  roster of 9: on it and right 100.00%" in found.to_text()


def test_rosters_are_made_of_training_names(tmp_path: Path) -> None:
    draw_languages(tmp_path)
    model = calibrated_tiny(tmp_path / "tiny.tflite")
    found = evaluate(model, TrainConfig(data=str(tmp_path)), "test")
    assert found.roster is not None
    assert found.roster.names == 6
    assert found.roster.right == (True,) * len(found.rows)
    assert found.roster.none == (True,) * len(found.rows)
    assert evaluate(TINY_MODEL, TrainConfig(data=str(tmp_path)), "test").roster is None


def draw_languages(folder: Path) -> None:
    """The tiny model's image language in the public layout, names of training and test."""
    for split, texts in (
        ("train", ["AAAA", "BBB", "CCCC", "ACCA", "BCB", "CAAC"]),
        ("test", ["ABAB", "CBC"]),
    ):
        images = folder / f"{split}_v2" / split
        images.mkdir(parents=True)
        lines = ["FILENAME,IDENTITY"]
        for text in texts:
            cv2.imwrite(str(images / f"{text}.png"), draw(text))
            lines.append(f"{text}.png,{text}")
        (folder / f"written_name_{split}_v2.csv").write_text("\n".join(lines) + "\n")


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


def test_a_keras_model_is_measured_as_training_measured_it(
    short_run: Path, short_config: TrainConfig
) -> None:
    found = evaluate(short_run / "best.keras", short_config, "validation")
    listed = list(csv.DictReader((short_run / "readings.csv").open()))
    assert list(found.readings) == [row["reading"] for row in listed]
    assert found.score.cer == json.loads((short_run / "figures.json").read_text())["cer"]
    assert sum(found.left_out.values()) + found.score.names == 12


def test_empty_fields_are_the_same_every_time_and_not_all_blank() -> None:
    first, again = (list(islice(empty_fields(), 12)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert sum(bool((field < 128).any()) for field in first) >= 6
