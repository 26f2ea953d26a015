from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwr_edge.bulk.folder import Folder
from hwr_edge.bulk.places import listed, opened, read, stored
from hwr_edge.errors import DataError, HwrError, OutputError


@pytest.fixture
def memory() -> Iterator[str]:
    """An object store in memory."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe({"/shelf/b.png": b"b", "/shelf/a/z.png": b"zz", "/shelf/.c.png": b"c"})
    yield "memory://shelf"
    system.rm("/", recursive=True)


def test_objects_are_listed_as_a_walk_lists_files(memory: str) -> None:
    found = listed(memory, lambda name: name.endswith(".png"))
    assert [(one.address, one.size) for one in found] == [
        ("memory:///shelf/b.png", 1),
        ("memory:///shelf/a/z.png", 2),
    ]
    assert read(found[1].address) == b"zz"
    with opened(found[0].address) as file:
        assert file.read() == b"b"


def test_a_pattern_of_objects(memory: str) -> None:
    assert [one.size for one in listed(f"{memory}/*/*.png", bool)] == [2]


def test_where_nothing_is_that_is_said(memory: str) -> None:
    with pytest.raises(DataError, match="no images are there"):
        listed("memory://nothing", bool)


def test_an_unknown_kind_of_address_is_an_error() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(DataError, match=r"unknown kind of address \(qq://\)"):
        listed("qq://x", bool)


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_a_folder_of_results(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    address = str(tmp_path / "out")
    if where == "memory":
        address = request.getfixturevalue("memory") + "/out"
    out = Folder(address)
    out.make("rows")
    assert out.names() - {"rows"} == out.names("rows") == set()
    assert out.read("rows/1") is None
    out.put("rows/1", b"one")
    out.put("rows/1", b"two")
    assert (out.read("rows/1"), out.names("rows")) == (b"two", {"1"})
    out.remove("rows/1")
    out.remove("rows/1")
    assert out.names("rows") == set()


def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="cannot be written \\(No space left on device\\)"):
        Folder(str(tmp_path)).put("part", b"x" * 100)
    assert list(tmp_path.iterdir()) == []


def test_drafts_of_a_killed_run_are_neither_listed_nor_kept(tmp_path: Path) -> None:
    (tmp_path / ".hwr-edge-abc.part").touch()
    out = Folder(str(tmp_path))
    assert out.names() == set()
    out.remove_drafts("")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is not there"):
        stored(str(tmp_path / "none"))
    with pytest.raises(HwrError, match="it is not there"), opened(str(tmp_path / "none")):
        pass
