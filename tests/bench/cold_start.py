"""One reading by the command, from nothing to its exit: time and peak memory, against the imports alone.

    PYTHONPATH=tests python -m bench.cold_start

The command and the bare imports run in turn, each in a fresh process; medians. Peak memory is what the
kernel says of the process (ru_maxrss).
"""

from __future__ import annotations

import os
import statistics
import sys
import time

from bench.timing import ROOT, machine

ROUNDS = 15
PICTURE = str(ROOT / "examples" / "manon.png")
COMMANDS = {
    "import numpy, cv2, ai_edge_litert.interpreter": [
        sys.executable,
        "-c",
        "import numpy, cv2, ai_edge_litert.interpreter",
    ],
    "hwr-edge file one.png": [sys.executable, "-m", "hwr_edge", "file", PICTURE],
    "hwr-edge file one.png --decoder greedy": [
        *[sys.executable, "-m", "hwr_edge", "file", PICTURE],
        *["--decoder", "greedy"],
    ],
}


def once(command: list[str]) -> tuple[float, float]:
    """Seconds and MB of one run."""
    # Installed programs are compiled: so is this one after its first run.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
    _, status, usage = os.wait4(process, 0)
    spent = time.perf_counter() - began
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return spent, usage.ru_maxrss / 1024


def main() -> None:
    """Print a line each, ratios to the imports."""
    print(machine())
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for k in range(ROUNDS + 1):
        for name, command in COMMANDS.items():
            one = once(command)
            if k:  # the first finds files that are not in memory yet
                found[name].append(one)
    medians = {
        name: tuple(statistics.median(column) for column in zip(*runs, strict=True))
        for name, runs in found.items()
    }
    print(f"medians of {ROUNDS} fresh processes in turn")
    seconds, memory = next(iter(medians.values()))
    for name, (own, size) in medians.items():
        ratios = f"{own / seconds:5.2f}x {size:7.0f} MB {size / memory:5.2f}x"
        print(f"{name:<48}{own:6.2f} s {ratios}")


if __name__ == "__main__":
    main()
