from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bulk_archives import names, tar
from hwr_edge.bulk.decoded import decoded
from hwr_edge.bulk.parts import Columns, Kind, Part
from hwr_edge.bulk.samples import bytes_of, samples
from hwr_edge.errors import DataError, ImageError


def part(path: Path, kind: Kind = Kind.TAR) -> Part:
    return Part(0, kind, (str(path),), 1)


def test_the_images_of_a_shard_in_order(tmp_path: Path) -> None:
    files = names(3)
    shard = tar(tmp_path / "a.tar", {**files, "AAAA.txt": b"a label"})
    found = list(samples(part(shard), Columns()))
    assert [(one.image, one.data) for one in found] == list(files.items())
    assert {one.shard for one in found} == {str(shard)}


def test_a_compressed_shard(tmp_path: Path) -> None:
    plain = tar(tmp_path / "a.tar", names(3)).read_bytes()
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(plain))
    assert len(list(samples(part(tmp_path / "a.tar.gz"), Columns()))) == 3


@pytest.mark.parametrize("kept", [0, 300, 1024, 1400, 2048, 3000])
def test_a_shard_that_is_cut_short_anywhere_says_so(tmp_path: Path, kept: int) -> None:
    shard = tar(tmp_path / "a.tar", {f"{k}.png": bytes(b"x" * 512) for k in range(3)})
    shard.write_bytes(shard.read_bytes()[:kept])
    *whole, last = samples(part(shard), Columns())
    assert f"is cut short or damaged after {kept // 1024} images" in last.problem
    assert len(whole) == min(3, kept // 1024)
    assert all(len(one.data or b"") == 512 for one in whole)


def test_a_compressed_shard_that_is_cut_short_says_so(tmp_path: Path) -> None:
    data = gzip.compress(tar(tmp_path / "a.tar", names(3)).read_bytes())
    (tmp_path / "a.tgz").write_bytes(data[: len(data) // 2])
    *_, last = samples(part(tmp_path / "a.tgz"), Columns())
    assert "cut short" in last.problem


def test_what_is_no_shard_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"no tar" * 1000)
    (one,) = samples(part(tmp_path / "a.tar"), Columns())
    assert "damaged after 0 images" in one.problem


def test_a_shard_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is not there"):
        list(samples(part(tmp_path / "a.tar"), Columns()))


def test_an_image_that_is_gone_is_its_own_problem(tmp_path: Path) -> None:
    (one,) = samples(part(tmp_path / "a.png", Kind.FILES), Columns())
    with pytest.raises(ImageError, match="cannot be read"):
        bytes_of(one)
    (image,) = decoded([one])
    with pytest.raises(ImageError, match="cannot be read"):
        image.again()
