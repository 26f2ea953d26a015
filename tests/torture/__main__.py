"""Torture the commands, and print what was lost: `python -m torture [--quick] [--kills 5000] [--seed 1] [--only WORD]`.

Kills are shared among the commands. With --log what came of it is added to volumes.csv, which `python -m volumes` sums.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from torture.forked import Killer
from torture.kills import KILLS, Kill
from torture.pairs import pairs
from torture.places import PLACES, Place
from volumes import Run, keep, next_seed

_QUICK = 30  # kills of all commands together
_OFTEN = 6  # times as often as training, which takes seconds to begin, another command is killed
_TRAINING = ("killed: a training's checkpoints", "killed: models that ship", "full disk, training")
_LONGER = 40  # times as many tries as kills, after which a command has no moment to be killed in


def main() -> int:
    """Do everything; 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="of all commands together")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} kills, no training")
    parser.add_argument("--seed", type=int, help="by itself the next that the log has not")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help='of what is printed; "killed: " is all kills'
    )
    parser.add_argument("--minutes", type=float, default=1e6, help="after which no kill is begun")
    parser.add_argument("--log", action="store_true", help="add it to volumes.csv")
    asked = parser.parse_args()
    seed = next_seed("kills") if asked.seed is None else asked.seed
    until = time.monotonic() + 60 * asked.minutes
    kills, places = _asked(KILLS, asked.only), dict(PLACES)
    if not asked.quick and any(asked.only in name for name in _TRAINING):
        from torture.training import TRAINING, TRAINING_PLACES  # TensorFlow comes with it

        kills |= _asked(TRAINING, asked.only)
        places |= TRAINING_PLACES
    parts = {name: _OFTEN if name in KILLS else 1 for name in kills}
    print(f"{'what':<34} {'tries':>6} {'lost':>5}   seed {seed}")
    count = _QUICK if asked.quick else asked.kills
    lost = 0
    for k, (name, kill) in enumerate(kills.items()):
        share = -(-count * parts[name] // sum(parts.values()))
        end = time.monotonic() + (until - time.monotonic()) / (len(kills) - k)
        run = Run.begun("kills", f"torture, killed: {name}", seed)
        tried, wrong = _killed(name, kill, share, random.Random(f"{seed}/{name}"), end)
        lost += wrong
        if asked.log and tried:
            keep(run.ended(tried, wrong, "killed at random moments"))
    return 1 if lost + _others(places, asked.only, seed, asked.log) else 0


def _asked(kills: Mapping[str, Kill], only: str) -> dict[str, Kill]:
    return {name: kill for name, kill in kills.items() if only in f"killed: {name}"}


def _killed(name: str, kill: Kill, count: int, rng: random.Random, end: float) -> tuple[int, int]:
    """How many kills there were, and what was lost."""
    killer, lost = Killer(rng), 0
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        for k, one in enumerate(kill(Path(folder), killer)):
            lost += one
            if killer.kills >= count or k > _LONGER * (count + 1) or time.monotonic() > end:
                break
    print(f"{'killed: ' + name:<34.34} {killer.kills:>6} {lost:>5}", flush=True)
    return killer.kills, lost


def _others(places: Mapping[str, Place], only: str, seed: int, log: bool) -> int:
    """Places that fail, and all pairs of commands at once; what was lost."""
    all_lost = 0
    for name, place in places.items():
        if only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            try:
                lost = place(Path(folder))
            except RuntimeError as why:
                print(f"{name:<34} skipped: {why}")
                continue
        all_lost += lost
        print(f"{name:<34} {1:>6} {lost:>5}", flush=True)
    if only in "pairs of commands at once":
        run = Run.begun("pairs", "torture", seed)
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            tried, wrong = pairs(Path(folder), random.Random(seed))
        print(f"{'pairs of commands at once':<34} {tried:>6} {len(wrong):>5}")
        for line in wrong[:20]:
            print(f"  {line}")
        if log:
            keep(run.ended(tried, len(wrong), "all pairs"))
        all_lost += len(wrong)
    return all_lost


if __name__ == "__main__":
    sys.exit(main())
