"""What a Keras model reads on canvases, decoded as the device decodes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import keras
import numpy as np

from hwr_edge.charset import Charset
from hwr_edge.ctc import greedy, log_softmax
from hwr_edge.metrics import Score, score
from hwr_train.artifact import Artifact
from hwr_train.batches import encode_labels
from hwr_train.canvases import NameData
from hwr_train.files import replace_text
from hwr_train.loss import CTCLoss


def predict(model: keras.Model, data: NameData, batch: int = 64) -> np.ndarray:
    """Logits float32 (N, T, classes)."""
    parts = [
        np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(_images(data, k, batch))))
        for k in range(0, len(data), batch)
    ]
    return np.concatenate(parts)


def _images(data: NameData, start: int, batch: int) -> np.ndarray:
    return np.asarray(data.canvases[start : start + batch])[..., None]


def read_all(logits: np.ndarray, charset: Charset, drop_frames: int = 0) -> list[str]:
    """Greedy readings, as the device makes them."""
    end = logits.shape[1] - drop_frames
    return [charset.decode(greedy(log_softmax(one[:end])).classes).strip() for one in logits]


def validation_loss(logits: np.ndarray, data: NameData, charset: Charset) -> float:
    """Mean CTC loss a name."""
    return float(CTCLoss()(encode_labels(data.texts, charset), logits))


def write_readings(best: Artifact, validation: NameData, folder: Path) -> Score:
    """Truth and reading of every validation name, and their score."""
    texts = read_all(predict(best.model, validation), best.charset, best.preset.drop_frames)
    with (folder / "readings.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "truth", "reading", "right"])
        for name, truth, text in zip(validation.ids, validation.texts, texts, strict=True):
            writer.writerow([name, truth, text, int(truth == text)])
    result = score(validation.texts, texts)
    replace_text(folder / "figures.json", json.dumps(result.to_json(), indent=1) + "\n")
    return result
