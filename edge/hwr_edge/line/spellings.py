"""The ways people write a name: with other separators, in part, the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hwr_edge.line.charset import Charset

_OTHER_SEPARATORS = (
    ("-", " "), ("-", ""), ("-", " - "), (" ", "-"), (" ", ""), ("'", " "), ("'", ""),
)  # fmt: skip


@dataclass(frozen=True)
class SpellingLimits:
    """How people write a name of a list; set by hand.

    other, all_others: shares of the people who write it in each other way, and at most in all of them.
    most_words: of a name that may stand the other way round.
    longest: letters of a name.
    least_first: letters of a first part that may stand alone.
    """

    other: float = 0.05
    all_others: float = 0.4
    most_words: int = 4
    longest: int = 64
    least_first: int = 3


LIMITS = SpellingLimits()


class Spelling(NamedTuple):
    """One way to write a name: its letters in the charset and how usual it is, 0 to 1."""

    text: str
    share: float


def spellings(name: str, charset: Charset) -> list[Spelling]:
    """The ways people write a name: as it is, with other separators, in part, the other way round.

    The second halves of hyphenated names may be missing, or all but the first or the last word; what
    is last may stand first. Shares sum to 1.
    """
    text = _plain(name, charset)
    words = text.split()
    ways_to_write = [text.replace(one, other) for one, other in _OTHER_SEPARATORS]
    halves = [word.partition("-")[0] for word in words]
    if all(len(half) >= LIMITS.least_first for half in halves):
        ways_to_write.append(" ".join(halves))
    ways_to_write += [word for word in (words[0], words[-1]) if len(word) >= LIMITS.least_first]
    if len(words) <= LIMITS.most_words:
        ways_to_write += [" ".join(words[k:] + words[:k]) for k in range(1, len(words))]
    known = [" ".join(other.split()) for other in ways_to_write]
    ways = dict.fromkeys(w for w in known if w and w != text and not charset.unknown(w))
    share = min(LIMITS.other, LIMITS.all_others / max(1, len(ways)))
    return [Spelling(text, 1 - share * len(ways)), *(Spelling(way, share) for way in ways)]


def _in_cases(name: str, charset: Charset) -> list[str]:
    """The name as it is, in capitals and with capitals at the beginnings, where the model tells them apart."""
    return [name, name.title(), name.upper()] if charset.has_cases else [name]


def all_spellings(names: Sequence[str], charset: Charset) -> Iterator[Spelling]:
    """The spellings of a person's names, in every case, as if each was written equally often."""
    cased = dict.fromkeys(way for name in names for way in _in_cases(name, charset))
    usable = [name for name in cased if not unknown_letters(name, charset)]
    shares: dict[str, float] = {}
    for name in usable:
        for text, share in spellings(name, charset):
            shares[text] = shares.get(text, 0.0) + share / len(usable)
    return (Spelling(text, share) for text, share in shares.items())


def _plain(name: str, charset: Charset) -> str:
    """In the charset's letters, with a space for each sign that is no letter and not in the charset."""
    fitted = charset.fitted(name)
    return " ".join(
        "".join(c if c in charset.letters or c.isalpha() else " " for c in fitted).split()
    )


def letters_in(text: str) -> int:
    """How many letters a text has; no separators."""
    return sum(letter.isalpha() for letter in text)


def unknown_letters(name: str, charset: Charset) -> str:
    """Letters of the name that the charset has not; the name itself where nothing else is left."""
    text = _plain(name, charset)
    if not text.strip(" -'"):
        return name
    return "".join(dict.fromkeys(letter for letter in text if letter not in charset.letters))
