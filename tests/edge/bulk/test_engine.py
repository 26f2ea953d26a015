"""On a small cluster of simulated nodes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bulk_archives import folder, names, setup, tar
from bulk_cluster import Nodes, command, read_with_kills, rows
from commands import environment
from commands import run as hwr_edge
from hwr_edge.bulk import engine as engines
from hwr_edge.bulk.engine import engine
from hwr_edge.bulk.parts import Part, plan
from hwr_edge.bulk.run import run
from hwr_edge.bulk.work import Done, Setup, Worker
from hwr_edge.errors import DataError, HwrError

pytest.importorskip("ray")
SHARDS = 12


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    made = Nodes(2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards of so many images that a kill meets a worker in the middle."""
    path = tmp_path_factory.mktemp("archive")
    files = list(names(40).items())
    for k in range(SHARDS):
        many = {f"{n}/{name}": data for n in range(8) for name, data in files[k:]}
        tar(path / f"{k:02}.tar", many)
    return path


def test_killed_again_and_again_it_gives_the_rows_of_a_run_that_was_not(
    nodes: Nodes, archive: Path, tmp_path: Path
) -> None:
    kills = ["worker", "driver", "node"]
    assert list(read_with_kills(nodes, archive, tmp_path / "out", kills, again=False)) == kills
    whole = setup(tmp_path / "whole")
    list(run(whole, plan([str(archive)]), here, print))
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")


def here(setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
    """Reads parts in this process."""
    worker = Worker(setup)
    return (worker.read(part) for part in parts)


def test_a_worker_with_other_files_ends_the_run_with_one_line(
    nodes: Nodes, archive: Path, tmp_path: Path
) -> None:
    with engine(nodes.address, None) as found, pytest.raises(DataError, match="another version"):
        list(found.run(replace(setup(tmp_path), digest="other"), plan([str(archive)]).parts))


def test_when_no_node_is_left_it_ends_with_one_line(
    nodes: Nodes, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_LIMITS", replace(engines._LIMITS, patience=1.0))
    nodes.lose_all()
    with (
        engine(nodes.address, None) as found,
        pytest.raises(HwrError, match="no processor for 1 seconds; start its nodes again"),
    ):
        list(found.run(setup(tmp_path), plan([str(archive)]).parts))


def test_on_this_machine_alone_rows_are_those_of_file(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(20))
    done = subprocess.run(
        command(images, tmp_path / "out", "--workers", "2", "--progress", "json"),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *_, last = map(json.loads, done.stdout.splitlines())
    assert (last["event"], last["rows"], last["seconds_left"]) == ("done", 20, 0.0)
    (data,) = rows(tmp_path / "out").values()
    assert data.decode() == hwr_edge("file", images, "--format", "jsonl").stdout


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    images = folder(tmp_path / "images", names(1))
    done = hwr_edge("bulk", images, "--output", tmp_path / "out", "--address", "127.0.0.1:1")
    assert done.returncode == 1
    assert "no Ray cluster can be reached there" in done.stderr
    assert len(done.stderr.splitlines()) == 1
