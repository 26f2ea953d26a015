"""The int8 file, through the device's own runtime, against its float parent on held-out names."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from hwr_edge.line.card import ModelCard
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.metrics import Score, bootstrap, edit_distance, score
from hwr_edge.line.recognizer import Recognizer
from hwr_train.data.canvases import NameData
from hwr_train.files import replace_text
from hwr_train.measuring.readings import predict, read_all

MAX_CER_RISE = 0.005
"""CER, as a fraction, that the int8 file may lose against its parent..."""
MAX_CER_SHARE = 0.10
"""...or this part of the parent's own CER, whichever is more."""

_TIMED = 50  # readings that are timed


@dataclass(frozen=True)
class Comparison:
    """Figures of the int8 file and its float parent on the same names.

    cer_rise: int8 less float, a fraction, with its 95 % interval (paired bootstrap over names).
    agreement: share of names that both read alike.
    logits_error: root of the mean squared difference.
    *_ms: median of one reading of one canvas, one thread for int8, in milliseconds.
    """

    names: str
    int8: Score
    float32: Score
    cer_rise: float
    cer_rise_interval: tuple[float, float]
    agreement: float
    logits_error: float
    int8_ms: float
    float_ms: float
    runtime: str

    def lines(self) -> list[str]:
        """For people."""
        low, high = self.cer_rise_interval
        return [
            f"float  {self.float32.line()}",
            f"int8   {self.int8.line()}",
            f"CER rises by {100 * self.cer_rise:.2f} points "
            f"[{100 * low:.2f}, {100 * high:.2f}]; "
            f"{self.agreement:.1%} of {self.names} read alike; logits differ by "
            f"{self.logits_error:.3f} (root mean square)",
            f"{self.int8_ms:.2f} ms a reading ({self.runtime}, one thread) against {self.float_ms:.1f} ms (Keras, all threads)",
        ]

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON takes them."""
        return asdict(self)


def compare(file: Path, model: keras.Model, data: NameData, kind: str) -> Comparison:
    """Measure a model file against its parent.

    Args:
        file: with its card.
        model: its parent.
        data: held-out names on the card's canvas; kind says what they are.
    """
    recognizer = Recognizer(file, decoder=Decoder.GREEDY)
    drop = recognizer.card.drop_frames
    wanted, found = predict(model, data), logits_of(recognizer, data)
    readings = read_all(found, recognizer.charset, drop)
    parents = read_all(wanted, recognizer.charset, drop)
    canvases = np.asarray(data.canvases[:_TIMED])
    rise, interval = cer_rise(data.texts, readings, parents)
    return Comparison(
        names=kind,
        int8=score(data.texts, readings),
        float32=score(data.texts, parents),
        cer_rise=rise,
        cer_rise_interval=interval,
        agreement=float(np.mean([a == b for a, b in zip(readings, parents, strict=True)])),
        logits_error=float(np.sqrt(np.mean((found - wanted) ** 2))),
        int8_ms=_median_ms(recognizer.runtime.logits, canvases),
        float_ms=_median_ms(lambda c: model.predict_on_batch(c[None, ..., None]), canvases),
        runtime=recognizer.runtime.name,
    )


def logits_of(recognizer: Recognizer, data: NameData) -> NDArray[np.float32]:
    """Logits float32 (N, T, classes) through the device's runtime, unused frames included."""
    return np.stack([recognizer.runtime.logits(np.asarray(c)) for c in data.canvases])


def cer_rise(
    truths: Sequence[str], readings: Sequence[str], parents: Sequence[str]
) -> tuple[float, tuple[float, float]]:
    """CER of `readings` less that of `parents`, and its 95 % interval (paired bootstrap)."""
    edits = np.array(
        [
            edit_distance(t, a) - edit_distance(t, b)
            for t, a, b in zip(truths, readings, parents, strict=True)
        ]
    )
    letters = np.array([len(t) for t in truths])
    return float(edits.sum() / max(letters.sum(), 1)), bootstrap(edits, letters)


def size_line(size: int, parameters: int) -> str:
    """The size of the file that is written, its card included; for people."""
    return f"{size:,} bytes; {parameters:,} float32 parameters take {4 * parameters:,}"


def against_budget(found: Comparison) -> str | None:
    """Why the file may not be used, or None."""
    allowed = max(MAX_CER_RISE, MAX_CER_SHARE * found.float32.cer)
    if found.cer_rise > allowed:
        return (
            f"the int8 model's CER is {100 * found.cer_rise:.2f} points above its parent's, "
            f"{100 * allowed:.2f} are allowed; nothing was written"
        )
    return None


def write_report(card: ModelCard, size: int, lines: Sequence[str], folder: Path) -> None:
    """Write quantize-report.json and quantize-report.md.

    Args:
        card: with its figures.
        size: bytes of the model file with this card.
        lines: the figures for people.
        folder: where to.
    """
    made = {"calibration": card.calibration, "training": card.training}
    content = {"name": card.name, "bytes": size, "figures": card.figures, **made}
    replace_text(folder / "quantize-report.json", json.dumps(content, indent=1) + "\n")
    text = [f"# {card.name}: int8 against float", "", *(f"- {line}" for line in lines)]
    text += [f"- {key}: `{json.dumps(value)}`" for key, value in made.items()]
    replace_text(folder / "quantize-report.md", "\n".join(text) + "\n")


def _median_ms(read: Callable[[NDArray[np.uint8]], Any], canvases: NDArray[np.uint8]) -> float:
    read(canvases[0])
    times = []
    for canvas in canvases:
        start = time.perf_counter()
        read(canvas)
        times.append(time.perf_counter() - start)
    return float(np.median(times) * 1000)
