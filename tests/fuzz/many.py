"""Volumes of changed bytes: `python -m fuzz.many images --count 100000 [--seed 7] [--log]`.

Many inputs are tried in one process, which another one watches. Each is made of its seed and number alone, so that
`--first NUMBER --count 1` tries one again. With --log what came of them is added to volumes.csv, which
`python -m volumes` sums.
"""

from __future__ import annotations

import argparse
import functools
import resource
import sys
import time

from fuzz.attempts import ATTEMPTS
from fuzz.places import folder
from fuzz.watched import Found, try_all
from volumes import Run, keep, next_seed

_PART = 50_000  # inputs after which what came of them is logged
_SHOWN = 20  # inputs that are named where something is wrong


def summary(found: Found) -> str:
    """What came of them."""
    return ", ".join(f"{word} {times:,}" for word, times in sorted(found.words.items()))


def report(found: Found, what: str, seed: int) -> str:
    """How many there were, what came of them, and a line for each that went wrong."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = round(spent.ru_utime + spent.ru_stime)
    lines = [
        f"{what}: {found.tried:,} inputs, {len(found.wrong)} wrong; seed {seed}; {seconds:,} s of the processor so far",
        summary(found),
    ]
    lines += [f"  {number}: {why}" for number, why in sorted(found.wrong.items())[:_SHOWN]]
    return "\n".join(lines)


def main() -> int:
    """Try them; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=ATTEMPTS)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first input's number")
    parser.add_argument("--seed", type=int, help="by itself the next that the log has not")
    parser.add_argument("--minutes", type=float, default=1e6, help="after which none is begun")
    parser.add_argument("--log", action="store_true", help="add it to volumes.csv")
    asked = parser.parse_args()
    seed = next_seed(asked.what) if asked.seed is None else asked.seed
    folder()  # which all children share
    prepare = functools.partial(ATTEMPTS[asked.what], seed)
    until, wrong = time.monotonic() + 60 * asked.minutes, 0
    for first in range(asked.first, asked.first + asked.count, _PART):
        count = min(_PART, asked.first + asked.count - first)
        run = Run.begun(asked.what, f"fuzz.many {asked.what} --first {first}", seed)
        found = try_all(prepare, first, count, until)
        wrong += len(found.wrong)
        print(report(found, asked.what, seed), flush=True)
        if asked.log and found.tried:
            keep(run.ended(found.tried, len(found.wrong), summary(found)))
        if time.monotonic() > until:
            break
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
