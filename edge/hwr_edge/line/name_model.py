"""How likely letters follow each other in names: a character n-gram, for beam decoding.

For each known context there is a row with the probability of every next letter and of the end
of the name. The context is what stands of the current word, with what it begins after: the start
of the name, a space, a hyphen or an apostrophe. The longest known suffix of it counts.

Beside it may stand a list of the most frequent words.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ModelError
from hwr_edge.files import write_whole
from hwr_edge.line.word_list import WordList

VERSION = 2
"""Of the file; 1 has no words, and is read too."""
LEAST_BITS = 5
"""Of a symbol: enough for 30 letters, the start of a name, and none."""
LONGEST = 12
"""Symbols of a context, where a symbol has 5 bits; a key has 60."""
MOST_LETTERS = 1022
_KEY_BITS = LEAST_BITS * LONGEST
_BREAKS = " -'"
"""Letters after which a new word begins."""

State = tuple[int, int]
"""A context as key and number of symbols."""


class NameModel:
    """Log-probabilities of the next letter, given what was read so far."""

    def __init__(
        self,
        letters: str,
        keys: NDArray[np.uint64],
        costs: NDArray[np.uint8],
        step: float,
        words: WordList | None = None,
    ) -> None:
        """Take a table over.

        Args:
            letters: what names are made of, at most MOST_LETTERS; letter k has symbol k + 1.
            keys: uint64 (N,), sorted; one context each, the empty one among them.
            costs: uint8 (N, len(letters) + 1), -log p / step of each letter and of the end.
            step: nats.
            words: how frequent whole words are, if that is known.

        Raises:
            ModelError: the table is none.
        """
        if not 0 < len(letters) <= MOST_LETTERS or len(set(letters)) != len(letters):
            raise ModelError(f"a name model needs 1 to {MOST_LETTERS} different letters")
        if costs.shape != (len(keys), len(letters) + 1) or not len(keys) or keys[0] != 0:
            raise ModelError("the name model's table is damaged; make it again")
        self.letters, self.keys, self.costs, self.step = letters, keys, costs, step
        self.words = words
        self._bits, self._longest = bits_of(letters), longest_of(letters)
        self._mask = (1 << self._bits * self._longest) - 1
        self.start: State = ((1 << self._bits) - 1, 1)
        self._symbols = {letter: k + 1 for k, letter in enumerate(letters)}
        self._breaks = {k for letter, k in self._symbols.items() if letter in _BREAKS}
        self._sorted = keys.data  # gives plain integers, which the array itself does not
        self._rows: dict[State, list[float]] = {}

    def row(self, state: State) -> list[float]:
        """Log-probability of each letter next, in `letters`' order, and of the end."""
        log_probs = self._rows.get(state)
        if log_probs is None:
            if len(self._rows) > 20_000:  # a long batch of names stays in bounded memory
                self._rows.clear()
            log_probs = self._rows[state] = (self.costs[self._place(state)] * -self.step).tolist()
        return log_probs

    def _place(self, state: State) -> int:
        """Where the longest known suffix of a context stands."""
        key, length = state
        for kept in range(length, 0, -1):
            suffix = key & ((1 << self._bits * kept) - 1)
            place = bisect_left(self._sorted, suffix)
            if place < len(self._sorted) and self._sorted[place] == suffix:
                return place
        return 0

    def after(self, state: State, symbol: int) -> State:
        """The context when letter `symbol` (from 1) has followed."""
        if symbol in self._breaks:
            return symbol, 1
        key, length = state
        return ((key << self._bits) | symbol) & self._mask, min(length + 1, self._longest)

    def log_prob(self, text: str) -> float:
        """log p(text), its end included.

        Raises:
            ValueError: a letter is not known.
        """
        state, total = self.start, 0.0
        for letter in text:
            if letter not in self._symbols:
                raise ValueError(f"{text!r}: the name model does not know {letter!r}")
            symbol = self._symbols[letter]
            total += self.row(state)[symbol - 1]
            state = self.after(state, symbol)
        return total + self.row(state)[-1]

    def spelt(self, classes: Sequence[int]) -> str:
        """The text of a charset's classes, whose letters are the model's."""
        return "".join(self.letters[k - 1] for k in classes)

    def split(self, text: str) -> list[str]:
        """The words of a name."""
        for sign in word_breaks(self.letters):
            text = text.replace(sign, " ")
        return text.split()

    def save(self, path: Path) -> None:
        """Write one file, whole or not at all; not compressed: costs hardly pack, and loading is quicker.

        Raises:
            OutputError: it cannot be written.
        """
        file = io.BytesIO()
        arrays: Any = {
            "version": np.array(1 if self.words is None else VERSION),
            "letters": np.frombuffer(self.letters.encode("utf-8"), np.uint8),
            "gaps": np.diff(self.keys, prepend=np.uint64(0)),
            "costs": self.costs,
            "step": np.array(self.step),
        }
        if self.words is not None:
            arrays["words"], arrays["word_costs"] = self.words.hashes, self.words.costs
            arrays["word_scale"] = np.array([self.words.step, self.words.unknown])
        np.savez(file, **arrays)
        write_whole(path, file.getvalue())

    @classmethod
    def load(cls, path: Path) -> NameModel:
        """Read what `save` wrote.

        Raises:
            ModelError: the file is missing, damaged, or of another version.
        """
        try:
            with np.load(path, allow_pickle=False) as found:
                if any(one.compress_type for one in found.zip.infolist()):
                    raise ValueError("compressed")  # `save` never does; it could hide gigabytes
                version = int(found["version"])
                if version not in (1, VERSION):
                    raise ModelError(
                        f"{path}: name model of version {version}, but this program needs {VERSION}"
                    )
                letters = found["letters"].astype(np.uint8).tobytes().decode("utf-8")
                keys = np.cumsum(found["gaps"].astype(np.uint64, copy=False), dtype=np.uint64)
                costs, step = found["costs"].astype(np.uint8, copy=False), float(found["step"])
                words = _words_in(found) if version == VERSION else None
        except ModelError:
            raise
        except OSError as error:
            raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
        except Exception as error:  # of NumPy's many parsers, any
            raise ModelError(
                f"{path}: not a name model, or damaged; make one with `make name-model`"
            ) from error
        return cls(letters, keys, costs, step, words)


def _words_in(found: Mapping[str, NDArray[Any]]) -> WordList:
    step, unknown = (float(value) for value in found["word_scale"])
    hashes = found["words"].astype(np.uint32, copy=False)
    return WordList(hashes, found["word_costs"].astype(np.uint8, copy=False), step, unknown)


def bits_of(letters: str) -> int:
    """Bits of a symbol: 0 is none, and the highest the start of a name."""
    return max(LEAST_BITS, (len(letters) + 1).bit_length())


def longest_of(letters: str) -> int:
    """Symbols of a context; more do not fit a key."""
    return _KEY_BITS // bits_of(letters)


def key_of(context: str, letters: str, start: bool) -> int:
    """The key of a context, its last `longest_of` symbols; `start`: it begins the name."""
    bits = bits_of(letters)
    symbols = [(1 << bits) - 1] * start + [letters.index(letter) + 1 for letter in context]
    key = 0
    for symbol in symbols[-longest_of(letters) :]:
        key = key << bits | symbol
    return key


def word_breaks(letters: str) -> str:
    """Those of `letters` after which a new word begins."""
    return "".join(letter for letter in letters if letter in _BREAKS)
