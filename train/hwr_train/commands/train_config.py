"""The configuration of a run, from the options of `train` or of the run that it resumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import typer

from hwr_edge.errors import DataError
from hwr_train.config import TrainConfig

EPOCHS_WHEN_ALONE = 8
EPOCHS_FOR_EXTRA = 4
"""Of a run without data or preset; of a finished run that learns further rows."""


def new_config(options: Mapping[str, Any]) -> TrainConfig:
    """The configuration of a new run; paths as text."""
    given: dict[str, Any] = {f.name: _plain(options[f.name]) for f in fields(TrainConfig)}
    given["extra"] = tuple(map(str, options["extra"] or ()))
    given["doubt_by"] = tuple(f"{path}" for path in options["doubt_by"] or ())
    given["preset"] = options["preset"] or TrainConfig.preset
    if not (options["epochs"] or options["data"] or options["preset"]):
        given["epochs"] = EPOCHS_WHEN_ALONE
    return TrainConfig(**given)


def resumed_config(
    typed: Set[str], folder: Path, epochs: int | None, extra: Sequence[Path]
) -> TrainConfig:
    """The run's own configuration; --epochs and --extra alone may change it."""
    if strangers := typed & {f.name for f in fields(TrainConfig)} - {"epochs", "extra"}:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(strangers))
        raise DataError(f"a resumed run keeps its configuration; leave out {options}")
    config = TrainConfig.load(folder / "config.json")
    both = tuple(dict.fromkeys([*config.extra, *map(str, extra)]))
    if epochs is None and extra:
        from hwr_train.fitting.checkpoints import RunState

        state = RunState.load(folder)
        if both != config.extra or state.epoch >= (config.epochs or 0):
            epochs = state.epoch + EPOCHS_FOR_EXTRA
    return replace(config, epochs=epochs or config.epochs, extra=both)


def was_typed(context: typer.Context, name: str) -> bool:
    """Whether an option was given on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _plain(value: object) -> object:
    return f"{value}" if isinstance(value, Path) else value  # as it was typed
