from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hwr_edge.errors import OutputError
from hwr_edge.files import open_sink, write_own, write_whole
from hwr_edge.folders import make_folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_appears_only_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with open_sink(path) as sink:
        sink.write("one\n")
        assert not path.exists()
        sink.write("two é \udcff\n")
    assert path.read_bytes() == "one\ntwo é ".encode() + b"\xff\n"
    assert names(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_a_file_that_is_broken_off_leaves_the_old_one(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(stop), open_sink(path) as sink:  # noqa: PT012  # the stop comes between
        sink.write("new")
        raise stop
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out.txt"]


def test_a_new_file_has_ordinary_permissions_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    path, mask = tmp_path / "out", os.umask(0o022)
    try:
        write_whole(path, b"x")
        assert path.stat().st_mode & 0o777 == 0o644
        path.chmod(0o600)
        write_whole(path, b"y")
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_link_at_a_name_that_nobody_typed_is_replaced_and_nothing_written_through_it(
    tmp_path: Path,
) -> None:
    precious, link = tmp_path / "precious", tmp_path / "link"
    precious.write_bytes(b"old")
    link.symlink_to(precious)
    write_own(link, b"new")
    assert precious.read_bytes() == b"old"
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"
    link.unlink()
    link.symlink_to(link)  # a loop
    write_own(link, b"again")
    assert link.read_bytes() == b"again"


def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    sync, replace = os.fsync, os.replace

    def note_sync(file: int) -> None:
        told.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")
        sync(file)

    def note_replace(*names: Any) -> None:
        told.append("rename")
        replace(*names)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_whole(tmp_path / "out", b"x")
    assert told == ["file", "rename", "folder"]


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        write_whole(tmp_path, b"x")
    with pytest.raises(OutputError, match="No such file or directory"):
        write_whole(tmp_path / "none" / "out", b"x")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Not a directory"):
        write_whole(tmp_path / "file" / "out", b"x")
    with pytest.raises(OutputError, match=r"file: cannot be written"):
        make_folder(tmp_path / "file")


def test_what_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with pytest.raises(OutputError, match="no permission"):
        write_whole(path, b"new")
    with pytest.raises(OutputError, match="no permission"):
        make_folder(tmp_path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "out"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["out"]


def test_a_device_is_written_to_and_not_replaced() -> None:
    with open_sink(Path("/dev/null")) as sink:
        sink.write("away")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match="No space left"), open_sink(Path("/dev/full")) as sink:
        sink.write("x")


def test_rows_on_standard_output_are_seen_at_once(capfdbinary: Any) -> None:
    with open_sink(None) as sink:
        sink.write("é\n")
        assert capfdbinary.readouterr().out == "é\n".encode()


@pytest.mark.parametrize("taken", [[], ["rows.part"]])
def test_what_a_guard_refuses_is_kept(tmp_path: Path, taken: list[str]) -> None:
    @contextmanager
    def guard() -> Iterator[None]:
        raise OutputError("there is a review")
        yield

    for name in ("rows", *taken):
        (tmp_path / name).write_text("old")
    with (
        pytest.raises(OutputError, match="a review; readings are kept in") as caught,
        open_sink(tmp_path / "rows", guard=guard) as sink,
    ):
        sink.write("new")
    kept = "rows.part2" if taken else "rows.part"
    assert str(caught.value).endswith(kept)
    assert (tmp_path / kept).read_text() == "new"
    assert set(names(tmp_path)) == {"rows", kept, *taken}
    assert (tmp_path / "rows").read_text() == "old"
