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


def letter_confidences(log_probs: LogProbs, classes: Sequence[int]) -> tuple[float, ...]:
    """For each class the highest probability it reaches on the likeliest alignment, 0 to 1.

    The alignment is Viterbi's, over the states of `label_log_prob`.
    """
    symbols, skips = _states(classes)
    emitted = log_probs.astype(np.float64)[:, symbols]
    best = np.full(len(symbols), -np.inf)
    best[:2] = emitted[0, :2]
    steps = []
    for frame in emitted[1:]:
        padded = np.concatenate([[-np.inf, -np.inf], best])
        ways = np.stack([best, padded[1:-1], np.where(skips, padded[:-2], -np.inf)])
        steps.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + frame
    state = len(symbols) - 1 - int(len(symbols) > 1 and best[-2] > best[-1])
    found = [-np.inf] * len(classes)
    for frame in range(len(emitted) - 1, -1, -1):
        if state % 2:
            found[state // 2] = max(found[state // 2], float(emitted[frame, state]))
        if frame:
            state -= int(steps[frame - 1][state])
    return tuple(min(1.0, float(np.exp(p))) for p in found)


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
    tree = _Prefixes(names)

    def rank(item: tuple[_Prefix, _Ends]) -> float:
        prefix, (blank, letter) = item
        return math.log(blank + letter) + weight * tree.name(prefix) + bonus * len(prefix)

    probs = np.exp(log_probs.astype(np.float64))
    ends: dict[_Prefix, _Ends] = {(): (1.0, 0.0)}
    for row in probs:
        letters = [k for k in np.flatnonzero(row >= _LEAST_PROB).tolist() if k != BLANK]
        alive = _step(ends, row.tolist(), letters)
        if len(alive) > width:
            alive = dict(sorted(alive.items(), key=rank, reverse=True)[:width])
        ends = alive
    found = []
    for classes, ctc in zip(ends, label_log_probs(log_probs, list(ends)), strict=True):
        name = tree.whole(classes)
        found.append(Candidate(classes, ctc, name, ctc + weight * name + bonus * len(classes)))
    return sorted(found, key=lambda one: one.score, reverse=True)


_Prefix = tuple[int, ...]
_Ends = tuple[float, float]  # probability of a prefix whose last frame is a blank, is its letter


def _step(ends: dict[_Prefix, _Ends], row: list[float], letters: list[int]) -> dict[_Prefix, _Ends]:
    """All prefixes after one more frame, of which `letters` may begin something new."""
    after: dict[_Prefix, list[float]] = {}
    for prefix, (blank, letter) in ends.items():
        both = blank + letter
        last = prefix[-1] if prefix else BLANK
        here = after.setdefault(prefix, [0.0, 0.0])
        here[0] += both * row[BLANK]
        if prefix:
            here[1] += letter * row[last]
        for k in letters:  # a letter follows itself only after a blank
            grown = after.setdefault((*prefix, k), [0.0, 0.0])
            grown[1] += (blank if k == last else both) * row[k]
    return {
        prefix: (blank, letter) for prefix, (blank, letter) in after.items() if blank + letter > 0
    }


class _Prefixes:
    """What a name model says of prefixes, each worked out once from the one before."""

    def __init__(self, names: NameModel | None) -> None:
        self.names = names
        self.known: dict[_Prefix, tuple[float, State]] = {}
        if names:
            self.known[()] = 0.0, names.start

    def name(self, prefix: _Prefix) -> float:
        """log p of what stands so far; 0 without a model."""
        return self._known(prefix)[0] if self.names else 0.0

    def whole(self, prefix: _Prefix) -> float:
        """log p of a prefix that is all of the name; 0 without a model."""
        if self.names is None:
            return 0.0
        if not prefix:
            return _EMPTY_PRIOR
        so_far, state = self._known(prefix)
        return so_far + self.names.row(state)[-1]

    def _known(self, prefix: _Prefix) -> tuple[float, State]:
        assert self.names
        found = self.known.get(prefix)
        if found is None:
            so_far, state = self._known(prefix[:-1])
            last = prefix[-1]
            found = so_far + self.names.row(state)[last - 1], self.names.after(state, last)
            self.known[prefix] = found
        return found
