"""Labels that people checked against the images."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_train.config import TrainConfig
from hwr_train.data.checked import Checked, checked_path, plain, read_checked, with_checked
from hwr_train.data.cleaning import clean
from hwr_train.data.relabel import read_labelled_rows
from hwr_train.data.row import Row

TABLE = """\
FILENAME,CHECKED,STATUS,CERTAINTY
a.png,Léa,corrected,high
b.png,TOM|TIM,ambiguous,medium
c.png,NOA,same,low
d.png,,unreadable,high
e.png,JEAN--LUC,same,high
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "checked_train.csv"
    path.write_text(TABLE)
    return path


def _rows(folder: Path) -> list[Row]:
    rows = []
    for name, text in zip("abcdef", ("LEO", "TAM", "NOA", "ZZZ", "JEAN--LUC", "EVE"), strict=True):
        path = folder / f"{name}.png"
        path.write_bytes(b"x")
        rows.append(Row(path.name, path, text))
    return rows


def test_texts_are_folded_and_any_of_several_may_be_right(table: Path) -> None:
    found = read_checked(table)
    assert found["a.png"] == Checked("corrected", ("LEA",))
    assert found["b.png"] == Checked("ambiguous", ("TOM", "TIM"))
    assert found["c.png"] == Checked("same", ("NOA",), sure=False)
    assert found["d.png"] == Checked("unreadable", ())
    assert found["e.png"].accepted == ("JEAN-LUC",)


def test_what_is_written_is_learnt_and_what_nobody_is_sure_of_is_left_out(
    table: Path, tmp_path: Path
) -> None:
    rows = with_checked(_rows(tmp_path), read_checked(table), table)
    kept, report = clean(rows, None, 99)
    assert {row.name: row.text for row in kept} == {
        "a.png": "LEA",
        "b.png": "TOM",
        "e.png": "JEAN--LUC",
        "f.png": "EVE",
    }
    assert report.dropped["label found wrong"] == ["c.png", "d.png"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("FILENAME,CHECKED,STATUS\na,A,maybe\n", "a is 'maybe'; use same, corrected"),
        ("FILENAME,CHECKED,STATUS\na,,corrected\n", "a is corrected and has no text"),
        ("FILENAME,CHECKED,STATUS\na,A,same\na,B,same\n", "a is listed twice"),
        ("FILENAME,STATUS\na,same\n", "no column CHECKED"),
    ],
)
def test_a_wrong_table_is_one_clear_error(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(content)
    with pytest.raises(DataError, match=message):
        read_checked(tmp_path / "c.csv")


def test_a_table_of_other_data_is_refused(table: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has none of these rows"):
        with_checked([Row("x.png", tmp_path / "x.png", "X")], read_checked(table), table)


def test_one_pattern_names_the_table_of_each_split(table: Path, tmp_path: Path) -> None:
    pattern = str(tmp_path / "checked_{split}.csv")
    assert checked_path(pattern, "train") == table
    assert checked_path(pattern, "validation") is None
    for wrong in (str(tmp_path / "none_{split}.csv"), "{part}.csv"):
        with pytest.raises(DataError):
            checked_path(wrong, "train")


def test_training_and_validation_rows_get_what_is_written(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    from dataclasses import replace

    first = read_labelled_rows(short_config, "validation")[0]
    (tmp_path / "w_validation.csv").write_text(
        f"FILENAME,CHECKED,STATUS\n{first.name},ZOE,corrected\n"
    )
    config = replace(short_config, checked=str(tmp_path / "w_{split}.csv"))
    assert read_labelled_rows(config, "validation")[0].text == "ZOE"
    assert read_labelled_rows(config, "train") == read_labelled_rows(short_config, "train")


def test_doubled_hyphens_are_one() -> None:
    assert plain("A---B--C-D") == "A-B-C-D"
