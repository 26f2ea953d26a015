"""Where each letter of a text stands: its likeliest alignment with the frames."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hwr_edge.line.ctc import LogProbs, best_path, frames_needed, label_states


def letter_confidences(log_probs: LogProbs, classes: Sequence[int]) -> tuple[float, ...]:
    """For each class the highest probability it reaches on the likeliest alignment, 0 to 1.

    Where the likeliest path of all reads these classes, it is theirs. Else the alignment is Viterbi's,
    over the states of `label_log_prob`.
    """
    read, peaks, _ = best_path(log_probs)
    if read != list(classes):
        frames = letter_frames(log_probs, classes)
        peaks = [float(log_probs[frame, k]) for frame, k in zip(frames, classes, strict=True)]
    return tuple(min(1.0, math.exp(p)) for p in peaks)


def letter_frames(log_probs: LogProbs, classes: Sequence[int]) -> tuple[int, ...]:
    """For each class the frame where it is likeliest, on the likeliest alignment of these classes (Viterbi's).

    Raises:
        ValueError: they need more frames than there are.
    """
    if frames_needed(classes) > len(log_probs):
        raise ValueError(f"{len(classes)} classes do not fit {len(log_probs)} frames")
    best: dict[int, int] = {}
    for frame, state in enumerate(_viterbi(log_probs, classes)):
        if state % 2:
            k = state // 2
            so_far = best.setdefault(k, frame)
            if log_probs[frame, classes[k]] > log_probs[so_far, classes[k]]:
                best[k] = frame
    return tuple(best[k] for k in range(len(classes)))


def _viterbi(log_probs: LogProbs, classes: Sequence[int]) -> list[int]:
    """The state of each frame on the likeliest alignment; odd ones are letters, the others blanks."""
    symbols, may_skip = label_states(classes)
    skips = may_skip.tolist()
    # Lists: a name has few states, and NumPy's calls cost more than they save.
    first, *others = log_probs.astype(np.float64)[:, symbols].tolist()
    best = [p if state < 2 else -math.inf for state, p in enumerate(first)]
    steps = []
    for frame in others:
        now, step = [], []
        for state, emitted in enumerate(frame):
            score, back = best[state], 0
            if state and best[state - 1] > score:
                score, back = best[state - 1], 1
            if skips[state] and best[state - 2] > score:
                score, back = best[state - 2], 2
            now.append(score + emitted)
            step.append(back)
        best = now
        steps.append(step)
    state = len(best) - 1 - int(len(best) > 1 and best[-2] > best[-1])
    path = [state]
    for backs in reversed(steps):
        state -= backs[state]
        path.append(state)
    return path[::-1]
