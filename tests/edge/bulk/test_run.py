from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulk_archives import folder, names, setup, tar
from hwr_edge.bulk.parts import Part, Plan, plan
from hwr_edge.bulk.run import has_problems, run
from hwr_edge.bulk.work import Done, Setup, Worker
from hwr_edge.errors import DataError, HwrError, OutputError
from hwr_edge.locks import hold


class Here:
    """Reads parts in this process; fails before the one after `most`."""

    def __init__(self, most: int = 100) -> None:
        self.most, self.read = most, list[int]()

    def __call__(self, setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
        worker = Worker(setup)
        for part in parts:
            if len(self.read) == self.most:
                raise HwrError("killed")
            self.read.append(part.number)
            yield worker.read(part)
            yield None


def shards(tmp_path: Path, count: int = 3) -> Plan:
    files = list(names(4).items())
    for k in range(count):
        tar(folder(tmp_path / "in", {}) / f"{k}.tar", dict(files[k:]))
    return plan([str(tmp_path / "in")])


def rows(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("rows/*")}


def test_a_run_that_ended_early_goes_on_and_reads_nothing_twice(tmp_path: Path) -> None:
    planned = shards(tmp_path)
    list(run(setup(tmp_path / "whole"), planned, Here(), print))
    first, second = Here(most=2), Here()
    with pytest.raises(HwrError, match="killed"):
        list(run(setup(tmp_path / "out"), planned, first, print))
    *_, last = run(setup(tmp_path / "out"), planned, second, print)
    assert (first.read, second.read) == ([0, 1], [2])
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")
    assert (last.parts, last.parts_total, last.rows) == (3, 3, 2)
    assert last.seconds_left == 0


def test_a_run_that_is_over_starts_no_workers(tmp_path: Path) -> None:
    planned = shards(tmp_path)
    list(run(setup(tmp_path / "out"), planned, Here(), print))
    (last,) = run(setup(tmp_path / "out"), planned, Here(most=0), print)
    assert last.parts == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("options", "options, roster, form, model or version changed"),
        ("inputs", "the inputs changed"),
    ],
)
def test_another_run_in_the_same_folder_is_refused(tmp_path: Path, change: str, told: str) -> None:
    planned = shards(tmp_path)
    list(run(setup(tmp_path / "out"), planned, Here(), print))
    before = rows(tmp_path / "out")
    if change == "inputs":
        planned = shards(tmp_path, count=4)
    other = setup(tmp_path / "out", top=2 if change == "options" else 0)
    with pytest.raises(DataError, match=told):
        list(run(other, planned, Here(), print))
    assert rows(tmp_path / "out") == before


def test_a_folder_with_other_files_is_left_as_it_was(tmp_path: Path) -> None:
    planned = shards(tmp_path)
    before = sorted((tmp_path / "in").iterdir())
    with pytest.raises(DataError, match="has other files"):
        list(run(setup(tmp_path / "in"), planned, Here(), print))
    assert sorted((tmp_path / "in").iterdir()) == before


def test_a_damaged_manifest_is_one_line(tmp_path: Path) -> None:
    folder(tmp_path / "out", {"run.json": b"[1"})
    with pytest.raises(DataError, match="is damaged"):
        list(run(setup(tmp_path / "out"), shards(tmp_path), Here(), print))


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    out = folder(tmp_path / "out", {})
    with hold(out / "run.json"), pytest.raises(OutputError, match="another process"):
        list(run(setup(out), shards(tmp_path), Here(), print))


def test_problems_are_told_now_and_known_later(tmp_path: Path) -> None:
    planned = shards(tmp_path)
    assert not has_problems(str(tmp_path / "out"))
    shard = tmp_path / "in/1.tar"
    shard.write_bytes(shard.read_bytes()[:600])
    told: list[str] = []
    *_, last = run(setup(tmp_path / "out"), planned, Here(), told.append)
    assert told == [f"{shard}: is cut short or damaged after 0 images; make it again"]
    assert (last.images, last.problems) == (6, 1)
    assert has_problems(str(tmp_path / "out"))


def test_on_a_full_disk_it_ends_with_one_line_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, told, here = shards(tmp_path), setup(tmp_path / "out"), Here()
    list(run(setup(tmp_path / "whole"), planned, Here(), print))

    def full(_: int) -> None:
        if len(here.read) > 1:  # after the first part
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match=r"part-000001\.jsonl: cannot be written"):
            list(run(told, planned, here, print))
    assert list(rows(tmp_path / "out")) == ["part-000000.jsonl"]
    list(run(told, planned, Here(), print))
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")
