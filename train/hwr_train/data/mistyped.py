"""Labels that are another name with one letter mistaken, told by how many people bear which name.

Whoever typed the public labels went letter by letter: an M that looks like an H became one. A list of
such labels holds HATHILDE as often as a rare name, and a name model made of it takes it for one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

TYPED_FOR = {
    "M": "HN", "D": "O", "U": "OV", "C": "L", "N": "M", "I": "T", "J": "S", "H": "MN", "R": "AB", "L": "IP",
    "A": "O", "E": "CF", "V": "U", "O": "A", "S": "Z",
}  # fmt: skip
"""Written letters with those that were typed for them, the most frequent mistakes of 3,000 checked training labels."""
# Set by hand; `make evaluate` measures a model that was trained with them.
_MISTAKES = 0.01  # of a name's labels, about, have one given letter mistaken, by the same labels
_AT_MOST = 3.0  # times as many as that, and one: more labels are a name of its own


def correct_mistyped(
    names: Mapping[str, float], reference: Mapping[str, float]
) -> dict[str, float]:
    """A list of labels whose words that are a mistyped name count as that name.

    A word is taken for mistyped where mistakes explain all its labels, and the people in the
    reference who bear it explain fewer.

    Args:
        names: labels with how often each occurs.
        reference: names with how many people bear each.
    """
    borne, listed = _word_counts(reference), _word_counts(names)
    part = sum(listed.values()) / max(sum(borne.values()), 1.0)
    mended: dict[str, str] = {}
    for word, labels in listed.items():
        written = max(_corrections_of(word), key=lambda name: listed.get(name, 0.0), default="")
        mistakes = _MISTAKES * listed.get(written, 0.0)
        known = borne.get(word, 0.0)
        if (
            borne.get(written, 0.0) > known
            and part * known < mistakes
            and labels <= 1 + _AT_MOST * mistakes
        ):
            mended[word] = written
    found: dict[str, float] = defaultdict(float)
    for name, count in names.items():
        found[re.sub("[^ '-]+", lambda word: mended.get(word[0], word[0]), name)] += count
    return dict(found)


def _word_counts(names: Mapping[str, float]) -> dict[str, float]:
    counts: dict[str, float] = defaultdict(float)
    for name, count in names.items():
        for word in re.findall("[^ '-]+", name):
            counts[word] += count
    return counts


def _corrections_of(word: str) -> Iterator[str]:
    """The names that this word is with one letter mistaken."""
    for k, typed in enumerate(word):
        for written, letters in TYPED_FOR.items():
            if typed in letters:
                yield word[:k] + written + word[k + 1 :]
