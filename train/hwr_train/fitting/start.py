"""The network that a run starts or continues with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_edge.typed_path import TypedPath
from hwr_train.config import TrainConfig
from hwr_train.fitting.checkpoints import RunState
from hwr_train.fitting.prepare import RunData
from hwr_train.network.artifact import charset_beside
from hwr_train.network.grow import grow
from hwr_train.network.letters import taken_over
from hwr_train.network.loss import CTCLoss
from hwr_train.network.model import Preset


def model_of(
    config: TrainConfig, preset: Preset, data: RunData, state: RunState, earlier: Any
) -> keras.Model:
    """The network to train: that of the run's last epoch, or a new one with what `earlier` knows."""
    if state.epoch:
        # The same one, unless the number of epochs was changed for the rest of the run.
        earlier.optimizer.learning_rate = _schedule(config, preset, data)
        return earlier
    model = new_model(config, preset, data)
    if earlier is not None:
        grow(earlier, model, _letters_taken_over(config, data.loader.buckets.charset))
    return model


def _letters_taken_over(config: TrainConfig, charset: Charset) -> list[int | None] | None:
    """For each class the earlier network's that it begins as; None where both read the same letters."""
    before = (
        charset_beside(TypedPath(config.init)) if config.init and config.new_letters else charset
    )
    return None if before == charset else taken_over(before, charset)


def check_letters(config: TrainConfig, folder: Path, state: RunState, charset: Charset) -> None:
    """Raise DataError where the weights to go on from read other letters than the data has."""
    start = folder / "latest.keras" if state.epoch else config.init and TypedPath(config.init)
    if not start or not start.with_suffix(".json").is_file():
        return
    before = charset_beside(start)
    if before != charset and (state.epoch or not config.new_letters):
        mend = "use --fold" if before.folded else "use --charset"
        raise DataError(
            f"{start}: reads {before.letters!r}, but this run's letters are {charset.letters!r}; "
            f"{mend}, learn the others with --new-letters, or leave out --init"
        )


def new_model(config: TrainConfig, preset: Preset, data: RunData) -> keras.Model:
    """An untrained network of the preset, compiled with its optimizer and losses."""
    model = preset.trainer(data.loader.buckets.charset.classes)
    schedule = _schedule(config, preset, data)
    if preset.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=5.0)
    else:
        steps = len(data.loader) * (config.epochs or preset.epochs)
        optimizer = keras.optimizers.AdamW(
            schedule,
            weight_decay=0.01,
            clipnorm=5.0,
            use_ema=True,
            ema_momentum=1 - 1 / min(max(steps / 50, 1), 500),
            ema_overwrite_frequency=None,
        )
    model.compile(
        optimizer=optimizer,
        loss={
            name: CTCLoss(config.agreement if name == "logits" else 0.0)
            for name in model.output_names
        },
        loss_weights={"logits": 1.0, "shortcut": preset.shortcut} if preset.shortcut else None,
        jit_compile=keras.backend.backend() == "jax",
    )
    return model


def _schedule(
    config: TrainConfig, preset: Preset, data: RunData
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Warm-up and cosine over all epochs; for the baseline its own slow decay."""
    rate = preset.learning_rate if config.learning_rate is None else config.learning_rate
    if preset.optimizer == "sgd":
        return keras.optimizers.schedules.InverseTimeDecay(rate, 1, 1e-6)
    steps = len(data.loader) * (config.epochs or preset.epochs)
    warm = max(1, min(steps // 20, 500))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), alpha=0.005, warmup_target=rate, warmup_steps=warm
    )
