"""A list of the names that may stand on a form, and how likely each is the one in an image.

Every name is scored by its exact CTC forward probability (Graves et al. 2006, section 4.1), in all
the ways that people write it. Names that begin alike share that work: they lie in a tree of
prefixes, one level a letter, and each level is one array. A prefix that the image makes next to
impossible is not followed further.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.line import beside
from hwr_edge.line.beam import BONUS
from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.ctc import LogProbs
from hwr_edge.line.spellings import LIMITS, all_spellings, letters_in, unknown_letters

_LEAST_SHARE = 1e-10
"""Of the likeliest reading's probability: a prefix less likely than that is given up."""


class _Level(NamedTuple):
    """The prefixes of one length: last class, place of the prefix before, whether they repeat it."""

    classes: NDArray[np.intp]
    parents: NDArray[np.intp]
    repeats: NDArray[np.bool_]
    whole: NDArray[np.intp]
    """Which spellings end here..."""
    places: NDArray[np.intp]
    """...and at which prefix of the level."""


class Weighed(NamedTuple):
    """Of every name of a roster, float64 (names,).

    log_probs: log p(name | image).
    scores: the same with a beam's bonus for each letter, to be compared with its candidates.
    """

    log_probs: NDArray[np.float64]
    scores: NDArray[np.float64]


class Roster:
    """Names with a tree of their spellings.

    names: as their owner spells them, each once.
    problems: a line for each name that cannot be used.
    """

    def __init__(self, names: Iterable[str], charset: Charset) -> None:
        """Take names of any case, with accents or without.

        Args:
            names: each as its owner spells it; a mapping has further ways to write each.
            charset: the letters of the model.

        Raises:
            DataError: there is no name that the charset can write.
        """
        self.charset = charset
        self.names: list[str] = []
        self.problems: list[str] = []
        owners: list[int] = []
        texts: list[str] = []
        shares: list[float] = []
        whole: list[bool] = []
        spelt: dict[str, str] = {}
        others: dict[str, list[str]] = {}
        more: Mapping[str, Iterable[str]] = names if isinstance(names, Mapping) else {}
        for name in names:  # one that stands twice, in small or large letters, is one
            composed = " ".join(unicodedata.normalize("NFC", name).split())
            one = spelt.setdefault(composed.casefold(), composed)
            others.setdefault(one, []).extend(more.get(name, ()))
        for name in filter(None, spelt.values()):
            if len(name) > LIMITS.longest:
                self.problems.append(
                    f"{name[:20]!r}...: too long for a name; skipped in the roster"
                )
                continue
            if unknown := unknown_letters(name, charset):
                self.problems.append(
                    f"{name!r}: the model does not know {unknown!r}; skipped in the roster"
                )
                continue
            lengths = {letters_in(charset.fitted(way)) for way in (name, *others[name])}
            for text, share in all_spellings([name, *others[name]], charset):
                whole.append(letters_in(text) in lengths)
                owners.append(len(self.names))
                texts.append(text)
                shares.append(share)
            self.names.append(name)
        if not self.names:
            raise DataError("; ".join(["the roster has no usable names", *self.problems[:3]]))
        self._owners = np.array(owners, np.intp)
        self._shares = np.array(shares)
        self._whole = np.array(whole)  # a part of a name beside another word is another person's
        self._bonuses = np.exp(BONUS * np.array([len(text) for text in texts]))
        self._levels = list(_levels(texts, charset))

    def __len__(self) -> int:
        return len(self.names)

    def weigh(
        self, log_probs: LogProbs, best: float = 0.0, other: beside.Beside | None = None
    ) -> Weighed:
        """What the image says of every name, over its spellings and all alignments.

        Args:
            log_probs: float32 (T, classes).
            best: log-probability of the likeliest text; names far under it are -inf.
            other: what may stand beside the name, which is then written whole; by itself nothing does.
        """
        probabilities = self._probabilities(log_probs, best, other) * self._shares
        if other:
            probabilities *= self._whole
        owners, names = self._owners, len(self.names)
        with np.errstate(divide="ignore"):
            return Weighed(
                np.log(np.bincount(owners, probabilities, names)),
                np.log(np.bincount(owners, probabilities * self._bonuses, names)),
            )

    def _probabilities(
        self, log_probs: LogProbs, best: float, other: beside.Beside | None
    ) -> NDArray[np.float64]:
        """p(spelling | image) of every spelling, float64 (spellings,)."""
        probabilities = np.zeros(len(self._owners))
        probs = np.exp(log_probs.astype(np.float64))
        least = np.exp(best) * _LEAST_SHARE
        # Of each living prefix (frames + 1, prefixes): ends in a blank, ends in its letter.
        blank = np.zeros((len(probs) + 1, 1)) if other is None else other.before[:, None].copy()
        blank[0] = 1.0
        for t, stays in enumerate(probs[:, BLANK]):
            blank[t + 1, 0] += blank[t, 0] * stays
        letter = np.zeros_like(blank)
        living = np.zeros(1, np.intp)
        count = 1
        for level in self._levels:
            where = np.full(count, -1, np.intp)
            where[living] = np.arange(len(living))
            count = len(level.classes)
            here = np.flatnonzero(where[level.parents] >= 0)
            parents, classes = where[level.parents[here]], level.classes[here]
            emitted = probs[:, classes]
            arrivals = (blank[:-1, parents] + letter[:-1, parents] * ~level.repeats[here]) * emitted
            likely = arrivals.sum(axis=0) > least
            here, emitted, arrivals = here[likely], emitted[:, likely], arrivals[:, likely]
            if not len(here):
                break
            blank, letter = _run(arrivals, emitted, probs[:, BLANK])
            ends = np.full(count, -1, np.intp)
            ends[here] = np.arange(len(here))
            at = ends[level.places]
            there = at >= 0
            ended = blank[-1] + letter[-1]
            if other:
                ended = ended + other.after @ (blank + letter)
            probabilities[level.whole[there]] = ended[at[there]]
            living = here
        return probabilities


def _run(
    arrivals: NDArray[np.float64], emitted: NDArray[np.float64], blanks: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From the probability of reaching prefixes at each frame to that of standing there.

    arrivals, emitted: (frames, prefixes); blanks: (frames,). Returns (frames + 1, prefixes) twice.
    """
    frames, prefixes = arrivals.shape
    blank, letter = np.zeros((frames + 1, prefixes)), np.zeros((frames + 1, prefixes))
    letter[1:] = arrivals
    for t in range(frames):
        letter[t + 1] += letter[t] * emitted[t]
        np.add(blank[t], letter[t], out=blank[t + 1])
        blank[t + 1] *= blanks[t]
    return blank, letter


def _levels(texts: Sequence[str], charset: Charset) -> Iterator[_Level]:
    """The tree of prefixes, level by level."""
    lengths = np.array([len(text) for text in texts], np.intp)
    classes = np.zeros((len(texts), int(lengths.max())), np.intp)
    for row, text in zip(classes, texts, strict=True):
        row[: len(text)] = charset.encode(text)
    alive = np.arange(len(texts))
    before = np.zeros(len(texts), np.intp)  # the place of each spelling's prefix so far
    last = np.full(1, BLANK, np.intp)
    for depth in range(classes.shape[1]):
        longer = lengths[alive] > depth
        alive, before = alive[longer], before[longer]
        keys = before * charset.classes + classes[alive, depth]
        nodes, before = np.unique(keys, return_inverse=True)
        parents, here = nodes // charset.classes, nodes % charset.classes
        ends = lengths[alive] == depth + 1
        yield _Level(here, parents, here == last[parents], alive[ends], before[ends])
        last = here
