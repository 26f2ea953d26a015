"""Which parts of a line are handwriting: a label beside a name is none of it.

What a short part is cannot be told well from its look alone. So the likeliest sequence of written and other parts is
taken (Viterbi, 1967), where a change between two words costs more than one between two fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hwr_edge.page.locate import Line
from hwr_edge.page.parts import Start


@dataclass(frozen=True)
class WrittenLimits:
    """How parts are told; chosen on filled believable forms (`make bench-pages`).

    bias: log odds, added to those that a part is handwriting: the line is, in part.
    sure: letter heights that a part is wide to be believed wholly; a shorter one is believed less.
    change: log odds, the cost of a change from written to other parts within a field.
    """

    bias: float = 3.0
    sure: float = 3.0
    change: float = 1.0


LIMITS = WrittenLimits()


def written_parts(line: Line, odds: Callable[[Line], float]) -> list[Line]:
    """What is written in each field that a line of handwriting goes through; labels beside it are left out.

    Args:
        line: one that is handwriting, at least in part.
        odds: the log odds that something is handwriting.
    """
    parts = line.parts
    if len(parts) == 1:
        return [parts[0][0]]
    looks = [
        min(1.0, part.box[2] / max(1.0, LIMITS.sure * line.letter)) * (odds(part) + LIMITS.bias)
        for part, _ in parts
    ]
    changes = [LIMITS.change if start == Start.GAP else 0.0 for _, start in parts]
    written = _likeliest(looks, changes)
    if not any(written):
        return [line]
    runs: list[tuple[int, int]] = []
    for k, (_, start) in enumerate(parts):
        if written[k] and k and written[k - 1] and start != Start.WALL:
            runs[-1] = runs[-1][0], k + 1
        elif written[k]:
            runs.append((k, k + 1))
    return [line.of_parts(first, stop) for first, stop in runs]


def _likeliest(looks: Sequence[float], changes: Sequence[float]) -> list[bool]:
    """Of a sequence the likeliest states, true where `looks` speak for it and neighbours do.

    Args:
        looks: log odds of true, each by itself.
        changes: what it costs to have another state than the one before.
    """
    false, true, before = 0.0, looks[0], list[tuple[bool, bool]]()
    for look, cost in zip(looks[1:], changes[1:], strict=True):
        before.append((true - cost > false, true >= false - cost))
        false, true = max(false, true - cost), look + max(true, false - cost)
    states = [true > false]
    for to_false, to_true in reversed(before):
        states.append(to_true if states[-1] else to_false)
    return states[::-1]
