"""`hwr-edge bulk` against `hwr-edge file --jobs 2`, two workers against one, a worker's memory, and kills.

    PYTHONPATH=tests python -m bench.bulk [--images 20000] [--rows 100000] [--kills 20]

The images are the examples and drawn fields, again and again under other names, in shards; or those of a folder. Memory is measured
with the tests' tiny model, which leaves more of it to whatever grows. Rates are of whole runs in turn, without the start of
either command; on a machine that does other things, the processor's seconds for an image say more.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from bench.timing import crops, machine
from bulk_archives import folder, names, tar
from bulk_cluster import Nodes, below, command, read_with_kills, rows
from commands import HWR_EDGE, environment
from hwr_edge.line.shipped import default_model

ROUNDS = 3
SHARD = 200  # images
KINDS = ("driver", "worker", "node")


class Run(NamedTuple):
    """A command that read all images: how many a second, and the processor's seconds for a thousand."""

    rate: float
    seconds: float


def images(given: Path | None) -> list[bytes]:
    """Files of images: those of a folder, else drawn ones."""
    if given:
        return [path.read_bytes() for path in sorted(given.rglob("*.[jp][pn]g"))]
    return [cv2.imencode(".png", crop)[1].tobytes() for crop in crops()]


def archive(where: Path, count: int, files: list[bytes]) -> tuple[Path, Path]:
    """So many images in a folder, and the same in shards."""
    named = {f"{k:06}.png": files[k % len(files)] for k in range(count)}
    loose, shards = folder(where / "loose", named), where / "shards"
    shards.mkdir()
    each = iter(named.items())
    for number in itertools.count():
        if not (some := dict(itertools.islice(each, SHARD))):
            return loose, shards
        tar(shards / f"{number:05}.tar", some)
    raise AssertionError


def by_file(loose: Path, count: int) -> Run:
    """`hwr-edge file --jobs 2`; what it takes for one image is taken off."""
    environ = environment(HWR_EDGE_MODEL=str(default_model()))
    spent = []
    for asked in (next(loose.iterdir()), loose):
        before, began = os.times(), time.perf_counter()
        arguments = [*HWR_EDGE, "file", str(asked), "--jobs", "2", "--format", "jsonl"]
        subprocess.run(arguments, env=environ, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        used = (after.children_user - before.children_user) + (
            after.children_system - before.children_system
        )
        spent.append((time.perf_counter() - began, used))
    (start, start_used), (whole, used) = spent
    return Run(count / (whole - start), (used - start_used) / count * 1000)


def progress(
    shards: Path, out: Path, workers: int, model: Path
) -> Iterator[tuple[dict[str, Any], int]]:
    """What `hwr-edge bulk` says of its progress, with its process."""
    arguments = command(shards, out, "--workers", str(workers), "--progress", "json")
    environ = environment(HWR_EDGE_MODEL=str(model))
    with subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            yield json.loads(line), process.pid
    if process.returncode:
        sys.exit(f"hwr-edge bulk ended with {process.returncode}")


def by_bulk(shards: Path, workers: int) -> Run:
    """`hwr-edge bulk`, from the moment when each of its workers has read two parts."""
    with tempfile.TemporaryDirectory() as out:
        first = last = None
        for said, pid in progress(shards, Path(out), workers, default_model()):
            if 2 * workers <= said["parts"] < said["parts_total"]:  # then its processes are there
                used = sum(one.seconds for one in below(pid))
                first = first or (said["seconds"], said["images"], used)
                last = said["seconds"], said["images"], used
        assert first
        assert last
        seconds, read, used = (b - a for a, b in zip(first, last, strict=True))
        return Run(read / seconds, used / read * 1000)


def rates(loose: Path, shards: Path, count: int) -> None:
    """Print how bulk compares with file, and two workers with one."""
    found: dict[str, list[Run]] = {"file --jobs 2": [], "bulk, 2 workers": [], "bulk, 1 worker": []}
    for _ in range(ROUNDS):
        found["file --jobs 2"].append(by_file(loose, count))
        found["bulk, 2 workers"].append(by_bulk(shards, 2))
        found["bulk, 1 worker"].append(by_bulk(shards, 1))
    middle = {
        name: Run(*(statistics.median(values) for values in zip(*runs, strict=True)))
        for name, runs in found.items()
    }
    for name, run in middle.items():
        print(f"{name}: {run.rate:.1f} images a second, {run.seconds:.2f} processor s per 1,000")
    file, two, one = middle.values()
    print(f"bulk against file: {two.rate / file.rate:.2f} of the rate (must be 0.85)")
    print(f"  by the processor's time: {file.seconds / two.seconds:.2f}")
    print(f"two workers against one: {two.rate / one.rate:.2f} of the rate (must be 1.8)")
    print(f"  by the processor's time: {2 * one.seconds / two.seconds:.2f}")


def memory(where: Path, count: int) -> None:
    """Print what workers take after 1,000 rows each, and at the end."""
    from fakes import TINY_MODEL

    shards = where / "many"
    shards.mkdir()
    files = list(names(50).items())
    first = tar(
        shards / "00000.tar", {f"{k:02}/{name}": data for k in range(20) for name, data in files}
    )
    for number in range(1, count // 1000):
        os.link(first, shards / f"{number:05}.tar")
    taken: list[tuple[int, float]] = []
    for said, pid in progress(shards, where / "out-many", 2, TINY_MODEL):
        workers = [one.rss for one in below(pid) if one.name.startswith("ray::_read")]
        if len(workers) == 2:
            taken.append((said["rows"], max(workers)))
    begin = next(mb for found, mb in taken if found >= 2000)
    found, end = taken[-1]
    print(
        f"a worker's memory: {begin:.0f} MB after 2,000 rows of all, {end:.0f} MB after {found:,}"
    )
    print(f"  growth {end / begin - 1:+.1%} (must be within 10 %)")


def kills(shards: Path, where: Path, count: int) -> None:
    """Print what is lost, twice or different after so many kills."""
    model = str(default_model())
    for _ in progress(shards, where / "whole", 2, default_model()):
        pass
    expected = rows(where / "whole")
    nodes = Nodes(3)
    try:
        asked = [KINDS[k % 3] for k in range(count)]
        done = list(read_with_kills(nodes, shards, where / "killed", asked, model=model))
    finally:
        nodes.close()
    found = rows(where / "killed")
    lines = {name: data.splitlines() for name, data in found.items()}
    lost = sum(len(set(data.splitlines()) - set(lines.get(k, []))) for k, data in expected.items())
    twice = sum(len(some) - len(set(some)) for some in lines.values())
    different = sum(len(set(some) - set(expected[k].splitlines())) for k, some in lines.items())
    counts = ", ".join(f"{done.count(kind)} of a {kind}" for kind in KINDS)
    print(f"{len(done)} kills ({counts}): rows lost {lost}, twice {twice}, different {different}")
    if len(done) < count:
        print(f"  it ended before the other {count - len(done)}; take more --images")


def main() -> None:
    """Print all figures; what is given as 0 is left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=20_000, help="in shards, for the rates")
    parser.add_argument("--rows", type=int, default=100_000, help="for the memory")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--of", type=Path, help="a folder of images to take")
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder_:
        where = Path(folder_)
        loose, shards = archive(where, asked.images, images(asked.of))
        if asked.kills:
            kills(shards, where, asked.kills)
        if asked.rows:
            memory(where, asked.rows)
        if asked.images:
            rates(loose, shards, asked.images)


if __name__ == "__main__":
    main()
