"""Reading and cleaning the rows of a data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_train.config import TrainConfig
from hwr_train.data.row import Row
from hwr_train.data.rows import read_extra, read_rows, sample

LATIN = Charset(" '-ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _folder(tmp_path: Path, content: bytes) -> TrainConfig:
    (tmp_path / "written_name_train_v2.csv").write_bytes(content)
    return TrainConfig(data=str(tmp_path))


def test_labels_come_in_capitals_without_accents(tmp_path: Path) -> None:
    config = _folder(tmp_path, "FILENAME,IDENTITY\na.jpg, zoé  d’arc \n".encode())
    (row,) = read_rows(config, "train")
    assert (row.name, row.text) == ("a.jpg", "ZOE D'ARC")
    assert row.path == tmp_path / "train_v2" / "train" / "a.jpg"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_common_encoding_and_line_end_is_read(
    tmp_path: Path, encoding: str, line_end: str
) -> None:
    text = line_end.join(["FILENAME,IDENTITY", "a.jpg,ZOÉ", "b.jpg,LEA", ""])
    rows = read_rows(_folder(tmp_path, text.encode(encoding)), "train")
    assert [row.text for row in rows] == ["ZOE", "LEA"]


def test_other_columns_and_folders_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("file,name,extra\na.png,LEA,1\n")
    config = TrainConfig(
        data=str(tmp_path),
        filename_column="file",
        identity_column="name",
        csv_pattern="{split}.csv",
        folder_pattern="pictures/{split}",
    )
    assert read_rows(config, "train")[0].path == tmp_path / "pictures" / "train" / "a.png"


def test_extra_rows_come_from_either_layout(tmp_path: Path) -> None:
    plain, public = tmp_path / "plain", tmp_path / "public"
    plain.mkdir()
    public.mkdir()
    (plain / "labels.csv").write_text("FILENAME,IDENTITY,WRITER\na.jpg,Gäßnerweg,1\n")
    config = replace(_folder(public, b"FILENAME,IDENTITY\nb.jpg,LEA\n"), limit=1, fraction=0.1)
    (row,) = read_extra(config, plain)
    assert (row.text, row.path) == ("GASSNERWEG", plain / "images" / "a.jpg")
    (row,) = read_extra(config, public)
    assert (row.text, row.path) == ("LEA", public / "train_v2" / "train" / "b.jpg")
    with pytest.raises(DataError, match="cannot be read"):
        read_extra(config, tmp_path / "nowhere")
    own = TrainConfig(filename_column="file", identity_column="label", csv_pattern="{split}.csv")
    assert [row.text for row in (*read_extra(own, plain), *read_extra(own, public))] == [
        row.text for row in (*read_extra(config, plain), *read_extra(config, public))
    ]
    (plain / "labels.csv").write_text("file,label\na.png,OWN\n")
    assert [row.text for row in read_extra(own, plain)] == ["OWN"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"A,B\n1,2\n", "no column FILENAME, IDENTITY; its heading has A, B"),
        (b"", "its heading has nothing"),
        (b"FILENAME,IDENTITY\n", "holds no row"),
        (b'FILENAME,IDENTITY\na.jpg,"LEA\nb.jpg,"TOM"\n', "not a CSV"),
        (
            b'FILENAME,IDENTITY\na.jpg,"LEA\nb.jpg,TOM"\n',
            "goes on to line 3: a quote is not closed",
        ),
        (b"FILENAME,IDENTITY\na.jpg," + b"A" * 200_000, "not a CSV"),
        (b"\xff\xfeF", "not a text file"),
    ],
)
def test_a_csv_that_cannot_serve_is_one_clear_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_rows(_folder(tmp_path, content), "train")


def test_a_pattern_with_other_braces_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a pattern may hold"):
        read_rows(TrainConfig(data=str(tmp_path), csv_pattern="{part}.csv"), "train")
    with pytest.raises(DataError, match="a pattern may hold"):
        read_rows(TrainConfig(data=str(tmp_path), csv_pattern="{split.x}.csv"), "train")


def test_a_missing_csv_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"written_name_test_v2\.csv: cannot be read"):
        read_rows(TrainConfig(data=str(tmp_path)), "test")


def test_a_sample_is_the_same_for_the_same_seed_and_keeps_the_order() -> None:
    rows = [Row(f"{i:03}", Path("x"), "A") for i in range(100)]
    first, again, other = (sample(rows, 0.3, None, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 30
    assert [r.name for r in first] == sorted(r.name for r in first)
    assert len(sample(rows, 0.3, 7, 1)) == 7
    assert sample(rows, 1.0, None, 1) == rows
