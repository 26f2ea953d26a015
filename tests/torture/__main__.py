"""Torture the commands, and print what was lost: `python -m torture [--quick] [--tries 100] [--seed 1]`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from torture.kills import KILLS
from torture.places import PLACES

_QUICK = 3


def main() -> int:
    """Do everything; 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=100, help="kills of each command")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} kills of each")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tries, all_lost = _QUICK if asked.quick else asked.tries, 0
    print(f"{'what':<34} {'tries':>6} {'lost':>5}   seed {asked.seed}")
    for name, kill in KILLS.items():
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            lost = kill(Path(folder), tries, random.Random(asked.seed))
        all_lost += lost
        print(f"{'killed: ' + name:<34.34} {tries:>6} {lost:>5}", flush=True)
    for name, place in PLACES.items():
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            try:
                lost = place(Path(folder))
            except RuntimeError as why:
                print(f"{name:<34} skipped: {why}")
                continue
        all_lost += lost
        print(f"{name:<34} {1:>6} {lost:>5}", flush=True)
    return 1 if all_lost else 0


if __name__ == "__main__":
    sys.exit(main())
