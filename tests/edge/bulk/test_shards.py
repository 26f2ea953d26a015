from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from bulk_archives import folder, names
from commands import run as hwr_edge
from hwr_edge.bulk.parts import find_all
from hwr_edge.bulk.shards import Packed, pack, read_labels
from hwr_edge.errors import DataError


def members(shard: Path) -> list[str]:
    with tarfile.open(shard) as tar:
        return tar.getnames()


def packed(out: Path, *inputs: Path, labels: dict[str, str] | None = None) -> list[Packed]:
    given = find_all([str(one) for one in inputs], str(out))
    return list(pack(given, str(out), labels or {}, 2, 1 << 20, print))


def test_images_and_their_labels_go_into_shards_of_few(tmp_path: Path) -> None:
    images = folder(tmp_path / "in", names(3))
    found = packed(tmp_path / "out", images, labels={"AAAA.png": "Anna"})
    assert found == [Packed("shard-000000.tar", 2), Packed("shard-000001.tar", 1)]
    shard = tmp_path / "out/shard-000000.tar"
    assert members(shard) == ["AAAA.png", "AAAA.txt", "AAAB.png"]
    with tarfile.open(shard) as tar:
        label = tar.extractfile("AAAA.txt")
        assert label
        assert label.read() == b"Anna"


def test_packing_goes_on_and_gives_the_same_bytes(tmp_path: Path) -> None:
    images = folder(tmp_path / "in", names(5))
    packed(tmp_path / "out", images)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.tar")}
    (tmp_path / "out/shard-000001.tar").unlink()
    found = packed(tmp_path / "out", images)
    assert [one.there for one in found] == [True, False, True]
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.tar")} == before


def test_other_images_do_not_go_into_the_same_shards(tmp_path: Path) -> None:
    packed(tmp_path / "out", folder(tmp_path / "in", names(2)))
    with pytest.raises(DataError, match="the inputs changed"):
        packed(tmp_path / "out", folder(tmp_path / "in", names(4)))


def test_of_several_folders_names_begin_with_the_folder(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one", names(1)), folder(tmp_path / "two", names(1))
    packed(tmp_path / "out", one, two)
    assert members(tmp_path / "out/shard-000000.tar") == ["one/AAAA.png", "two/AAAA.png"]


def test_images_that_would_be_called_alike_are_refused(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one", names(1)), folder(tmp_path / "two", names(1))
    with pytest.raises(DataError, match=r"would both be named AAAA\.png"):
        packed(tmp_path / "out", one / "AAAA.png", two / "AAAA.png")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "told"), [("A,B\n1,2\n", "needs the columns"), (None, "cannot be read")]
)
def test_labels_that_are_none_are_refused(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=told):
        read_labels(tmp_path / "labels.csv")


def test_the_command_says_what_it_packed(tmp_path: Path) -> None:
    folder(tmp_path / "in", names(3))
    (tmp_path / "labels.csv").write_text("FILENAME,IDENTITY\nAAAB.png,Berta\n")
    done = hwr_edge(
        "pack", "in", "--output", "out", "--images", "2", "--labels", "labels.csv", cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "hwr-edge: out: 3 images packed; 2 shards\n"
    assert members(tmp_path / "out/shard-000000.tar") == ["AAAA.png", "AAAB.png", "AAAB.txt"]
