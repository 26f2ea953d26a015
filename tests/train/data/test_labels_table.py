"""One labels.csv: its columns, its images, and how its rows are shared out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.data.cleaning import clean
from hwr_train.data.labels_table import SPLITS, columns_of, shared_out
from hwr_train.data.own_table import folds, how_labelled, read_own_table
from hwr_train.data.rows import read_extra, read_rows

TABLE = Path("labels.csv")


def _own(folder: Path, text: str) -> TrainConfig:
    (folder / "labels.csv").write_text(text, "utf-8")
    return TrainConfig(data=str(folder))


def _rows(count: int, writers: int) -> str:
    lines = [f"crops/{k}.png,Zoë {k % 7},w{k % writers}" for k in range(count)]
    return "\n".join(["image,text,writer", *lines, ""])


@pytest.mark.parametrize("writers", [3, 4, 12, 60])
def test_no_writer_is_in_two_splits_and_each_split_has_some(writers: int, tmp_path: Path) -> None:
    config = _own(tmp_path, _rows(240, writers))
    table = read_own_table(tmp_path, config)
    of: dict[str, set[str]] = defaultdict(set)
    for writer, split in zip(table.writers, table.splits, strict=True):
        of[writer].add(split)
    assert all(len(splits) == 1 for splits in of.values())
    assert set(table.splits) == set(SPLITS)
    assert "split by writer" in table.how
    parts = [read_rows(config, split) for split in SPLITS]
    assert sum(map(len, parts)) == 240
    assert len(parts[0]) == max(map(len, parts))


def test_rows_that_come_later_move_no_others(tmp_path: Path) -> None:
    names = [f"{k}.png" for k in range(300)]
    before, _ = shared_out(names, [""] * 300, [""] * 300, TABLE)
    more = [*(f"new{k}.png" for k in range(50)), *names]
    after, how = shared_out(more, [""] * 350, [""] * 350, TABLE)
    assert after[50:] == before
    assert "by image" in how
    assert 15 < before.count("validation") < 45
    assert 15 < before.count("test") < 45


def test_the_table_may_say_the_split_itself(tmp_path: Path) -> None:
    rows = "image,text,split\na.png,A,Training\nb.png,B,val\nc.png,C,test\n"
    config = _own(tmp_path, rows)
    assert [[row.text for row in read_rows(config, split)] for split in SPLITS] == [
        ["A"],
        ["B"],
        ["C"],
    ]
    with pytest.raises(DataError, match="split is 'later'"):
        read_rows(_own(tmp_path, rows.replace("test", "later")), "train")


def test_images_lie_where_the_table_says_or_in_the_folder_images(tmp_path: Path) -> None:
    (tmp_path / "crops").mkdir()
    (tmp_path / "crops" / "a.png").write_bytes(b"")
    config = _own(
        tmp_path, "Image,Text\ncrops/a.png,A\nb.png,B\nc\0.png,C\nd.png,D\n".replace("\0", "")
    )
    places = {row.name: row.path for row in read_own_table(tmp_path, config).rows}
    assert places["crops/a.png"] == tmp_path / "crops" / "a.png"
    assert places["b.png"] == tmp_path / "images" / "b.png"


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (("image", "text"), ("image", "text", None, None)),
        (("FILENAME", "IDENTITY", "WRITER"), ("FILENAME", "IDENTITY", "WRITER", None)),
        (("split", " Path ", "Transcription"), (" Path ", "Transcription", None, "split")),
    ],
)
def test_columns_go_by_several_names(headings: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert columns_of(headings, TABLE) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,words\na.png,A\n", "needs the columns image and text"),
        ("", "needs the columns image and text"),
        ("image,text\n", "holds no row"),
        ("image,text\na.png,A\nb.png,B\n", "has 2 rows; three are needed"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        read_rows(_own(tmp_path, text), "train")


def test_labels_of_ones_own_are_taken_as_they_are_written_and_folded_where_asked(
    tmp_path: Path,
) -> None:
    config = _own(tmp_path, "image,text\na.png,  Zoe\u0308 Weiß\nb.png,b\nc.png,c\n")
    assert not folds(config)
    assert {row.text for row in read_own_table(tmp_path, config).rows} == {"Zoë Weiß", "b", "c"}
    folded = replace(config, fold=True)
    assert {row.text for row in read_own_table(tmp_path, folded).rows} == {"ZOE WEISS", "B", "C"}
    assert folds(replace(config, charset="ABC"))
    assert not folds(replace(config, charset="ABCé"))
    assert folds(TrainConfig())
    assert "as they are written" in how_labelled(config)[0]
    assert "folded" in how_labelled(folded)[0]


def test_extra_rows_are_folded_as_the_run_s_own_are(tmp_path: Path) -> None:
    config = _own(tmp_path, "image,text\na.png,Zoë\n")
    assert [row.text for row in read_extra(TrainConfig(), tmp_path)] == ["ZOE"]
    assert [row.text for row in read_extra(config, tmp_path)] == ["Zoë"]


def test_the_letters_that_a_charset_lacks_are_told(tmp_path: Path) -> None:
    text = "image,text,split\n" + "".join(
        f"{k}.png,{w},train\n" for k, w in enumerate(["Aß", "Aé", "Bé"])
    )
    rows = read_rows(_own(tmp_path, text), "train")
    _, report = clean(rows, Charset("AB"), 9)
    assert report.unknown == {"é": 2, "ß": 1}
    assert "3 unknown letters (éß)" in report.line()
