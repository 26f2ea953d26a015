"""Letters to classes and back: a bijection, with class 0 kept for the CTC blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

BLANK = 0
"""The CTC blank's class; the only place that says so. keras.losses.CTC pads with it too."""

NAME_LETTERS = " '-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What the public handwritten-names labels are made of."""

_FOLDED = {
    "Œ": "OE",
    "Æ": "AE",
    "ß": "SS",
    "Ø": "O",
    "Ł": "L",
    "Đ": "D",
    "’": "'",
    "`": "'",
    "–": "-",
}


def fold(text: str) -> str:
    """Return `text` in capitals without accents, with single spaces and none at the ends.

    >>> fold("  Zoé  d’Œuvre ")
    "ZOE D'OEUVRE"
    """
    from unicodedata import combining, normalize  # for rosters and lists alone

    folded = "".join(_FOLDED.get(c, c) for c in text.upper())
    bare = "".join(c for c in normalize("NFD", folded) if not combining(c))
    return " ".join(bare.split())


@dataclass(frozen=True)
class Charset:
    """An ordered set of letters; letter k has class k + 1.

    Raises:
        ValueError: a letter stands twice, or is not one character.
    """

    letters: str

    def __post_init__(self) -> None:
        if not self.letters:
            raise ValueError("a charset needs at least one letter")
        twice = sorted({c for c in self.letters if self.letters.count(c) > 1})
        if twice:
            raise ValueError(f"letters stand twice in the charset: {''.join(twice)!r}")

    @property
    def classes(self) -> int:
        """Number of classes, the blank included."""
        return len(self.letters) + 1

    def unknown(self, text: str) -> str:
        """The letters of `text` that are not in the charset, each once, sorted."""
        return "".join(sorted(set(text) - set(self.letters)))

    @property
    def folded(self) -> bool:
        """Whether every text that it can write stays the same when it is folded."""
        return _is_folded(self.letters)

    @property
    def has_cases(self) -> bool:
        """Whether it has both small letters and capitals."""
        return any(map(str.islower, self.letters)) and any(map(str.isupper, self.letters))

    def fitted(self, text: str) -> str:
        """A text in these letters, as near as they come: in the other case, or without accents.

        Letters that have no likeness here stay, folded; for a charset of capitals it is `fold`.

        >>> Charset(" abcdefghijklmnopqrstuvwxyzBZé").fitted("Zoé Weiß")
        "Zoé weiss"
        """
        if self.folded:
            return fold(text)
        words = text.split()
        if not self.unknown("".join(words)):  # NFC would take letters of presentation forms apart
            return " ".join(words)
        from unicodedata import normalize

        nearest = (_nearest(letter, self.letters) for letter in normalize("NFC", text))
        return " ".join("".join(nearest).split())

    def encode(self, text: str) -> list[int]:
        """Classes of `text`, each in 1..len(letters).

        Raises:
            ValueError: a letter is not in the charset.
        """
        if strangers := self.unknown(text):
            raise ValueError(f"{text!r} has letters outside the charset: {strangers!r}")
        return [self.letters.index(c) + 1 for c in text]

    def decode(self, classes: Sequence[int]) -> str:
        """The text of `classes`; blanks are skipped.

        Raises:
            ValueError: a class is outside 0..len(letters).
        """
        if classes and not 0 <= min(classes) <= max(classes) < self.classes:
            raise ValueError(f"a class is outside 0..{self.classes - 1}: {tuple(classes)}")
        letters = self.letters
        return "".join([letters[k - 1] for k in classes if k != BLANK])


@lru_cache(maxsize=64)
def _is_folded(letters: str) -> bool:
    return all(fold(c) == c for c in letters if not c.isspace())


@lru_cache(maxsize=4096)
def _nearest(letter: str, letters: str) -> str:
    """What stands for a letter among others."""
    if letter.isspace():
        return letter
    bare = fold(letter)
    ways = [
        letter,
        bare.lower() if letter.islower() else bare,
        letter.swapcase(),
        bare,
        bare.lower(),
    ]
    return next((way for way in ways if set(way) <= set(letters)), bare)
