"""What happens after each epoch: figures, checkpoints, log, curve and early stopping."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

from hwr_edge.errors import DataError
from hwr_edge.files import write_whole
from hwr_edge.line.metrics import score
from hwr_train.config import TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.files import replace_text
from hwr_train.fitting.devices import on_one_device
from hwr_train.fitting.hosts import ALONE, Hosts
from hwr_train.fitting.loader import BatchLoader
from hwr_train.interrupts import check
from hwr_train.measuring.readings import predict, read_all, validation_loss
from hwr_train.network.artifact import save_artifact, save_model
from hwr_train.network.model import Preset, copy_weights, preset_named


@dataclass
class RunState:
    """How far a run has come; what the CheckpointCallback saves and a resumed run starts from."""

    epoch: int = 0
    best: float = math.inf
    best_epoch: int = 0
    log: list[dict[str, float]] = field(default_factory=list)

    @property
    def checkpoint(self) -> str:
        """The file with weights and optimizer after `epoch`."""
        return f"last-{self.epoch}.keras"

    def out_of_patience(self, preset: Preset) -> bool:
        """Whether the best is too many epochs ago."""
        return self.epoch - self.best_epoch >= preset.patience

    @classmethod
    def load(cls, folder: Path) -> RunState:
        """The state of an earlier run in the folder; a new one where there is none.

        A run that was stopped while its first epoch was being saved has none, and begins anew.

        Raises:
            DataError: the state is damaged or its checkpoint is missing.
        """
        path = folder / "state.json"
        if not path.exists():
            later = {found.name for found in folder.glob("last-*.keras")} - {"last-1.keras"}
            never_begun = (folder / "config.json").is_file() and not later
            if (folder / "best.keras").exists() and not never_begun:
                raise DataError(
                    f"{path}: missing, so its run cannot continue; start a new run with INIT="
                )
            return cls()
        try:
            state = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(
                f"{path}: damaged ({error}); remove the folder to start anew"
            ) from error
        if not (folder / state.checkpoint).is_file():
            raise DataError(
                f"{folder / state.checkpoint}: missing; remove the folder to start anew"
            )
        return state

    def save(self, folder: Path) -> None:
        """Write what `load` reads.

        Raises:
            OutputError: it cannot be written.
        """
        replace_text(folder / "state.json", json.dumps(asdict(self), indent=1) + "\n")


class CheckpointCallback(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Sets each epoch's batches; after it: validation figures, checkpoint, best weights, log, curve, early stop."""

    def __init__(
        self,
        folder: Path,
        config: TrainConfig,
        loader: BatchLoader,
        validation: NameData,
        state: RunState,
        hosts: Hosts = ALONE,
    ) -> None:
        super().__init__()
        self.folder, self.config, self.preset = folder, config, preset_named(config.preset)
        self.loader, self.state, self.hosts = loader, state, hosts
        self.validation, self.charset = validation, loader.buckets.charset
        self.product = self.preset.product(self.charset.classes)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Have the batches and the dropout of this epoch, whatever went before."""
        self.loader.begin(epoch)
        states = [v for v in self.model.variables if v.name == "seed_generator_state"]
        for place, state in enumerate(states):
            words = np.random.SeedSequence((self.config.seed, epoch, place)).generate_state(2)
            state.assign(words)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Stop on a Ctrl-C that was swallowed."""
        check()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure and keep."""
        self._average()
        losses = logs or {}
        loss = losses.get("logits_loss", losses.get("loss", math.nan))
        if not math.isfinite(loss):
            raise DataError(f"epoch {epoch + 1}: the loss is {loss}; lower --learning-rate")
        row = None
        if self.hosts.first:
            with on_one_device():
                row = self._measure(epoch + 1, loss)
        row = self.hosts.gather(f"epoch {epoch + 1}", row)[0]  # the others wait here for the first
        state, before = self.state, self.state.checkpoint
        state.epoch = epoch + 1
        state.log.append(row)
        if row[self.preset.monitor] < state.best or not state.best_epoch:
            state.best, state.best_epoch = row[self.preset.monitor], state.epoch
        if self.hosts.first:
            with on_one_device():  # what is made while a model is written is this host's alone
                self._save(before)
        self.hosts.gather(f"saved {epoch + 1}")
        if state.out_of_patience(self.preset):
            print(f"stopped: no better for {self.preset.patience} epochs", flush=True)
            self.model.stop_training = True

    def _save(self, before: str) -> None:
        """Write the run's files, and delete the checkpoint of the epoch before.

        Each device has all weights, so one host can write them by itself.
        """
        state = self.state
        if state.best_epoch == state.epoch:
            save_artifact(self.folder / "best.keras", self.product, self.charset, self.config)
        save_artifact(self.folder / "latest.keras", self.product, self.charset, self.config)
        # The state names its checkpoint: a kill between the two writes loses one epoch at most.
        save_model(self.model, self.folder / state.checkpoint)
        state.save(self.folder)
        (self.folder / before).unlink(missing_ok=True)
        write_log(state.log, self.folder)

    def _average(self) -> None:
        """Give the product the running average of the weights (Polyak and Juditsky 1992)."""
        variables = self.model.trainable_variables
        now = [keras.ops.convert_to_numpy(v) for v in variables]
        self.model.optimizer.finalize_variable_values(variables)
        copy_weights(self.model, self.product)
        for variable, value in zip(variables, now, strict=True):
            variable.assign(value)

    def _measure(self, epoch: int, loss: float) -> dict[str, float]:
        logits = predict(self.product, self.validation)
        texts = read_all(logits, self.charset, self.preset.drop_frames)
        result = score(self.validation.texts, texts)
        val_loss = validation_loss(logits, self.validation, self.charset)
        print(f"epoch {epoch}: loss {loss:.4f}  val {val_loss:.4f}  {result.line()}", flush=True)
        return {
            "epoch": epoch,
            "loss": float(loss),
            "val_loss": val_loss,
            "val_cer": result.cer,
            "val_exact": result.exact,
        }


def write_log(log: Sequence[dict[str, float]], folder: Path) -> None:
    """The figures of each epoch, of which there is one at least, as log.csv and curve.png."""
    lines = [",".join(log[0]), *(",".join(f"{v:g}" for v in row.values()) for row in log)]
    replace_text(folder / "log.csv", "\n".join(lines) + "\n")
    draw_curve(log, folder / "curve.png")


def draw_curve(log: Iterable[dict[str, float]], path: Path) -> None:
    """Loss and CER by epoch as a PNG."""
    rows = list(log)
    figure = Figure(figsize=(8, 4))
    left = figure.subplots()
    right = left.twinx()
    epochs = [r["epoch"] for r in rows]
    for key, axis, colour in (
        ("loss", left, "tab:blue"),
        ("val_loss", left, "tab:cyan"),
        ("val_cer", right, "tab:red"),
    ):
        axis.plot(epochs, [r[key] for r in rows], color=colour, label=key)
    left.set_xlabel("epoch")
    left.set_ylabel("CTC loss a name")
    right.set_ylabel("CER")
    right.set_ylim(0, min(1.0, max(r["val_cer"] for r in rows) * 1.05 + 1e-6))
    figure.legend(loc="upper right")
    image = io.BytesIO()
    figure.savefig(image, dpi=100, format="png")
    write_whole(path, image.getvalue())
