"""What a Keras model reads on canvases, decoded as the device decodes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.charset import Charset
from hwr_edge.line.greedy import decode_text
from hwr_edge.line.metrics import Score, score
from hwr_train.data.canvases import NameData
from hwr_train.data.labels import encode_labels
from hwr_train.files import replace_csv, replace_text
from hwr_train.interrupts import check
from hwr_train.network.artifact import Artifact
from hwr_train.network.loss import CTCLoss

_POOR = 0.5  # of the letters wrong


def predict(
    model: keras.Model, data: NameData, places: Sequence[int] | None = None, batch: int = 64
) -> NDArray[np.float32]:
    """Logits float32 (N, T, classes) of all names, or of those at some places; read in by batches."""
    chosen = np.arange(len(data)) if places is None else np.asarray(places, np.intp)
    parts = []
    for k in range(0, len(chosen), batch):
        check()
        images = np.asarray(data.canvases[chosen[k : k + batch]])
        parts.append(
            np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(images[..., None])))
        )
    return np.concatenate(parts)


def read_all(logits: NDArray[np.float32], charset: Charset, drop_frames: int = 0) -> list[str]:
    """Greedy readings of logits (N, T, classes), as the device makes them."""
    return [decode_text(crop_logits, charset, drop_frames).text for crop_logits in logits]


def validation_loss(logits: NDArray[np.float32], data: NameData, charset: Charset) -> float:
    """Mean CTC loss a name."""
    return float(CTCLoss()(encode_labels(data.texts, charset), logits))


def warning_of(result: Score) -> str | None:
    """What to say of a model that reads next to nothing; None of others."""
    if result.cer < _POOR:
        return None
    right = round(result.exact * result.names)
    return (
        f"this model reads next to nothing yet ({right} of {result.names} names); it needs thousands of rows and "
        "more epochs, or the weights of a trained model to start from (--init models/names.keras)"
    )


def write_readings(best: Artifact, validation: NameData, folder: Path) -> Score:
    """Truth and reading of every validation name, and their score."""
    texts = read_all(predict(best.model, validation), best.charset, best.preset.drop_frames)
    rows = zip(validation.ids, validation.texts, texts, strict=True)
    listing = [(name, truth, text, int(truth == text)) for name, truth, text in rows]
    replace_csv(folder / "readings.csv", [("id", "truth", "reading", "right"), *listing])
    result = score(validation.texts, texts)
    replace_text(folder / "figures.json", json.dumps(result.to_json(), indent=1) + "\n")
    return result
