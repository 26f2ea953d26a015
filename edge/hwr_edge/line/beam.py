"""Prefix beam search with a name model, and the names that come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np

from hwr_edge.line.alignment import letter_confidences
from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.ctc import LEAST, LogProbs, label_log_probs
from hwr_edge.line.decoder import DecodedText, single_spaced
from hwr_edge.line.name_model import NameModel, State

_LEAST_PROB = 1e-3  # of a letter in a frame: what is less likely starts no prefix in a beam
_LEAST_SHARE = 1e-6  # of the likeliest prefix: what is less likely is none
BONUS = 0.4
"""Of a letter in a candidate's score, against the name model's leaning to short texts; chosen on validation names."""
_FAR_BEHIND = 10.0
"""With `_LEAST_PROB`, confidences of validation names moved by at most 0.014, against a tenth of it and 12 nats, and no text changed."""
_EMPTY_PRIOR = math.log(0.02)  # of a field with nothing written, in place of a name model's word


def texts_of(
    found: Sequence[Candidate], log_probs: LogProbs, charset: Charset, top: int = 1
) -> list[DecodedText]:
    """The `top` likeliest names among the candidates of a beam on the same frames, the best first.

    A confidence is a candidate's share of the probability of all, image and name model weighed
    together. Candidates that differ by outer or doubled spaces are one name, with the letters of the best.
    """
    best = max(one.score for one in found)
    whole = best + math.log(sum(math.exp(one.score - best) for one in found))
    same: dict[str, list[Candidate]] = {}
    for one in found:
        text = charset.decode(one.classes)
        same.setdefault("".join(text[k] for k in single_spaced(text)), []).append(one)
    texts = [
        (sum(math.exp(one.score - whole) for one in ones), name, ones)
        for name, ones in same.items()
    ]
    texts.sort(key=itemgetter(0), reverse=True)
    decoded = []
    for share, name, ones in texts[:top]:
        letters = letter_confidences(log_probs, ones[0].classes)
        places = single_spaced(charset.decode(ones[0].classes))
        log_prob = float(np.logaddexp.reduce([one.ctc for one in ones]))
        decoded.append(DecodedText(name, share, tuple(letters[k] for k in places), log_prob))
    return decoded


def nonblank_frames(log_probs: LogProbs) -> LogProbs:
    """The frames where a letter may be, and one for each run of others, with all their blanks: a third, of a name.

    No letter has `_LEAST_PROB` in the frames that are drawn together, so that no prefix of a beam changes there.
    """
    blank = log_probs[:, BLANK + 1 :].max(axis=1) < math.log(_LEAST_PROB)
    goes_on = blank[1:] & blank[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    found = log_probs[first]
    found[:, BLANK] = np.add.reduceat(log_probs[:, BLANK], first)
    return found


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


def beam(
    log_probs: LogProbs,
    width: int = 12,
    names: NameModel | None = None,
    weight: float = 0.3,
    bonus: float = BONUS,
    behind: float = _FAR_BEHIND,
) -> list[Candidate]:
    """Prefix beam search (Graves 2012; Hannun et al. 2014), the best candidate first.

    Args:
        log_probs: float32 (T, classes), of all frames, or, faster, of the `nonblank_frames` ones.
        width: prefixes kept after each frame.
        behind: nats behind the likeliest prefix, image and name model together, where a prefix is given up.
        names: a name model over the charset's letters; None for the image alone.
        weight: of the name model's log-probability beside the image's.
        bonus: for each letter, against the name model's leaning to short texts.

    Weight and bonus were chosen on validation names.
    """
    probs = np.exp(log_probs.astype(np.float64))
    letters: list[list[int]] = [[] for _ in probs]
    for frame, k in zip(*(at.tolist() for at in np.nonzero(probs >= _LEAST_PROB)), strict=True):
        if k != BLANK:
            letters[frame].append(k)
    search = _Search(width, names, weight, bonus, behind)
    kept = [_Prefix(names.start if names else None)]
    kept[0].blank = 1.0
    for row, new in zip(probs.tolist(), letters, strict=True):
        kept = search.step(kept, row, new)
    texts = [prefix.classes() for prefix in kept]
    found = []
    for prefix, classes, ctc in zip(kept, texts, label_log_probs(log_probs, texts), strict=True):
        name = prefix.whole(names) if names else 0.0
        found.append(Candidate(classes, ctc, name, ctc + weight * name + bonus * len(classes)))
    return sorted(found, key=attrgetter("score"), reverse=True)


class _Prefix:
    """The beginning of a text, how likely it is up to a frame, and what a name model says of it.

    last: its last class; BLANK for no letter yet.
    name: log p of it; 0 without a model.
    blank, letter: probability of the frames so far where they end in a blank, in its last letter.
    kept: whether it is among the likeliest of the last frame.
    """

    __slots__ = ("_row", "_state", "blank", "grown", "kept", "last", "length", "letter", "name", "parent")  # fmt: skip

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
        self.grown: dict[int, _Prefix] = {}
        self.blank = self.letter = 0.0
        self.kept = True

    def grow(self, letter: int, names: NameModel | None) -> _Prefix:
        """The prefix with one letter more."""
        name = self.name + self.next_letters(names)[letter - 1] if names else 0.0
        grown = self.grown[letter] = _Prefix(None, self, letter, name)
        return grown

    def next_letters(self, names: NameModel) -> list[float]:
        """log p of each letter next, and of the end."""
        if self._row is None:
            if self._state is None:
                assert self.parent
                assert self.parent._state
                self._state = names.after(self.parent._state, self.last)
            self._row = names.row(self._state)
        return self._row

    def whole(self, names: NameModel) -> float:
        """log p of it as all of a name."""
        return self.name + self.next_letters(names)[-1] if self.parent else _EMPTY_PRIOR

    def classes(self) -> tuple[int, ...]:
        """The text."""
        found, prefix = [], self
        while prefix.parent:
            found.append(prefix.last)
            prefix = prefix.parent
        return tuple(reversed(found))


_Ranked = tuple[float, _Prefix, int, float, float]
"""Rank, prefix, the letter to grow it by or BLANK, and the probabilities of what comes of it."""


class _Search(NamedTuple):
    """What a beam search goes by, as `beam` takes it."""

    width: int
    names: NameModel | None
    weight: float
    bonus: float
    behind: float

    def step(self, kept: list[_Prefix], row: list[float], new: list[int]) -> list[_Prefix]:
        """The `width` likeliest prefixes after one more frame, of which the letters `new` may begin something.

        Those far behind are left out too. A prefix that is not yet kept is made only if it is among them.
        """
        if not new:
            for prefix in kept:
                both = prefix.blank + prefix.letter
                prefix.blank, prefix.letter = both * row[BLANK], prefix.letter * row[prefix.last]
            return kept
        found = self._ranked(kept, row, new)
        least = max([one[0] for one in found]) - self.behind
        found = [one for one in found if one[0] > least]
        if len(found) > self.width:
            found.sort(key=itemgetter(0), reverse=True)
            del found[self.width :]
        for prefix in kept:
            prefix.kept = False
        after = []
        for _, prefix, k, blank, letter in found:
            one = prefix
            if k != BLANK:
                one = prefix.grown.get(k) or prefix.grow(k, self.names)
            one.blank, one.letter, one.kept = blank, letter, True
            after.append(one)
        return after

    def _ranked(self, kept: list[_Prefix], row: list[float], new: list[int]) -> list[_Ranked]:
        """All that comes of the prefixes in one more frame."""
        log, names, weight, bonus = math.log, self.names, self.weight, self.bonus
        blank_prob, flat = row[BLANK], [0.0] * len(row)
        least = _LEAST_SHARE * max([prefix.blank + prefix.letter for prefix in kept])
        found: list[_Ranked] = []
        for prefix in kept:
            last, parent = prefix.last, prefix.parent
            both = prefix.blank + prefix.letter
            blank, letter = both * blank_prob, prefix.letter * row[last]
            if parent and parent.kept and last in new:
                more = parent.blank if parent.last == last else parent.blank + parent.letter
                more *= row[last]
                letter += more if more > least else 0.0
            base = weight * prefix.name + bonus * prefix.length
            found.append((log(blank + letter + LEAST) + base, prefix, BLANK, blank, letter))
            grown, likely = prefix.grown, prefix.next_letters(names) if names else flat
            for k in new:
                more = (prefix.blank if k == last else both) * row[k]
                if more > least and not ((known := grown.get(k)) and known.kept):
                    rank = log(more) + base + bonus + weight * likely[k - 1]
                    found.append((rank, prefix, k, 0.0, more))
        return found
