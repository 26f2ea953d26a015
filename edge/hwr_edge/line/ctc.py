"""CTC decoding in NumPy: greedy reading, and the exact probability of a text.

`decode_text`, or `beam` with `texts_of`, is the way from a model's logits to a name, for the device
and for every figure. All but the first works on log-probabilities, float32 (T, classes), as `log_softmax` makes them. Class
BLANK is the CTC blank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import BLANK, Charset
from hwr_edge.line.name_model import NameModel, State

LogProbs = NDArray[np.float32]
_LEAST = 1e-300
_LEAST_PROB = 1e-3  # of a letter in a frame: what is less likely starts no prefix in a beam
_LEAST_SHARE = 1e-6  # of the likeliest prefix: what is less likely is none
BONUS = 0.4
"""Of a letter in a candidate's score, against the name model's leaning to short texts; chosen on validation names."""
_FAR_BEHIND = 10.0
"""With `_LEAST_PROB`, confidences of validation names moved by at most 0.014, against a tenth of it and 12 nats, and no text changed."""
_EMPTY_PRIOR = math.log(0.02)  # of a field with nothing written, in place of a name model's word


@dataclass(frozen=True)
class Decoded:
    """A text as classes, with the probability of the whole and of each letter.

    confidence: p(classes | picture), summed over all alignments, 0 to 1.
    letter_confidences: for each letter the highest probability it reached, 0 to 1.
    frames: for each letter the frame where it reached that.
    """

    classes: tuple[int, ...]
    confidence: float
    letter_confidences: tuple[float, ...]
    frames: tuple[int, ...]


class DecodedText(NamedTuple):
    """A name, with single spaces and none at the ends.

    confidence: its share of the probability of all candidates, not calibrated, 0 to 1.
    letter_confidences: of each letter, 0 to 1.
    log_prob: log p(text | picture).
    """

    text: str
    confidence: float
    letter_confidences: tuple[float, ...]
    log_prob: float


def decode_text(logits: NDArray[np.float32], charset: Charset, drop_frames: int = 0) -> DecodedText:
    """Read one picture's logits, float32 (T, classes); the last `drop_frames` frames are unused."""
    decoded = greedy(log_softmax(logits[: len(logits) - drop_frames]))
    text = charset.decode(decoded.classes)
    places = _places(text)
    letters = tuple(decoded.letter_confidences[k] for k in places)
    log_prob = math.log(max(decoded.confidence, _LEAST))
    return DecodedText("".join(text[k] for k in places), decoded.confidence, letters, log_prob)


def _places(text: str) -> list[int]:
    """Where the letters of `text` are that stay when its words are set apart by single spaces."""
    last = len(text.rstrip())
    return [k for k in range(last) if text[k] != " " or (k and text[k - 1] != " ")]


def texts_of(
    found: Sequence[Candidate], log_probs: LogProbs, charset: Charset, top: int = 1
) -> list[DecodedText]:
    """The `top` likeliest names among the candidates of a beam on the same frames, the best first.

    A confidence is a candidate's share of the probability of all, picture and name model weighed
    together. Candidates that differ by outer or doubled spaces are one name, with the letters of the best.
    """
    best = max(one.score for one in found)
    whole = best + math.log(sum(math.exp(one.score - best) for one in found))
    same: dict[str, list[Candidate]] = {}
    for one in found:
        text = charset.decode(one.classes)
        same.setdefault("".join(text[k] for k in _places(text)), []).append(one)
    texts = [
        (sum(math.exp(one.score - whole) for one in ones), name, ones)
        for name, ones in same.items()
    ]
    texts.sort(key=itemgetter(0), reverse=True)
    decoded = []
    for share, name, ones in texts[:top]:
        letters = letter_confidences(log_probs, ones[0].classes)
        places = _places(charset.decode(ones[0].classes))
        log_prob = float(np.logaddexp.reduce([one.ctc for one in ones]))
        decoded.append(DecodedText(name, share, tuple(letters[k] for k in places), log_prob))
    return decoded


def telling(log_probs: LogProbs) -> LogProbs:
    """The frames where a letter may be, and one for each run of others, with all their blanks: a third, of a name.

    No letter has `_LEAST_PROB` in the frames that are drawn together, so that no prefix of a beam changes there.
    """
    blank = log_probs[:, BLANK + 1 :].max(axis=1) < math.log(_LEAST_PROB)
    goes_on = blank[1:] & blank[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    found = log_probs[first]
    found[:, BLANK] = np.add.reduceat(log_probs[:, BLANK], first)
    return found


def letter_confidences(log_probs: LogProbs, classes: Sequence[int]) -> tuple[float, ...]:
    """For each class the highest probability it reaches on the likeliest alignment, 0 to 1.

    Where the likeliest path of all reads these classes, it is theirs. Else the alignment is Viterbi's,
    over the states of `label_log_prob`.
    """
    read, peaks, _ = _likeliest_path(log_probs)
    if read != list(classes):
        frames = letter_frames(log_probs, classes)
        peaks = [float(log_probs[frame, k]) for frame, k in zip(frames, classes, strict=True)]
    return tuple(min(1.0, math.exp(p)) for p in peaks)


def letter_frames(log_probs: LogProbs, classes: Sequence[int]) -> tuple[int, ...]:
    """For each class the frame where it is likeliest, on the likeliest alignment of these classes (Viterbi's).

    Raises:
        ValueError: they need more frames than there are.
    """
    if least_frames(classes) > len(log_probs):
        raise ValueError(f"{len(classes)} classes do not fit {len(log_probs)} frames")
    best: dict[int, int] = {}
    for frame, state in enumerate(_viterbi(log_probs, classes)):
        if state % 2:
            k = state // 2
            known = best.setdefault(k, frame)
            if log_probs[frame, classes[k]] > log_probs[known, classes[k]]:
                best[k] = frame
    return tuple(best[k] for k in range(len(classes)))


def _viterbi(log_probs: LogProbs, classes: Sequence[int]) -> list[int]:
    """The state of each frame on the likeliest alignment; odd ones are letters, the others blanks."""
    symbols, may_skip = _states(classes)
    skips = may_skip.tolist()
    # Lists: a name has few states, and NumPy's calls cost more than they save.
    first, *others = log_probs.astype(np.float64)[:, symbols].tolist()
    best = [p if state < 2 else -math.inf for state, p in enumerate(first)]
    steps = []
    for frame in others:
        now, step = [], []
        for state, emitted in enumerate(frame):
            way, back = best[state], 0
            if state and best[state - 1] > way:
                way, back = best[state - 1], 1
            if skips[state] and best[state - 2] > way:
                way, back = best[state - 2], 2
            now.append(way + emitted)
            step.append(back)
        best = now
        steps.append(step)
    state = len(best) - 1 - int(len(best) > 1 and best[-2] > best[-1])
    path = [state]
    for backs in reversed(steps):
        state -= backs[state]
        path.append(state)
    return path[::-1]


def log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def greedy(log_probs: LogProbs) -> Decoded:
    """Best class of each frame, repeats merged, blanks dropped (Graves et al. 2006, 3.2)."""
    classes, peaks, frames = _likeliest_path(log_probs)
    whole = min(1.0, float(np.exp(label_log_prob(log_probs, classes))))
    letters = tuple(min(1.0, float(np.exp(p))) for p in peaks)
    return Decoded(tuple(classes), whole, letters, tuple(frames))


def _likeliest_path(log_probs: LogProbs) -> tuple[list[int], list[float], list[int]]:
    """What the best class of each frame reads: classes, and where each is likeliest, log p and frame."""
    classes: list[int] = []
    peaks: list[float] = []
    frames: list[int] = []
    before = BLANK
    best, scores = log_probs.argmax(axis=-1).tolist(), log_probs.max(axis=-1).tolist()
    for frame, (k, score) in enumerate(zip(best, scores, strict=True)):
        if k != BLANK and k != before:
            classes.append(k)
            peaks.append(score)
            frames.append(frame)
        elif k != BLANK and score > peaks[-1]:
            peaks[-1], frames[-1] = score, frame
        before = k
    return classes, peaks, frames


def label_log_prob(log_probs: LogProbs, classes: Sequence[int]) -> float:
    """log p(classes | picture), over all alignments: the CTC forward variable.

    Graves et al. 2006, "Connectionist Temporal Classification", section 4.1. -inf where the
    classes need more frames than there are.
    """
    symbols, skips = _states(classes)
    emitted = log_probs.astype(np.float64)[:, symbols]
    alpha = np.full(len(symbols) + 2, -np.inf)  # two states of nothing before the first
    alpha[2:4] = emitted[0, :2]
    for frame in emitted[1:]:
        stay, step = alpha[2:], alpha[1:-1]
        skip = np.where(skips, alpha[:-2], -np.inf)
        alpha[2:] = np.logaddexp(np.logaddexp(stay, step), skip) + frame
    return float(np.logaddexp.reduce(alpha[2:][-2:]))


def label_log_probs(log_probs: LogProbs, labels: Sequence[Sequence[int]]) -> list[float]:
    """`label_log_prob` of several labels at once: much faster than one by one."""
    longest = max(map(len, labels))
    symbols = np.full((len(labels), 2 * longest + 1), BLANK, np.intp)
    for row, classes in zip(symbols, labels, strict=True):
        row[1 : 2 * len(classes) : 2] = classes
    skips = np.zeros(symbols.shape)
    skips[:, 3::2] = symbols[:, 3::2] != symbols[:, 1:-2:2]
    emitted = np.exp(log_probs.astype(np.float64))[:, symbols]
    alpha = np.zeros((len(labels), symbols.shape[1] + 2))  # two states of nothing before the first
    alpha[:, 2:4] = emitted[0, :, :2]
    stay, step, skip, more = alpha[:, 2:], alpha[:, 1:-1], alpha[:, :-2], np.empty(symbols.shape)
    for frame in emitted[1:]:
        np.multiply(skips, skip, out=more)
        more += step
        more += stay
        np.multiply(more, frame, out=stay)
    every, last = np.arange(len(labels)), np.array([2 * len(classes) + 2 for classes in labels])
    ends = alpha[every, last] + alpha[every, last - 1]
    return [
        math.log(end) if end > _LEAST else label_log_prob(log_probs, classes)
        for end, classes in zip(ends.tolist(), labels, strict=True)
    ]


def _states(classes: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The classes with blanks between and around, and which may follow without the blank."""
    symbols = np.full(2 * len(classes) + 1, BLANK, np.intp)
    symbols[1::2] = classes
    skips = np.zeros(len(symbols), bool)
    skips[3::2] = symbols[3::2] != symbols[1:-2:2]
    return symbols, skips


def least_frames(classes: Sequence[int]) -> int:
    """How many frames a text needs: one a letter, and a blank between equal neighbours."""
    return len(classes) + sum(a == b for a, b in pairwise(classes))


class Candidate(NamedTuple):
    """A text that beam search found.

    classes: the text.
    ctc: log p(classes | picture), over all alignments.
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
        log_probs: float32 (T, classes), of all frames, or, faster, of the `telling` ones.
        width: prefixes kept after each frame.
        behind: nats behind the likeliest prefix, picture and name model together, where a prefix is given up.
        names: a name model over the charset's letters; None for the picture alone.
        weight: of the name model's log-probability beside the picture's.
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
            found.append((log(blank + letter + _LEAST) + base, prefix, BLANK, blank, letter))
            grown, likely = prefix.grown, prefix.next_letters(names) if names else flat
            for k in new:
                more = (prefix.blank if k == last else both) * row[k]
                if more > least and not ((known := grown.get(k)) and known.kept):
                    rank = log(more) + base + bonus + weight * likely[k - 1]
                    found.append((rank, prefix, k, 0.0, more))
        return found
