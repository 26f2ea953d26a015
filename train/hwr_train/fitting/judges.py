"""Models that judge the labels of a run: doubtful ones are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import DataError
from hwr_edge.line.charset import Charset
from hwr_edge.typed_path import TypedPath
from hwr_train.config import Part, TrainConfig
from hwr_train.data.canvases import NameData
from hwr_train.data.cleaning import CleaningReport
from hwr_train.data.doubt import doubtful
from hwr_train.data.row import Row
from hwr_train.measuring.readings import predict
from hwr_train.network.artifact import Artifact, load_artifact
from hwr_train.network.model import Preset, preset_named


def frames_of(preset: Preset) -> int:
    """Frames of the network's output that decoding uses."""
    return int(preset.product(2).output_shape[1]) - preset.drop_frames


def without_doubtful(
    config: TrainConfig,
    charset: Charset,
    rows: Sequence[Row],
    data: NameData,
    report: CleaningReport,
) -> list[Row]:
    """The data's rows but those whose labels the models named in the configuration find wrong.

    Raises:
        DataError: a model cannot be used.
    """
    wrong: set[str] = set()
    for path in config.doubt_by:
        judge = judge_of(path, charset, preset_named(config.preset))
        part = Part.of(judge.config.part) if judge.config.part else None
        places = [i for i, name in enumerate(data.ids) if part is None or name in part]
        if not places:
            raise DataError(f"{path}: its part {judge.config.part} has none of these rows")
        logits = used_logits(judge, data, places)
        doubted = doubtful([data.texts[i] for i in places], logits, charset)
        print(f"{path}: doubts {len(doubted)} of {len(places)} labels", flush=True)
        wrong |= {data.ids[places[i]] for i in doubted}
    for name in sorted(wrong):
        report.drop("doubtful label", name)
    good = set(data.ids) - wrong
    return [row for row in rows if row.name in good]


def used_logits(
    judge: Artifact, data: NameData, places: Sequence[int] | None = None
) -> NDArray[np.float32]:
    """A model's logits, float32 (N, T, classes), but the frames that it leaves out."""
    return predict(judge.model, data, places)[:, : -judge.preset.drop_frames or None]


def without_part(config: TrainConfig, rows: Sequence[Row], report: CleaningReport) -> list[Row]:
    """The rows but those of the configuration's part."""
    if not config.part:
        return list(rows)
    part = Part.of(config.part)
    for row in rows:
        if row.name in part:
            report.drop(f"part {config.part}", row.name)
    return [row for row in rows if row.name not in part]


def judge_of(path: str, charset: Charset, preset: Preset) -> Artifact:
    """A trained model that reads this run's canvases in this run's letters.

    Raises:
        DataError: there is none at `path`.
    """
    artifact = load_artifact(TypedPath(path))
    if artifact.charset != charset or artifact.preset.canvas != preset.canvas:
        raise DataError(f"{path}: has another charset or canvas than this run")
    return artifact
