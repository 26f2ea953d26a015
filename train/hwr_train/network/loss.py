"""Connectionist temporal classification, backend-neutral, with its gradient in closed form.

keras.losses.CTC costs a quarter of a training step on a CPU; differentiating through the
recursion is what is slow. Here the forward and backward variables come out of one scan, and
the gradient is the softmax less the posterior (Graves et al. 2006, "Connectionist Temporal
Classification", equation 16).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from hwr_edge.line.charset import BLANK

_NEVER = -1e9  # log of a probability that is nought; finite, so that no NaN arises


@keras.saving.register_keras_serializable("hwr_train")
class CTCLoss(keras.losses.Loss):  # type: ignore[misc]  # keras has no types
    """-log p(label | logits), one value a row.

    y_true: int (N, L), classes 1.., padded with 0 at the end.
    y_pred: float32 (N, T, classes), logits; every frame counts.
    A label that needs more than T frames costs nothing and teaches nothing.

    agreement: weight of what the two views of a name should agree in, frame by frame, where the rows
        are two views of N / 2 names, name by name: KL(other view | this one), summed over
        frames, the other taken as given (Yao et al. 2024, "CR-CTC: Consistency regularization on
        CTC for improved speech recognition").
    """

    def __init__(self, agreement: float = 0.0, name: str = "ctc", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.agreement = agreement

    def get_config(self) -> dict[str, Any]:
        """What a saved model makes it from again."""
        return {**super().get_config(), "agreement": self.agreement}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Value (N,), with the gradient that belongs to it."""
        labels, logits = ops.cast(y_true, "int32"), ops.cast(y_pred, "float32")
        log_probs = ops.log_softmax(logits, axis=-1)
        cost, posterior, possible = _cost_and_posterior(labels, ops.stop_gradient(log_probs))
        gradient = ops.stop_gradient(ops.exp(log_probs) - posterior)
        gradient = ops.where(possible[:, None, None], gradient, 0.0)
        cost = ops.where(possible, cost, 0.0)
        slope = ops.sum(logits * gradient, axis=(1, 2))
        cost = slope + ops.stop_gradient(cost - slope)
        if self.agreement:
            other = ops.stack([log_probs[1::2], log_probs[::2]], 1)
            other = ops.stop_gradient(ops.reshape(other, ops.shape(log_probs)))
            apart = ops.sum(ops.exp(other) * (other - log_probs), axis=(1, 2))
            cost = cost + self.agreement * apart
        return cost


def _cost_and_posterior(labels: Any, log_probs: Any) -> tuple[Any, Any, Any]:
    """Cost (N,), posterior (N, T, classes): how much of the label each class bears in each frame,
    and whether the label fits into T frames (N,).
    """
    count, length = ops.shape(labels)[0], labels.shape[1]
    states = 2 * length + 1
    blanks = ops.full((count, length, 1), BLANK, dtype="int32")
    interleaved = ops.reshape(ops.concatenate([blanks, labels[:, :, None]], 2), (count, 2 * length))
    symbols = ops.concatenate([interleaved, blanks[:, :1, 0]], 1)
    one_hot = ops.one_hot(symbols, log_probs.shape[-1], dtype="float32")
    emitted = ops.einsum("ntc,nsc->tns", log_probs, one_hot)

    lengths = ops.sum(ops.cast(labels != BLANK, "int32"), axis=1)[:, None]
    place = ops.arange(states, dtype="int32")[None, :]
    starts = ops.where((place <= 1) & (place <= 2 * lengths), 0.0, _NEVER)
    ends = ops.where((place == 2 * lengths) | (place == 2 * lengths - 1), 0.0, _NEVER)
    differs = ops.concatenate(
        [ops.zeros_like(symbols[:, :2]), ops.cast(symbols[:, 2:] != symbols[:, :-2], "int32")], 1
    )
    skips = ops.where((symbols != BLANK) & (differs > 0), 0.0, _NEVER)  # s - 2 -> s is allowed
    wall = ops.full_like(skips[:, :2], _NEVER)
    skips_back = ops.concatenate([skips[:, 2:], wall], 1)

    # The backward variable is a forward one with time and states turned round: one recursion
    # for both, stacked. A single tensor goes through the scan, for Keras 3.15 cannot scan several
    # whose length is known at run time alone.
    jumps = ops.stack([skips, ops.flip(skips_back, 1)])
    walls = ops.stack([wall, wall])

    def step(before: Any, now: Any) -> tuple[Any, Any]:
        padded = ops.concatenate([walls, before], 2)
        after = now + _log_add(before, padded[:, :, 1:-1], padded[:, :, :-2] + jumps)
        return after, after

    both = ops.stack([emitted, ops.flip(emitted, (0, 2))], 1)
    first = ops.stack([starts, ops.flip(ends, 1)]) + both[0]
    _, rest = ops.scan(step, first, both[1:])
    alphas, betas = ops.unstack(ops.concatenate([first[None], rest], 0), 2, axis=1)
    betas = ops.flip(betas, (0, 2))
    log_like = ops.logsumexp(alphas[-1] + ends, axis=-1)
    share = ops.exp(ops.minimum(alphas + betas - emitted - log_like[None, :, None], 0.0))
    return -log_like, ops.einsum("tns,nsc->ntc", share, one_hot), log_like > _NEVER / 2


def _log_add(a: Any, b: Any, c: Any) -> Any:
    top = ops.maximum(ops.maximum(a, b), c)
    return top + ops.log(ops.exp(a - top) + ops.exp(b - top) + ops.exp(c - top))
