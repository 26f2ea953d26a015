"""Start-up and reading of the command, against those of another commit: `python -m bench.before COMMIT [--now COMMIT]`.

Both read the same crops with the same model, that of the older commit, each from its own sources, in turn and on one
thread; the seconds are the processor's. A ratio is the median of those of single rounds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CROPS = 101


def exported(commit: str, folder: Path) -> Path:
    """The sources and the model of a commit, in a new folder."""
    folder.mkdir()
    archive = ["git", "-C", str(ROOT), "archive", commit, "edge/hwr_edge", "models"]
    with subprocess.Popen(archive, stdout=subprocess.PIPE) as packed:
        subprocess.run(["tar", "-x", "-C", str(folder)], stdin=packed.stdout, check=True)
    if packed.returncode:
        sys.exit(f"{commit}: no such commit")
    return folder


def seconds(tree: Path, model: Path, crops: list[str]) -> float:
    """Of the processor, for one run of `hwr-edge file`."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(tree / "edge"), "HWR_EDGE_MODEL": str(model)}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "hwr_edge", "file", *crops]
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"{tree}: hwr-edge failed")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a row each for start-up and for reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", metavar="COMMIT")
    parser.add_argument("--now", default="HEAD", metavar="COMMIT")
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="before-") as place:
        folder = Path(place)
        trees = [exported(asked.before, folder / "before"), exported(asked.now, folder / "now")]
        model = trees[0] / "models" / "names-int8.tflite"
        found = sorted((ROOT / "examples").glob("*.png"))
        crops = [str(folder / f"{k}.png") for k in range(_CROPS)]
        for k, crop in enumerate(crops):
            shutil.copy(found[k % len(found)], crop)
        rows: dict[str, list[tuple[float, float]]] = {"start-up": [], "reading a crop": []}
        for k in range(asked.rounds + 1):
            order = trees if k % 2 else trees[::-1]
            one = {tree: seconds(tree, model, crops[:1]) for tree in order}
            many = {tree: seconds(tree, model, crops) for tree in order}
            if k:  # the first compiles the sources
                each = [(many[tree] - one[tree]) / (_CROPS - 1) for tree in trees]
                rows["start-up"].append((one[trees[0]], one[trees[1]]))
                rows["reading a crop"].append((each[0], each[1]))
    print(f"{'':<16} {'before':>9} {'now':>9} {'ratio':>6}   {asked.before} and {asked.now}")
    for name, pairs in rows.items():
        before, now = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{name:<16} {before:6.1f} ms {now:6.1f} ms {ratio:6.3f}")


if __name__ == "__main__":
    main()
