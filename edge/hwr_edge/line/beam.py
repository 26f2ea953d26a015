"""Prefix beam search with a name model, and the names that come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np

from hwr_edge.line.alignment import letter_confidences
from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.ctc import SMALLEST_PROB, LogProbs, label_log_probs
from hwr_edge.line.decoder import DecodedText, single_spaced
from hwr_edge.line.name_model import NameModel, State

_LEAST_PROB = 1e-3
"""Of a letter in a frame: a less likely one extends no prefix."""
_LEAST_SHARE = 1e-6
"""Of the likeliest prefix's probability: less of it is nothing."""
BONUS = 0.4
"""Nats for each letter of a candidate, against the name model's leaning to short texts; chosen on validation names
(`make evaluate SPLIT=validation DECODER=beam`)."""
_MARGIN = 10.0
"""Nats. With `_LEAST_PROB`, confidences of validation names moved by at most 0.014, against a tenth of it and 12 nats, and no text changed."""


class NameWeights(NamedTuple):
    """What a candidate's score adds to log p(candidate | image), where the name model knows words.

    Near what was fitted on the candidates of checked validation names (docs/history.md), and chosen there
    (`make evaluate SPLIT=validation DECODER=beam`).

    letters, words: of the log-probability by letters, and of all words by their frequency.
    letter, word: nats for each letter and each word, against the leaning to short texts.
    empty: nats for the empty text; chosen on drawn empty fields of another seed, where any from 1.5 to 5 makes the
        same ones empty, and on validation names: none that is read right is nearer to empty than 12 nats.
    """

    letters: float = 0.25
    words: float = 0.45
    letter: float = 0.2
    word: float = 2.3
    empty: float = 3.0

    def score(self, name: float, length: int, words: Sequence[float]) -> float:
        """Of a text's log-probability by letters, its letters, and its words' log-probabilities."""
        if not length:
            return self.empty
        by_words = self.words * sum(words) + self.word * len(words)
        return self.letters * name + self.letter * length + by_words


_WEIGHTS = NameWeights()
_EMPTY_PRIOR = math.log(0.02)
"""Of a field with nothing written, in place of a name model's word, where it knows no words."""


def likeliest_texts(
    candidates: Sequence[Candidate], log_probs: LogProbs, charset: Charset, top: int = 1
) -> list[DecodedText]:
    """The `top` likeliest names among the candidates of a beam on the same frames, the best first.

    A confidence is a candidate's share of the probability of all, image and name model weighed
    together. Candidates that differ by outer or doubled spaces are one name, with the letters of the best.
    """
    best = max(candidate.score for candidate in candidates)
    total = best + math.log(sum(math.exp(candidate.score - best) for candidate in candidates))
    by_name: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        text = charset.decode(candidate.classes)
        name = "".join(text[k] for k in single_spaced(text))
        by_name.setdefault(name, []).append(candidate)
    shares = [
        (sum(math.exp(candidate.score - total) for candidate in alike), name, alike)
        for name, alike in by_name.items()
    ]
    shares.sort(key=itemgetter(0), reverse=True)
    decoded = []
    for share, name, alike in shares[:top]:
        letters = letter_confidences(log_probs, alike[0].classes)
        places = single_spaced(charset.decode(alike[0].classes))
        log_prob = float(np.logaddexp.reduce([candidate.ctc for candidate in alike]))
        decoded.append(DecodedText(name, share, tuple(letters[k] for k in places), log_prob))
    return decoded


def nonblank_frames(log_probs: LogProbs) -> LogProbs:
    """The frames where a letter may be, and one for each run of blank frames, with all their blanks: a third, of a name.

    No letter has `_LEAST_PROB` in the blank frames, so that no prefix of a beam changes there.
    """
    blank = log_probs[:, BLANK + 1 :].max(axis=1) < math.log(_LEAST_PROB)
    continues = blank[1:] & blank[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~continues]))
    merged = log_probs[first]
    merged[:, BLANK] = np.add.reduceat(log_probs[:, BLANK], first)
    return merged


class Candidate(NamedTuple):
    """A text that beam search found.

    classes: the text.
    ctc: log p(classes | image), over all alignments.
    name: log p(classes) of the name model; 0 without one.
    score: what candidates are ranked by.
    """

    classes: tuple[int, ...]
    ctc: float
    name: float
    score: float


def beam_search(
    log_probs: LogProbs,
    width: int = 12,
    names: NameModel | None = None,
    weight: float = 0.4,
    bonus: float = BONUS,
    margin: float = _MARGIN,
) -> list[Candidate]:
    """Prefix beam search (Graves 2012; Hannun et al. 2014), the best candidate first.

    Args:
        log_probs: float32 (T, classes), of all frames, or, faster, of the `nonblank_frames` ones.
        width: prefixes kept after each frame.
        margin: nats behind the likeliest prefix, image and name model together, where a prefix is pruned.
        names: a name model over the charset's letters; None for the image alone.
        weight: of the name model's log-probability beside the image's.
        bonus: for each letter, against the name model's leaning to short texts.

    Where the name model knows words, candidates are ranked by `NameWeights` at the end: prefixes hold no whole words.
    Weight and bonus were chosen on validation names, the weight on checked labels: with labels as
    published 0.3 reads more of them, since those were typed as the letters look, not as names are.
    """
    probs = np.exp(log_probs.astype(np.float64))
    letters: list[list[int]] = [[] for _ in probs]
    for frame, k in zip(*(at.tolist() for at in np.nonzero(probs >= _LEAST_PROB)), strict=True):
        if k != BLANK:
            letters[frame].append(k)
    search = _Search(width, names, weight, bonus, margin)
    prefixes = [_Prefix(names.start if names else None)]
    prefixes[0].blank = 1.0
    for row, likely in zip(probs.tolist(), letters, strict=True):
        prefixes = search.step(prefixes, row, likely)
    if names and names.words and all(prefix.parent for prefix in prefixes):
        prefixes.append(_Prefix(names.start))  # which may have been pruned before
    texts = [prefix.classes() for prefix in prefixes]
    candidates = []
    ctc_scores = label_log_probs(log_probs, texts)
    for prefix, classes, ctc in zip(prefixes, texts, ctc_scores, strict=True):
        name = prefix.log_prob_as_name(names) if names else 0.0
        if names and names.words:
            words = [names.words.log_prob(word) for word in names.split(names.spelt(classes))]
            prior = _WEIGHTS.score(name, len(classes), words)
        else:
            prior = weight * name + bonus * len(classes)
        candidates.append(Candidate(classes, ctc, name, ctc + prior))
    candidates.sort(key=attrgetter("score"), reverse=True)
    if not candidates[-1].classes and candidates[-1].score < candidates[0].score - margin:
        candidates.pop()
    return candidates


class _Prefix:
    """The beginning of a text, how likely it is up to a frame, and what a name model says of it.

    last: its last class; BLANK for no letter yet.
    name: log p of it; 0 without a model.
    blank, letter: probability of the frames so far where they end in a blank, in its last letter.
    in_beam: whether it is among the likeliest of the last frame.
    longer: the prefixes with one letter more that were made so far.
    """

    __slots__ = ("_row", "_state", "blank", "in_beam", "last", "length", "letter", "longer", "name", "parent")  # fmt: skip

    def __init__(
        self,
        state: State | None,
        parent: _Prefix | None = None,
        last: int = BLANK,
        name: float = 0.0,
    ) -> None:
        self._state, self.parent, self.last, self.name = state, parent, last, name
        self._row: list[float] | None = None
        self.length: int = parent.length + 1 if parent else 0
        self.longer: dict[int, _Prefix] = {}
        self.blank = self.letter = 0.0
        self.in_beam = True

    def extend(self, letter: int, names: NameModel | None) -> _Prefix:
        """The prefix with one letter more."""
        name = self.name + self.next_letters(names)[letter - 1] if names else 0.0
        longer = self.longer[letter] = _Prefix(None, self, letter, name)
        return longer

    def next_letters(self, names: NameModel) -> list[float]:
        """log p of each letter next, and of the end."""
        if self._row is None:
            if self._state is None:
                assert self.parent
                assert self.parent._state
                self._state = names.after(self.parent._state, self.last)
            self._row = names.row(self._state)
        return self._row

    def log_prob_as_name(self, names: NameModel) -> float:
        """log p of it as a whole name."""
        return self.name + self.next_letters(names)[-1] if self.parent else _EMPTY_PRIOR

    def classes(self) -> tuple[int, ...]:
        """The text."""
        classes, prefix = [], self
        while prefix.parent:
            classes.append(prefix.last)
            prefix = prefix.parent
        return tuple(reversed(classes))


_Extension = tuple[float, _Prefix, int, float, float]
"""Rank, prefix, the letter to extend it by or BLANK, and the probabilities of what comes of it."""


class _Search(NamedTuple):
    """What a beam search goes by, as `beam_search` takes it."""

    width: int
    names: NameModel | None
    weight: float
    bonus: float
    margin: float

    def step(self, prefixes: list[_Prefix], row: list[float], likely: list[int]) -> list[_Prefix]:
        """The `width` likeliest prefixes after one more frame, where the letters `likely` alone may be new.

        Those far behind are pruned too. A prefix that is not in the beam is made only if it is among the likeliest.
        """
        if not likely:
            for prefix in prefixes:
                both = prefix.blank + prefix.letter
                prefix.blank, prefix.letter = both * row[BLANK], prefix.letter * row[prefix.last]
            return prefixes
        ranked = self._extensions(prefixes, row, likely)
        least = max([extension[0] for extension in ranked]) - self.margin
        ranked = [extension for extension in ranked if extension[0] > least]
        if len(ranked) > self.width:
            ranked.sort(key=itemgetter(0), reverse=True)
            del ranked[self.width :]
        for prefix in prefixes:
            prefix.in_beam = False
        beam = []
        for _, prefix, k, blank, letter in ranked:
            if k != BLANK:
                prefix = prefix.longer.get(k) or prefix.extend(k, self.names)
            prefix.blank, prefix.letter, prefix.in_beam = blank, letter, True
            beam.append(prefix)
        return beam

    def _extensions(
        self, prefixes: list[_Prefix], row: list[float], likely: list[int]
    ) -> list[_Extension]:
        """All that comes of the prefixes in one more frame."""
        log, names, weight, bonus = math.log, self.names, self.weight, self.bonus
        blank_prob, flat = row[BLANK], [0.0] * len(row)
        least = _LEAST_SHARE * max([prefix.blank + prefix.letter for prefix in prefixes])
        extensions: list[_Extension] = []
        for prefix in prefixes:
            last, parent = prefix.last, prefix.parent
            both = prefix.blank + prefix.letter
            blank, letter = both * blank_prob, prefix.letter * row[last]
            if parent and parent.in_beam and last in likely:
                more = parent.blank if parent.last == last else parent.blank + parent.letter
                more *= row[last]
                letter += more if more > least else 0.0
            base = weight * prefix.name + bonus * prefix.length
            rank = log(blank + letter + SMALLEST_PROB) + base
            extensions.append((rank, prefix, BLANK, blank, letter))
            longer, spelt = prefix.longer, prefix.next_letters(names) if names else flat
            for k in likely:
                more = (prefix.blank if k == last else both) * row[k]
                if more > least and not ((known := longer.get(k)) and known.in_beam):
                    rank = log(more) + base + bonus + weight * spelt[k - 1]
                    extensions.append((rank, prefix, k, 0.0, more))
        return extensions
