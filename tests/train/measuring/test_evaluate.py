"""Figures of a model file on a split."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2

from fakes import TINY_MODEL, calibrated_tiny, draw
from hwr_train.config import TrainConfig
from hwr_train.data.checked import Checked
from hwr_train.measuring.evaluate import evaluate


def test_rosters_are_made_of_training_names(tmp_path: Path) -> None:
    draw_languages(tmp_path)
    model = calibrated_tiny(tmp_path / "tiny.tflite")
    found = evaluate(model, TrainConfig(data=str(tmp_path)), "test")
    assert found.roster is not None
    assert found.roster.names == 6
    assert found.roster.right == (True,) * len(found.rows)
    assert found.roster.none == (True,) * len(found.rows)
    assert evaluate(TINY_MODEL, TrainConfig(data=str(tmp_path)), "test").roster is None


def test_rosters_hold_what_is_written_where_labels_were_checked(tmp_path: Path) -> None:
    draw_languages(tmp_path)
    table = tmp_path / "written_name_test_v2.csv"
    table.write_text(table.read_text().replace(",ABAB", ",CCCC"))
    model = calibrated_tiny(tmp_path / "tiny.tflite")
    config = TrainConfig(data=str(tmp_path))
    checked = {"ABAB.png": Checked("corrected", ("ABAB",)), "CBC.png": Checked("unreadable", ())}
    found = evaluate(model, config, "test", checked=checked)
    assert found.score.exact == 0.5
    assert found.against_checked.score.exact == 1
    assert found.roster is not None
    assert found.roster.right == (True,)
    before = evaluate(model, config, "test").roster
    assert before is not None
    assert before.right == (False, True)


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


def test_a_keras_model_is_measured_as_training_measured_it(
    short_run: Path, short_config: TrainConfig
) -> None:
    found = evaluate(short_run / "best.keras", short_config, "validation")
    listed = list(csv.DictReader((short_run / "readings.csv").open()))
    assert list(found.readings) == [row["reading"] for row in listed]
    assert found.score.cer == json.loads((short_run / "figures.json").read_text())["cer"]
    assert sum(found.left_out.values()) + found.score.names == 12
