"""Milliseconds a reading that the beam and rosters of several sizes take, on drawn fields.

    PYTHONPATH=tests python -m bench.roster_and_beam

Rosters hold made-up names of syllables, all different, and the names that were drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bench.timing import machine
from hwr_edge.line.beam import beam_search, likeliest_texts, nonblank_frames
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.roster import Roster
from hwr_train.synthetic.fields import FieldGenerator

FIELDS = 100
SIZES = (1000, 10_000, 300_000)
_SYLLABLES = """BA BEL CHE DRA FON GUI HAR JU KER LAN MAR NOU PER QUI ROS SAU TI VAL WEN YVE ZO THI
BOU CLE DU ER FLO GRE HEN LE MON NI ON PRO RE SIM TRO UR VIN ALA BRI COR DEN EL""".split()


def made_up(count: int, rng: np.random.Generator) -> list[str]:
    """So many different names."""
    found: dict[str, None] = {}
    while len(found) < count:
        picks = rng.integers(len(_SYLLABLES), size=int(rng.integers(2, 5)))
        found["".join(_SYLLABLES[k] for k in picks)] = None
    return list(found)


def milliseconds(calls: list[Callable[[], object]]) -> tuple[float, float]:
    """Median and 95th percentile of one call each."""
    spent = []
    for call in calls:
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    median, high = np.percentile(spent, (50, 95)) * 1000
    return float(median), float(high)


def main() -> None:
    """Print a line each."""
    reader = Recognizer(decoder="beam")
    rng = np.random.default_rng(0)
    maker = FieldGenerator(empty_share=0.0)
    fields = [maker.make(rng) for _ in range(FIELDS)]
    grids = [reader.runtime.logits(preprocess(grey, reader.card.canvas)) for _, grey in fields]
    scores = [log_softmax(grid) for grid in grids]
    best = [
        max(one.ctc for one in beam_search(nonblank_frames(score), names=reader.names))
        for score in scores
    ]
    print(f"{machine()}; one thread, {FIELDS} drawn fields: median and 95 %")

    def decode(k: int) -> Callable[[], object]:
        def once() -> object:
            told = nonblank_frames(scores[k])
            return likeliest_texts(beam_search(told, names=reader.names), told, reader.charset)

        return once

    print("beam                   {:7.2f} ms {:7.2f} ms".format(
        *milliseconds([decode(k) for k in range(FIELDS)])))  # fmt: skip
    for size in SIZES:
        began = time.perf_counter()
        roster = Roster([*made_up(size, rng), *(text for text, _ in fields)], reader.charset)
        built = time.perf_counter() - began

        def score(k: int, roster: Roster = roster) -> Callable[[], object]:
            return lambda: roster.weigh(scores[k], best[k])

        spent = milliseconds([score(k) for k in range(FIELDS)])
        print(f"roster of {len(roster):>7,}      {spent[0]:7.2f} ms {spent[1]:7.2f} ms   (built once in {built:.2f} s)")  # fmt: skip


if __name__ == "__main__":
    main()
