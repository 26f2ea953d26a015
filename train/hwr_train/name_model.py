"""Making a name model from lists of names with counts.

Probabilities are interpolated with those of the next shorter context (Witten and Bell 1991, method
C): a context that was seen often speaks for itself, a rare one leans on its suffix.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.line.name_model import NameModel, key_of, longest_of, word_breaks
from hwr_edge.line.word_list import WordList, hash_of

LEAST_BEARERS = 5
"""A word, and any sequence of more than FEW letters, is known only if so many people bear it."""
FEW = 4  # letters
_MIDDLE = 5  # symbols of a context; longer ones come from words with enough bearers alone
_PEOPLE = 300_000.0  # people that all lists together stand for in smoothing
_UNKNOWN = -14.0  # nats, of a word that is not listed: a little less than the rarest that is
_STEP = 1 / 16  # nats; the highest cost is 16
_START = "\x02"  # no letter


def build(
    lists: Sequence[tuple[Mapping[str, float], float]],
    letters: str,
    contexts: int = 40_000,
    words: int = 0,
) -> NameModel:
    """Count the names of some lists and keep the contexts that say most, and the most frequent words.

    Args:
        lists: for each list its names with how many people bear them, and its share in all.
        letters: what names are made of; names with others are left out.
        contexts: how many are kept at most.
        words: how many are kept at most; 0 for a model without words.

    Raises:
        DataError: no name is left.
    """
    lists = [
        ({name: n for name, n in names.items() if name and set(name) <= set(letters)}, share)
        for names, share in lists
    ]
    lists = [(names, share) for names, share in lists if names]
    bearers = _bearers(lists, word_breaks(letters))
    counts = _count(lists, letters, bearers)
    if not counts:
        raise DataError(f"no name can be spelt with {letters!r}; check --letters")
    rows = _probabilities(counts, len(letters) + 1)
    contexts_kept = _most_informative(counts, rows, contexts)
    keyed = sorted((_key(context, letters), context) for context in contexts_kept)
    keys = np.array([key for key, _ in keyed], np.uint64)
    table = np.stack([rows[context] for _, context in keyed])
    costs = np.clip(np.round(-np.log(table) / _STEP), 0, 255).astype(np.uint8)
    listed = _most_frequent(lists, word_breaks(letters), bearers, words) if words else None
    return NameModel(letters, keys, costs, _STEP, listed)


def _most_frequent(
    lists: Sequence[tuple[Mapping[str, float], float]],
    breaks: str,
    bearers: Mapping[str, float],
    most: int,
) -> WordList:
    """The most frequent words that LEAST_BEARERS people or more bear."""
    odds: dict[str, float] = defaultdict(float)
    shares = sum(share for _, share in lists)
    for names, share in lists:
        part = share / shares / sum(names.values())
        for name, n in names.items():
            for word in _words(name, breaks):
                odds[word] += n * part
    total = sum(odds.values())
    known = [word for word, n in bearers.items() if word and n >= LEAST_BEARERS]
    known.sort(key=lambda word: (-odds[word], word))
    by_hash: dict[int, float] = {}
    for word in known[:most]:  # of two with one hash, the more frequent
        by_hash.setdefault(hash_of(word), odds[word] / total)
    hashes = np.array(sorted(by_hash), np.uint32)
    costs = [-math.log(by_hash[hashed]) / _STEP for hashed in hashes.tolist()]
    return WordList(
        hashes, np.clip(np.round(costs), 0, -_UNKNOWN / _STEP).astype(np.uint8), _STEP, _UNKNOWN
    )


_Counts = dict[str, NDArray[np.float64]]


def _count(
    lists: Sequence[tuple[Mapping[str, float], float]], letters: str, bearers: Mapping[str, float]
) -> _Counts:
    """How often each letter, or the end, follows each context; contexts as text.

    What fewer than LEAST_BEARERS people bear is known by sequences of FEW letters alone.
    """
    places = {letter: k for k, letter in enumerate(letters)}
    breaks = word_breaks(letters)
    counts: _Counts = defaultdict(lambda: np.zeros(len(letters) + 1))
    people: dict[tuple[str, int], float] = defaultdict(float)
    shares = sum(share for _, share in lists)
    for names, share in lists:
        part = share / shares / sum(names.values())
        for name, n in names.items():
            for known, letter in _contexts(name, breaks, bearers, longest_of(letters)):
                target = places.get(letter, len(letters))
                counts[known][target] += n * part
                if FEW <= len(known) <= _MIDDLE:
                    people[known, target] += n
    for (known, target), n in people.items():
        if n < LEAST_BEARERS:
            counts[known][target] = 0
    return _with_their_suffixes({known: found for known, found in counts.items() if found.any()})


def _bearers(lists: Sequence[tuple[Mapping[str, float], float]], breaks: str) -> dict[str, float]:
    """How many people bear each word."""
    bearers: dict[str, float] = defaultdict(float)
    for names, _ in lists:
        for name, n in names.items():
            for word in _words(name, breaks):
                bearers[word] += n
    return bearers


def _with_their_suffixes(counts: _Counts) -> _Counts:
    """The contexts all of whose suffixes are known too: a word may have enough bearers in parts alone."""
    known: _Counts = {}
    for context in sorted(counts, key=len):
        if not context or context[1:] in known:
            known[context] = counts[context]
    return known


def _contexts(
    name: str, breaks: str, bearers: Mapping[str, float], most: int
) -> Iterator[tuple[str, str]]:
    """Each context in a name with the letter that follows, "" at the end."""
    longest = [
        most if bearers[word] >= LEAST_BEARERS else min(_MIDDLE, most)
        for word in _words(name, breaks)
    ]
    context, word = _START, 0
    for letter in [*name, ""]:
        for start in range(max(0, len(context) - longest[word]), len(context) + 1):
            yield context[start:], letter
        if letter and letter in breaks:
            context, word = letter, word + 1
        else:
            context += letter


def _words(name: str, breaks: str) -> list[str]:
    for sign in breaks:
        name = name.replace(sign, " ")
    return name.split(" ")


def _probabilities(counts: _Counts, symbols: int) -> _Counts:
    """Every context's row, from the shortest on."""
    rows: _Counts = {}
    for context in sorted(counts, key=len):
        shorter = rows[context[1:]] if context else np.full(symbols, 1 / symbols)
        counted = counts[context]
        kinds = np.count_nonzero(counted)
        # Method C weighs by how many kinds followed; counts are shares here, made people again.
        people = counted * _PEOPLE
        rows[context] = (people + kinds * shorter) / (people.sum() + kinds)
    return rows


def _most_informative(counts: _Counts, rows: _Counts, most: int) -> list[str]:
    """The contexts whose loss would cost most, and all their suffixes.

    The cost is how often the context occurs times how far its row is from the next shorter one's
    (Stolcke 1998, "Entropy-based pruning of backoff language models").
    """

    def worth(context: str) -> float:
        row, shorter = rows[context], rows[context[1:]]
        return float(counts[context].sum() * (row * np.log(row / shorter)).sum())

    ranked = sorted((c for c in counts if c), key=worth, reverse=True)
    chosen = {""}
    for context in ranked:
        suffixes = {context[k:] for k in range(len(context))}
        if len(chosen | suffixes) <= most:
            chosen |= suffixes
        if len(chosen) >= most:
            break
    return sorted(chosen)


def _key(context: str, letters: str) -> int:
    start = context.startswith(_START)
    return key_of(context[start:], letters, start)
