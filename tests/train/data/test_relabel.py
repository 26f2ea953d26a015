"""Labels of public rows that a person found wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.data.cleaning import clean
from hwr_train.data.relabel import changed, read_labelled_rows, relabel
from hwr_train.data.row import Row
from hwr_train.fitting.prepare import prepare_data
from hwr_train.network.model import preset_named
from wheels import ROOT

ROWS = [Row(f"{k}.jpg", Path(f"{k}.jpg"), text) for k, text in enumerate(("HARTIN", "LEA", "X"))]


@pytest.mark.parametrize(
    ("label", "change", "right"),
    [
        ("HARTIN", "0:H>M", "MARTIN"),
        ("HATHILOE", "0:H>M/6:O>D", "MATHILDE"),
        ("MARIE ROSE", "5: >-", "MARIE-ROSE"),
        ("LEROUX", "2:> ", "LE ROUX"),
        ("LE BON", "2: >", "LEBON"),
        ("LEA", "3:>H", "LEAH"),
        ("LEROUXX", "2:> /5:X>", "LE ROUX"),  # places are those of the wrong label
        ("", "0:>LEA", "LEA"),
    ],
)
def test_a_change_makes_the_right_label_of_the_wrong_one(
    label: str, change: str, right: str
) -> None:
    assert changed(label, change) == right


def test_rows_are_relabelled_or_left_out_and_said_to_be(tmp_path: Path) -> None:
    image = tmp_path / "image.jpg"
    image.touch()
    (tmp_path / "changes.csv").write_text("FILENAME,CHANGE\n0.jpg,0:H>M\n2.jpg,\nother.jpg,\n")
    rows = [replace(row, path=image) for row in ROWS]
    kept, report = clean(relabel(rows, tmp_path / "changes.csv"), None, 64)
    assert [(row.name, row.text) for row in kept] == [("0.jpg", "MARTIN"), ("1.jpg", "LEA")]
    assert report.rows == 3
    assert report.dropped == {"label found wrong": ["2.jpg"]}


def test_a_changed_label_is_cleaned_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "changes.csv").write_text("FILENAME,CHANGE\n0.jpg,0:H>7\n")
    _, report = clean(relabel(ROWS[:1], tmp_path / "changes.csv"), Charset("AHINRT"), 64)
    assert report.dropped == {"unknown letters": ["0.jpg"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "FILENAME,IDENTITY\n0.jpg,MARTIN\n",
            "no column CHANGE; its heading has FILENAME, IDENTITY",
        ),
        ("FILENAME,CHANGE\nother.jpg,\n", "changes none of these rows"),
        ("FILENAME,CHANGE\n0.jpg,\n0.jpg,\n", "0.jpg is listed twice"),
        ("FILENAME,CHANGE\n0.jpg,0:M>H\n", "0.jpg: 0:M>H does not fit its label"),
        ("FILENAME,CHANGE\n0.jpg,9:>H\n", "0.jpg: 9:>H does not fit its label"),
        ("FILENAME,CHANGE\n0.jpg,-1:>H\n", "0.jpg: -1:>H does not fit its label"),
        ("FILENAME,CHANGE\n0.jpg,MARTIN\n", "0.jpg: MARTIN does not fit its label"),
    ],
)
def test_changes_of_other_data_are_one_clear_error(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "changes.csv").write_text(content)
    with pytest.raises(DataError, match=message):
        relabel(ROWS, tmp_path / "changes.csv")


def test_a_run_learns_the_changed_labels_and_reports_what_it_left_out(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    whole = prepare_data(short_config, preset_named("tiny"), tmp_path).loader.buckets.data
    assert whole
    (first, second), text = whole.ids[:2], whole.texts[0]
    changes = tmp_path / "changes.csv"
    changes.write_text(f"FILENAME,CHANGE\n{first},0:{text[0]}>QU\n{second},\n")
    config = replace(short_config, relabel=str(changes))
    found = prepare_data(config, preset_named("tiny"), tmp_path)
    learnt = found.loader.buckets.data
    assert learnt
    assert learnt.ids == (first, *whole.ids[2:])
    assert learnt.texts == ("QU" + text[1:], *whole.texts[2:])
    assert found.reports["train"].dropped["label found wrong"] == [second]
    assert found.reports["train"].kept == len(learnt)


def test_a_part_of_the_rows_may_have_none_that_is_changed(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    rows = read_labelled_rows(short_config, "train")
    changes = tmp_path / "changes.csv"
    changes.write_text(f"FILENAME,CHANGE\n{rows[0].name},\n")
    config = replace(short_config, relabel=str(changes))
    assert [row.wrong for row in read_labelled_rows(config, "train")] == [True] + [False] * (
        len(rows) - 1
    )
    names = {
        read_labelled_rows(replace(config, limit=1, seed=k), "train")[0].name for k in range(20)
    }
    assert len(names) > 1


def test_labels_to_change_need_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data"):
        prepare_data(TrainConfig(preset="tiny", relabel="a.csv"), preset_named("tiny"), tmp_path)


def test_the_shipped_changes_are_of_letters_not_names() -> None:
    lines = (ROOT / "models" / "train-changes.csv").read_text().splitlines()[1:]
    assert lines
    for line in lines:
        _, _, change = line.partition(",")
        for item in change.split("/") if change else ():
            assert re.fullmatch(r"\d+:[A-Z '-]*>[A-Z '-]*", item), line
