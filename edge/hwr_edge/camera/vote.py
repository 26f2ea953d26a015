"""One name out of the readings of several frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Alternative, Reading


class _OtherText(Enum):
    ELSE = "anything else"


Name = str | _OtherText | None
"""A text; None is none of a roster."""


@dataclass(frozen=True)
class _Limits:
    """When a line's name is settled. `make bench-camera` measures them.

    least: probability of a name that a frame did not even propose.
    unseen: of what a frame left over, for the names of others, where it proposed one name alone (greedily read).
    second: of a text's probability, at most an alternative's.
    empty: readings of nothing: print, or no writing.
    longest: seconds after which the vote decides.
    fewest: readings for that.
    at_once: probability of a name under which all of that time is waited for.
    attempts: votes without a probable name, after which there is none.
    sure: probability of a name under which it is not reported.
    long: letters: few names have more, and print has.
    sure_of_long: like `sure`, of a longer one.
    short: letters at most: edges and fingers read as two or three.
    sure_of_short: like `sure`, of such a short one.
    """

    least: float = 1e-4
    unseen: float = 0.5
    second: float = 0.95
    empty: int = 2
    longest: float = 1.2
    fewest: int = 3
    at_once: float = 0.5
    attempts: int = 3
    sure: float = 0.35
    long: int = 16
    sure_of_long: float = 0.5
    short: int = 3
    sure_of_short: float = 0.9


_LIMITS = _Limits()
AGREEING = 3
"""Readings of one text, one after the other, that settle a line."""


class Ballot:
    """The readings of one line while the scene is still."""

    def __init__(self, top: int) -> None:
        """Give the settled reading `top` alternatives."""
        self._top = top
        self._readings: list[Reading] = []
        self._since = math.inf
        self._failed = 0

    def add(self, reading: Reading, time: float) -> Reading | None:
        """Count a frame's reading; the settled one where this was the last that it took.

        It is settled by AGREEING readings of one text in a row (by fewer where nothing is written), or
        by the vote after a second. Where that many readings make no probable name the vote begins
        anew, as where a hand's shadow went; the third time nothing is written.
        """
        self._since = min(self._since, time)
        self._readings.append(reading)
        needed = AGREEING if reading.text else _LIMITS.empty
        last = [one.text for one in self._readings[-needed:]]
        agreed = last == [reading.text] * needed
        late = time - self._since >= _LIMITS.longest and len(self._readings) >= _LIMITS.fewest
        if not agreed and not late and len(self._readings) < AGREEING:
            return None
        found = settle(self._readings, self._top)
        sure = _sure_of(found.text)
        if not found.text or found.confidence >= sure:
            at_once = agreed and (not found.text or found.confidence >= _LIMITS.at_once)
            return found if at_once or late else None
        self._failed += 1
        if self._failed == _LIMITS.attempts:
            return replace(found, text="")
        self._readings, self._since = [], math.inf
        return None

    @property
    def so_far(self) -> Reading:
        """What the readings say until now; there is one at least."""
        return settle(self._readings, self._top)

    @property
    def frames(self) -> int:
        """How many readings were counted."""
        return len(self._readings)


def _sure_of(text: str) -> float:
    """The probability from which a name is reported."""
    if len(text) > _LIMITS.long:
        return _LIMITS.sure_of_long
    return _LIMITS.sure_of_short if len(text) <= _LIMITS.short else _LIMITS.sure


def settle(readings: Sequence[Reading], top: int) -> Reading:
    """The reading that all of them agree on best.

    The log-probability of each whole name is averaged over the frames, that is its calibrated
    confidence in each, 0.0001 where a frame did not propose it. Averaged, not added: frames of one
    scene repeat each other's mistakes, and ten of them are not ten witnesses. "Something else" takes
    part with what each frame left over. The confidence is a name's share of all. One frame alone
    gives its own reading. The roster's match is voted on in the same way.
    """
    shares = vote(_with_unseen([_texts(one) for one in readings]))
    ranked = sorted(shares.items(), key=lambda found: -found[1])
    found = [Alternative(name, share) for name, share in ranked if isinstance(name, str)]
    text, sure = found[0]
    best = max(readings, key=lambda one: (one.text == text, one.confidence))
    if best.match is None:
        others = tuple(found[1 : 1 + top])
        return replace(best, text=text, confidence=sure, alternatives=others)
    matches = vote([_matches(one.match) for one in readings if one.match])
    name, share = max(
        ((n, s) for n, s in matches.items() if n is not _OtherText.ELSE), key=lambda found: found[1]
    )
    best = max(readings, key=lambda one: (_name(one) == name, one.text == text, one.confidence))
    settled = Match(None if name is None else str(name), share)
    return replace(best, text=text, confidence=sure, match=settled)


def vote(ballots: Sequence[Mapping[Name, float]]) -> dict[Name, float]:
    """Each name's share: the geometric mean of its probabilities, by the sum of all of them.

    Args:
        ballots: for each frame the probabilities of names, and of anything else.
    """
    names = {name for ballot in ballots for name in ballot}
    means = {
        name: math.exp(
            sum(math.log(max(b.get(name, 0.0), _LIMITS.least)) for b in ballots) / len(ballots)
        )
        for name in names
    }
    whole = sum(means.values())
    return {name: mean / whole for name, mean in means.items()}


def _texts(reading: Reading) -> dict[Name, float]:
    """A frame's names with their probabilities, and what is left for anything else."""
    found: dict[Name, float] = {reading.text: reading.confidence}
    if reading.match is None:  # with a roster, its names stand among the alternatives
        for other in reading.alternatives:
            # Calibration may leave an alternative more than the text that the frame preferred to it.
            found.setdefault(other.text, min(other.confidence, _LIMITS.second * reading.confidence))
    return {**found, _OtherText.ELSE: max(1.0 - sum(found.values()), _LIMITS.least)}


def _with_unseen(ballots: Sequence[dict[Name, float]]) -> list[dict[Name, float]]:
    """The ballots, where those of one name alone leave room for the names of others.

    Greedily read, a frame cannot say how likely it holds another frame's name. Taken as impossible, two names that
    take turns would leave neither.
    """
    names = {name for ballot in ballots for name in ballot}
    found = []
    for ballot in ballots:
        others = names - set(ballot) if len(ballot) == 2 else set()
        left = ballot[_OtherText.ELSE]
        given = {name: _LIMITS.unseen * left / len(others) for name in others}
        found.append({**ballot, **given, _OtherText.ELSE: left - sum(given.values())})
    return found


def _matches(match: Match) -> dict[Name, float]:
    return {
        match.name: match.confidence,
        _OtherText.ELSE: max(1.0 - match.confidence, _LIMITS.least),
    }


def _name(reading: Reading) -> str | None:
    return reading.match.name if reading.match else None
