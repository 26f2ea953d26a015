"""Names to write: from a list with counts, or built in."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Mapping, Set
from pathlib import Path

import numpy as np

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset, fold

# Common given names and made-up surnames: enough to try the whole path without any data.
_GIVEN = """LEA EMMA THOMAS LUCAS MANON CHLOE HUGO THEO CAMILLE ENZO MAEVA SARAH LOUIS JADE QUENTIN
ANTOINE LUCIE OCEANE NICOLAS JULIE MARIE PAUL ALEXIS CLARA ROMAIN LAURA MATHIS ZOE KEVIN YANIS
INES FELIX AXEL WILLIAM XAVIER JEAN-PIERRE ANNE-SOPHIE GABRIEL VICTOR BAPTISTE FLORIAN DYLAN""".split()
_SYLLABLES = "BA BER BOU CHE DU FON GAR GRI HAU JO KER LAN LE MAR MOU NI PER QUI RO SAU TI VAL WEN YVE ZO".split()
_ENDINGS = "DEL EAU ET ER IN IER ON OT ARD AULT EZ OUX SON Y".split()

LONGEST_NAME = 24
"""Letters of the longest synthetic name: more do not fit a field in a hand one can read."""


class NameList:
    """Names to draw from, in the charset's letters, with how likely each is.

    left_out: how many rows of a file were not used, by reason.
    shuffled: share of the drawn names whose letters are shuffled, so that they must be read
        without knowing the name.
    """

    def __init__(self, odds: Mapping[str, float], shuffled: float = 0.0) -> None:
        self.odds, self.shuffled = dict(odds), shuffled
        self.left_out: Counter[str] = Counter()
        self.names = tuple(odds)
        self._bounds = np.cumsum(list(odds.values()))

    def draw(self, rng: np.random.Generator) -> str:
        """One name."""
        place = np.searchsorted(self._bounds, rng.random() * self._bounds[-1], side="right")
        name = self.names[min(int(place), len(self.names) - 1)]
        if self.shuffled and rng.random() < self.shuffled:
            letters = list(filter(str.isalpha, name))
            rng.shuffle(letters)
            name = "".join(letters.pop() if c.isalpha() else c for c in name)
        return name

    def spelt_with(self, letters: Set[str]) -> NameList:
        """The names that have no other letters.

        Raises:
            DataError: there is none.
        """
        odds = {name: part for name, part in self.odds.items() if set(name) <= letters}
        if not odds:
            raise DataError(f"no name can be spelt with {''.join(sorted(letters))!r} alone")
        return NameList(odds, self.shuffled)

    def with_shuffled(self, share: float) -> NameList:
        """The same names, so many of them with their letters shuffled."""
        return NameList(self.odds, share)

    @classmethod
    def read(cls, path: Path, charset: Charset, power: float = 0.5) -> NameList:
        """Read a CSV of NAME,COUNT (plain or .gz) under a heading; counts are flattened by `power`.

        The count stands under COUNT, else in the second column. Names with letters outside the charset, those over
        `LONGEST_NAME`, and those without a count are left out.

        Raises:
            DataError: the file cannot be read, or holds no usable name.
        """
        try:
            raw = path.read_bytes()
            text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
            head, *rows = list(csv.reader(io.StringIO(text))) or [[]]
        except (OSError, ValueError, EOFError, zlib.error, csv.Error) as error:
            raise DataError(f"{path}: cannot be read as a UTF-8 list of names ({error})") from error
        heading = [fold(cell) for cell in head]
        place = heading.index("COUNT") if "COUNT" in heading else 1
        if len(head) > 1 and _count(head[1]):
            raise DataError(f"{path}: begins with a name; put a heading above, NAME,COUNT")
        odds: dict[str, float] = {}
        left_out: Counter[str] = Counter()
        for row in filter(None, rows):
            name = charset.fitted(row[0])
            count = _count(row[place]) if len(row) > place else int(len(head) == 1)
            if charset.unknown(name):
                left_out["other letters"] += 1
            elif not 0 < len(name) <= LONGEST_NAME:
                left_out["empty or too long"] += 1
            elif not count:
                left_out["no count"] += 1
            else:
                odds[name] = odds.get(name, 0.0) + count
        if not odds:
            raise DataError(f"{path}: no usable name; NAME,COUNT rows under a heading are needed")
        listed = cls({name: count**power for name, count in odds.items()})
        listed.left_out = left_out
        return listed

    @classmethod
    def built_in(cls, rng: np.random.Generator, charset: Charset, count: int = 400) -> NameList:
        """Common given names and made-up surnames that the charset can spell.

        Raises:
            DataError: it can spell none of them.
        """
        parts = [_SYLLABLES, _SYLLABLES, _ENDINGS]
        surnames = {"".join(p[rng.integers(len(p))] for p in parts) for _ in range(count)}
        names = [name for name in [*_GIVEN, *sorted(surnames)] if not charset.unknown(name)]
        if not names:
            raise DataError(f"no built-in name can be spelt with {charset.letters!r} alone")
        return cls(dict.fromkeys(names, 1.0))


def _count(text: str) -> int:
    """A whole number of people; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= 12 else 0
