"""Why a person should look at a reading, and at which of its letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from enum import Enum
from itertools import groupby
from typing import Any

from hwr_edge.line.charset import fold

# Set by hand: they choose the reason that is shown, never the rows.
_NEARLY = 0.5  # of the proposal's probability: another choice is as good
_DOUBTED = 0.1  # of the choices' probability: so much of it has another letter there


class Reason(Enum):
    """Why a reading is shown."""

    UNSURE = "unsure"
    """Its probability is below what was asked for."""
    ABSENT = "absent"
    """It is none of the list."""
    ALIKE = "alike"
    """Another choice is written alike, or is as likely."""
    UNMARKED = "unmarked"
    """The results do not say which readings are sure: all are shown."""


Other = tuple[str, float]
"""Another choice, with its probability."""


def reasons_of(
    row: Mapping[str, Any], proposed: str, sure: float, others: Sequence[Other]
) -> tuple[Reason, ...]:
    """Why a row of results is doubtful; nothing where it is not.

    Args:
        row: as it stands in the file.
        proposed: what is proposed for it.
        sure: the probability of that, 0 to 1.
        others: what it may be instead.
    """
    if not row.get("review", True):
        return ()
    found = []
    if "match" in row and row["match"] is None:
        found.append(Reason.ABSENT)
    elif any(_is_similar(proposed, sure, other) for other in others):
        found.append(Reason.ALIKE)
    if "review" not in row:
        return (*found, Reason.UNMARKED)
    return tuple(found) or (Reason.UNSURE,)


def _is_similar(proposed: str, sure: float, other: Other) -> bool:
    text, confidence = other
    if text == proposed or not text or not proposed:
        return False
    return fold(text) == fold(proposed) or confidence >= _NEARLY * max(sure, 1e-9)


Run = tuple[str, bool]
"""Letters side by side, and whether they are doubtful."""


def doubted_runs(
    text: str, sure: float, others: Sequence[Other], letters: Sequence[Other] = ()
) -> tuple[Run, ...]:
    """A text in runs of sure and of doubtful letters; nothing where all are sure.

    Args:
        text: what is proposed.
        sure: its probability, 0 to 1.
        others: what it may be instead. A letter is doubtful where those that have another one there
            are likely, too.
        letters: the text's letters with the probability of each, where the results have them; these
            count instead.
    """
    if "".join(letter for letter, _ in letters) == text:
        doubts = [1 - confidence for _, confidence in letters]
        least = 0.5
    else:
        doubts, least = _doubts(text, sure, others), _DOUBTED
    marks = [doubt >= least for doubt in doubts]
    if not any(marks):
        return ()
    places = groupby(range(len(text)), key=lambda k: marks[k])
    return tuple(("".join(text[k] for k in run), mark) for mark, run in places)


def _doubts(text: str, sure: float, others: Sequence[Other]) -> list[float]:
    """Of each letter the share of all choices' probability that has another one there."""
    doubts = [0.0] * len(text)
    whole = sure + sum(confidence for other, confidence in others if other != text)
    for other, confidence in others:
        if other == text or not (text and other and whole):
            continue
        for kind, start, end, _, _ in SequenceMatcher(None, text, other, False).get_opcodes():
            if kind == "insert":  # a letter more: beside the one after it
                start = min(start, len(text) - 1)
                end = start + 1
            for k in range(start, end) if kind != "equal" else ():
                doubts[k] += confidence / whole
    return doubts
