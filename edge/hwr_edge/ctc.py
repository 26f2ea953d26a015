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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import BLANK, Charset
from hwr_edge.namemodel import NameModel, State

LogProbs = NDArray[np.float32]
_LEAST = 1e-300
_LEAST_PROB = 1e-4  # of a letter in a frame: what is less likely starts no prefix in a beam
_LEAST_SHARE = 1e-6  # of the likeliest prefix: what is less likely is none
BONUS = 0.4
"""Of a letter in a candidate's score, against the name model's leaning to short texts; chosen on validation names."""
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
    """A name without outer spaces.

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
    first, name = len(text) - len(text.lstrip()), text.strip()
    letters = decoded.letter_confidences[first : first + len(name)]
    log_prob = math.log(max(decoded.confidence, _LEAST))
    return DecodedText(name, decoded.confidence, letters, log_prob)


def texts_of(
    found: Sequence[Candidate], log_probs: LogProbs, charset: Charset, top: int = 1
) -> list[DecodedText]:
    """The `top` likeliest names among the candidates of a beam, the best first.

    A confidence is a candidate's share of the probability of all, picture and name model weighed
    together. Candidates that differ by outer spaces are one name.
    """
    log_probs = telling(log_probs)
    whole = np.logaddexp.reduce([one.score for one in found])
    texts: dict[str, DecodedText] = {}
    for one in found:
        text = charset.decode(one.classes)
        name, first = text.strip(), len(text) - len(text.lstrip())
        share = float(np.exp(one.score - whole))
        if known := texts.get(name):
            log_prob = float(np.logaddexp(known.log_prob, one.ctc))
            texts[name] = known._replace(confidence=known.confidence + share, log_prob=log_prob)
        elif len(texts) < top:
            letters = letter_confidences(log_probs, one.classes)[first : first + len(name)]
            texts[name] = DecodedText(name, share, letters, one.ctc)
    return list(texts.values())


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

    The alignment is Viterbi's, over the states of `label_log_prob`.
    """
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
    found = [-math.inf] * len(classes)
    for frame, back_from in zip([*others[::-1], first], [*steps[::-1], None], strict=True):
        if state % 2:
            found[state // 2] = max(found[state // 2], frame[state])
        if back_from:
            state -= back_from[state]
    return tuple(min(1.0, math.exp(p)) for p in found)


def log_softmax(logits: NDArray[np.float32]) -> LogProbs:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def greedy(log_probs: LogProbs) -> Decoded:
    """Best class of each frame, repeats merged, blanks dropped (Graves et al. 2006, 3.2)."""
    best = log_probs.argmax(axis=-1)
    classes: list[int] = []
    peaks: list[float] = []
    frames: list[int] = []
    before = BLANK
    for frame, k in enumerate(best.tolist()):
        score = float(log_probs[frame, k])
        if k != BLANK and k != before:
            classes.append(k)
            peaks.append(score)
            frames.append(frame)
        elif k != BLANK and score > peaks[-1]:
            peaks[-1], frames[-1] = score, frame
        before = k
    whole = min(1.0, float(np.exp(label_log_prob(log_probs, classes))))
    letters = tuple(min(1.0, float(np.exp(p))) for p in peaks)
    return Decoded(tuple(classes), whole, letters, tuple(frames))


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
    for frame in emitted[1:]:
        alpha[:, 2:] = (alpha[:, 2:] + alpha[:, 1:-1] + skips * alpha[:, :-2]) * frame
    ends = [alpha[k, 2 * len(classes) + 1 :][:2].sum() for k, classes in enumerate(labels)]
    return [
        math.log(end) if end > _LEAST else label_log_prob(log_probs, classes)
        for end, classes in zip(ends, labels, strict=True)
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
    weight: float = 0.5,
    bonus: float = BONUS,
) -> list[Candidate]:
    """Prefix beam search (Graves 2012; Hannun et al. 2014), the best candidate first.

    Args:
        log_probs: float32 (T, classes).
        width: prefixes kept after each frame.
        names: a name model over the charset's letters; None for the picture alone.
        weight: of the name model's log-probability beside the picture's.
        bonus: for each letter, against the name model's leaning to short texts.

    Weight and bonus were chosen on validation names.
    """
    log_probs = telling(log_probs)
    root = _Prefix(names.start if names else None)
    ends: dict[_Prefix, _Ends] = {root: (1.0, 0.0)}
    probs = np.exp(log_probs.astype(np.float64))
    letters: list[list[int]] = [[] for _ in probs]
    for frame, k in zip(*(at.tolist() for at in np.nonzero(probs >= _LEAST_PROB)), strict=True):
        if k != BLANK:
            letters[frame].append(k)

    def rank(item: tuple[_Prefix, _Ends]) -> float:
        prefix, (blank, letter) = item
        return math.log(blank + letter) + weight * prefix.name + bonus * prefix.length

    for row, new in zip(probs.tolist(), letters, strict=True):
        ends = _step(ends, row, new, names)
        if len(ends) > width:
            ends = dict(sorted(ends.items(), key=rank, reverse=True)[:width])
    texts = [prefix.classes() for prefix in ends]
    found = []
    for prefix, classes, ctc in zip(ends, texts, label_log_probs(log_probs, texts), strict=True):
        name = prefix.whole(names) if names else 0.0
        found.append(Candidate(classes, ctc, name, ctc + weight * name + bonus * len(classes)))
    return sorted(found, key=lambda one: one.score, reverse=True)


_Ends = tuple[float, float]  # probability of a prefix whose last frame is a blank, is its letter
_NOWHERE: _Ends = (0.0, 0.0)


class _Prefix:
    """The beginning of a text, and what a name model says of it.

    last: its last class; BLANK for no letter yet.
    name: log p of it; 0 without a model.
    grown: the prefixes that are a letter longer, each worked out once.
    """

    __slots__ = ("_parent", "_state", "grown", "last", "length", "name")

    def __init__(
        self,
        state: State | None,
        parent: _Prefix | None = None,
        last: int = BLANK,
        name: float = 0.0,
    ) -> None:
        self._parent, self._state, self.last, self.name = parent, state, last, name
        self.length: int = parent.length + 1 if parent else 0
        self.grown: dict[int, _Prefix] = {}

    def grow(self, letter: int, names: NameModel | None) -> _Prefix:
        """The prefix with one letter more."""
        if names is None:
            grown = _Prefix(None, self, letter)
        else:
            grown = _Prefix(None, self, letter, self.name + self._row(names)[letter - 1])
        self.grown[letter] = grown
        return grown

    def whole(self, names: NameModel) -> float:
        """log p of it as all of a name."""
        return self.name + self._row(names)[-1] if self._parent else _EMPTY_PRIOR

    def classes(self) -> tuple[int, ...]:
        """The text."""
        found, prefix = [], self
        while prefix._parent:
            found.append(prefix.last)
            prefix = prefix._parent
        return tuple(reversed(found))

    def _row(self, names: NameModel) -> list[float]:
        """What the model says of the next letter."""
        if self._state is None:
            assert self._parent
            assert self._parent._state
            self._state = names.after(self._parent._state, self.last)
        return names.row(self._state)


def _step(
    ends: dict[_Prefix, _Ends], row: list[float], letters: list[int], names: NameModel | None
) -> dict[_Prefix, _Ends]:
    """All prefixes after one more frame, of which `letters` may begin something new."""
    blank_prob, after = row[BLANK], dict[_Prefix, _Ends]()
    least = _LEAST_SHARE * max(blank + letter for blank, letter in ends.values())
    for prefix, (blank, letter) in ends.items():
        both = blank + letter
        here = after.get(prefix, _NOWHERE)
        after[prefix] = both * blank_prob, here[1] + (letter * row[prefix.last] if letter else 0.0)
        for k in letters:  # a letter follows itself only after a blank
            more = (blank if k == prefix.last else both) * row[k]
            if more > least:
                grown = prefix.grown.get(k) or prefix.grow(k, names)
                there = after.get(grown, _NOWHERE)
                after[grown] = there[0], there[1] + more
    return {prefix: both for prefix, both in after.items() if both[0] + both[1] > 0}
