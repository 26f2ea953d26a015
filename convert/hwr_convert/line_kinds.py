"""The network that tells kinds of lines, as a full-int8 file with its card."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from hwr_edge.errors import DataError, ModelError
from hwr_edge.files import write_whole
from hwr_edge.folders import make_folder
from hwr_edge.line.card import read_flatbuffer
from hwr_edge.line.runtime import load_interpreter_class
from hwr_edge.native import quiet
from hwr_edge.page.line_kinds import Kind, KindCard, LineKinds, kinds_bytes
from hwr_train.line_kinds.among import fitted, of_folders, told
from hwr_train.line_kinds.collect import load
from hwr_train.line_kinds.fit import of_lines, rates
from hwr_train.line_kinds.windows import Windows
from hwr_train.network.artifact import load_model

MOST_BYTES = 200_000  # of the model's file
_CALIBRATION = 400  # windows
_LOST = 0.002  # of the lines of handwriting, that int8 may lose beside float


def make(run: Path, output: Path, say: Callable[[str], None]) -> None:
    """Write the file of a run of `python -m hwr_train.line_kinds`, measured on what it held out.

    Raises:
        DataError: the run is not whole.
        ModelError: the file would be too large, or loses handwriting that the float network keeps.
        OutputError: it cannot be written.
    """
    try:
        facts: dict[str, Any] = json.loads((run / "line-kinds.json").read_text("utf-8"))
        least = float(facts["least"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{run}: holds no finished run ({error})") from error
    model, learnt, held = (
        load_model(run / "line-kinds.keras"),
        load(run / "learn.npz"),
        load(run / "check.npz"),
    )
    picked = np.random.default_rng(0).permutation(len(learnt))[:_CALIBRATION]
    flatbuffer = to_int8(model, learnt.images[np.sort(picked)])
    card = KindCard(least, training={"parameters": model.count_params(), "windows": len(learnt)})
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.tflite"
        draft.write_bytes(kinds_bytes(flatbuffer, card))
        figures = _figures(draft, model, held, least, say)
    data = kinds_bytes(flatbuffer, KindCard(least, training=card.training, figures=figures))
    if len(data) > MOST_BYTES:
        raise ModelError(f"the file has {len(data):,} bytes, {MOST_BYTES:,} are allowed")
    make_folder(output.parent)
    write_whole(output, data)
    say(f"wrote {output}, {len(data):,} bytes")


def make_among(
    file: Path, folders: Sequence[Path], drawn: Sequence[Path], say: Callable[[str], None]
) -> None:
    """Fit how a line's page tells what it is with a model file, on folders of pages, and put it into the card.

    drawn: folders of empty pages set in fonts like a hand.

    Raises:
        DataError: the folders hold no pages, or none with names or none without.
        ModelError: the file is no such model.
        OutputError: it cannot be written.
    """
    kinds = LineKinds(file)
    pages = of_folders(folders, kinds, drawn)
    weights = fitted(pages)
    figures = kinds.card.figures | {"among": told(pages, weights)}
    card = replace(kinds.card, among=asdict(weights), figures=figures)
    write_whole(file, kinds_bytes(read_flatbuffer(file), card))
    say(f"{file}: {figures['among']}")


def to_int8(model: keras.Model, images: NDArray[np.uint8]) -> bytes:
    """Quantize: uint8 window in, int8 logits out, ranges from so many windows.

    Raises:
        ModelError: the input's range is not that of pixels.
    """
    core = keras.Model(model.layers[1].output, model.output)  # without the rescaling of pixels

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        for image in images:
            yield [(image[None, ..., None] / 255 - 1).astype(np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(core)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type, converter.inference_output_type = tf.uint8, tf.int8
    with quiet():
        flatbuffer = bytes(converter.convert())
        interpreter, _ = load_interpreter_class()
        (taken,) = interpreter(model_content=flatbuffer).get_input_details()
    scale, zero = taken["quantization"]
    if not np.isclose(scale, 1 / 255, rtol=1e-3) or zero != 255:
        raise ModelError(f"the quantized input has scale {scale:.6g} and zero point {zero}")
    return flatbuffer


def _figures(
    draft: Path, model: keras.Model, held: Windows, least: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """Of the file and of the float network, on the lines held out."""
    kinds = LineKinds(draft)
    logits = np.stack([kinds.logits(image) for image in held.images])
    ours = rates(*of_lines(held, logits), least)
    floats = rates(*of_lines(held, model.predict(held.images[..., None], verbose=0)), least)
    say(f"int8:  {ours.line()}")
    say(f"float: {floats.line()}")
    if ours.kept < floats.kept - _LOST:
        raise ModelError("int8 loses handwriting that the float network keeps; nothing was written")
    name = Kind.HANDWRITING.name.lower()
    return {"held out, int8": {f"{name} kept": ours.kept, **ours.passed}, "lines": ours.counts}
