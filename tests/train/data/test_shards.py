from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bulk_archives import names, tar
from hwr_edge.errors import DataError, ImageError
from hwr_edge.line.preprocess import Canvas
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import load
from hwr_train.data.cleaning import clean
from hwr_train.data.inspection import inspect
from hwr_train.data.row import Row
from hwr_train.data.rows import read_extra, read_rows
from hwr_train.data.shards import is_packed

CANVAS = Canvas(48, 384)


def labelled(count: int, start: int = 0) -> dict[str, bytes]:
    """Images with their labels beside them."""
    files: dict[str, bytes] = {}
    for name, data in list(names(start + count).items())[start:]:
        stem = name.removesuffix(".png")
        files |= {name: data, f"{stem}.txt": f"{stem}\n".encode()}
    return files


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two shards to learn from, one to validate on."""
    for below in ("train", "validation"):
        (tmp_path / below).mkdir()
    tar(tmp_path / "train/shard-000000.tar", labelled(6))
    tar(tmp_path / "train/shard-000001.tar", labelled(4, start=6))
    tar(tmp_path / "validation/shard-000000.tar", labelled(3, start=10))
    return tmp_path


def rows(data: Path | str, split: str = "train") -> list[Row]:
    return read_rows(TrainConfig(data=str(data)), split)


def test_rows_have_the_names_and_labels_of_what_was_packed(data: Path) -> None:
    found = rows(data)
    assert [row.name for row in found] == list(names(10))
    assert [f"{row.text}.png" for row in found] == list(names(10))
    assert len(rows(data, "validation")) == 3
    assert is_packed(str(data))


def test_canvases_are_those_of_files(data: Path, tmp_path: Path) -> None:
    loose = tmp_path / "loose" / "images"
    loose.mkdir(parents=True)
    lines = ["image,text,split"]
    for name, image in names(10).items():
        (loose / name).write_bytes(image)
        lines.append(f"{name},{name.removesuffix('.png')},train")
    (loose.parent / "labels.csv").write_text("\n".join(lines))
    each = []
    for folder in (data, loose.parent):
        kept, report = clean(rows(folder), None, 64)
        found = load(kept, report, CANVAS, tmp_path / "cache")
        each.append((found.texts, found.ids, np.array(found.canvases)))
    assert each[0][:2] == each[1][:2]
    np.testing.assert_array_equal(each[0][2], each[1][2])


def test_shards_without_splits_are_shared_out(tmp_path: Path) -> None:
    tar(tmp_path / "a.tar", labelled(40))
    parts = [{row.name for row in rows(tmp_path, s)} for s in ("train", "validation", "test")]
    assert set.union(*parts) == set(names(40))
    assert sum(map(len, parts)) == 40
    assert min(map(len, parts)) >= 1
    assert len(read_extra(TrainConfig(), tmp_path)) == 40


def test_a_label_may_stand_before_its_image_or_be_missing(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    image = names(1)["AAAA.png"]
    tar(tmp_path / "train/a.tar", {"b.x.txt": "Zoé".encode(), "b.x.png": image, "c.png": image})
    found = rows(tmp_path)
    assert [(row.name, row.text) for row in found] == [("b.x.png", "Zoé"), ("c.png", "")]
    _, report = clean(found, None, 64)
    assert report.dropped == {"blank": ["c.png"]}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1.0])  # 1.0: but for what marks its end
def test_a_shard_that_is_cut_short_is_one_line(share: float, data: Path) -> None:
    shard = data / "train/shard-000001.tar"
    content = shard.read_bytes().rstrip(b"\0")
    shard.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(
        DataError, match=r"shard-000001.tar: is cut short or damaged; make it again"
    ):
        rows(data)


def test_no_shards_of_a_split_are_one_line(data: Path) -> None:
    with pytest.raises(DataError, match="has no shards of test"):
        rows(data, "test")


def test_what_is_no_image_is_left_out_and_said(data: Path, tmp_path: Path) -> None:
    tar(data / "train/shard-000002.tar", {"bad.png": b"no image", "bad.txt": b"ABA"})
    kept, report = clean(rows(data), None, 64)
    found = load(kept, report, CANVAS, tmp_path / "cache")
    assert len(found) == 10
    assert report.dropped == {"image broken": ["bad.png"]}
    config = TrainConfig(data=str(data))
    assert any("1 images cannot be read: bad.png" in one.line for one in inspect(config))


def test_a_shard_that_went_away_is_an_image_that_cannot_be_read(data: Path) -> None:
    found = rows(data)
    (data / "train/shard-000000.tar").unlink()
    with pytest.raises(ImageError, match=r"AAAA.png: cannot be read"):
        found[0].grey()


def test_shards_at_an_address_are_read_whole_and_once(data: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for shard in sorted(data.glob("*/*.tar")):
        system.pipe({f"/bulk/{shard.parent.name}/{shard.name}": shard.read_bytes()})
    try:
        found, here = rows("memory://bulk"), rows(data)
        assert [row.name for row in found] == [row.name for row in here]
        for one, other in zip(found, here, strict=True):
            np.testing.assert_array_equal(one.grey(), other.grey())
        with pytest.raises(DataError, match="has no shards of test"):
            rows("memory://bulk", "test")
    finally:
        system.rm("/bulk", recursive=True)


def test_another_shard_under_the_same_name_has_canvases_of_its_own(
    data: Path, tmp_path: Path
) -> None:
    kept, report = clean(rows(data), None, 64)
    before = load(kept, report, CANVAS, tmp_path / "cache").canvases[0].copy()
    swapped = io.BytesIO()
    with tarfile.open(fileobj=swapped, mode="w") as shard:
        for name, image in {**labelled(6), "AAAA.png": names(9)["AACC.png"]}.items():
            member = tarfile.TarInfo(name)
            member.size = len(image)
            shard.addfile(member, io.BytesIO(image))
    (data / "train/shard-000000.tar").write_bytes(swapped.getvalue())
    kept, report = clean(rows(data), None, 64)
    assert not np.array_equal(load(kept, report, CANVAS, tmp_path / "cache").canvases[0], before)
