"""The only place that knows an interpreter: LiteRT, else tflite-runtime."""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ModelError, RuntimeMissing
from hwr_edge.image.pixels import Grey
from hwr_edge.line.preprocess import Canvas
from hwr_edge.native import quiet

RUNTIMES = {"litert": "ai_edge_litert", "tflite-runtime": "tflite_runtime"}
"""Names for `HWR_EDGE_RUNTIME`, with the package of each; the first that imports is used."""


def load_interpreter_class() -> tuple[Any, str]:
    """The interpreter class, and the runtime's name.

    Raises:
        RuntimeMissing: none is installed, or the one that is cannot work here.
    """
    wanted = os.environ.get("HWR_EDGE_RUNTIME")
    if wanted and wanted not in RUNTIMES:
        raise RuntimeMissing(f"HWR_EDGE_RUNTIME is {wanted!r}; use {' or '.join(RUNTIMES)}")
    broken: list[str] = []
    for name, package in RUNTIMES.items():
        if wanted and wanted != name:
            continue
        if importlib.util.find_spec(package) is None:
            continue
        if name == "tflite-runtime" and int(np.__version__.split(".")[0]) >= 2:
            raise RuntimeMissing(
                f"{with_version(name)} does not work with NumPy {np.__version__}; "
                'run: pip install "numpy<2"  (or: pip install ai-edge-litert)'
            )
        try:
            module = importlib.import_module(f"{package}.interpreter")
        except ImportError as error:
            broken.append(f"{with_version(name)} is installed but does not load ({error}); ")
            continue
        return module.Interpreter, name
    what = wanted or "TFLite interpreter"
    package = "tflite-runtime" if wanted == "tflite-runtime" else "ai-edge-litert"
    if broken:
        raise RuntimeMissing(f"{''.join(broken)}run: pip install --force-reinstall {package}")
    raise RuntimeMissing(f"no {what} is installed; run: pip install {package}")


def with_version(name: str) -> str:
    """A runtime's name with its version; a copy that came without pip may not say."""
    from importlib import metadata  # 15 ms, for those who ask

    try:
        return f"{name} {metadata.version(RUNTIMES[name].replace('_', '-'))}"
    except metadata.PackageNotFoundError:
        return f"{name} of unknown version"


class Contract(Protocol):
    """What a runtime must know of its model; every card says it."""

    @property
    def canvas(self) -> Canvas:
        """What it takes."""

    @property
    def classes(self) -> int:
        """Of each frame it gives."""

    @property
    def drop_frames(self) -> int:
        """Frames at the end that mean nothing."""

    @property
    def stateful(self) -> bool:
        """Whether it keeps state between invokes."""


class Runtime:
    """One model in interpreters that are kept for all images; any number of threads may use it.

    An interpreter is for one thread at a time: between `set_tensor` and `get_tensor` another thread's
    image would give its own answer to both. So each call has an interpreter to itself, and waits
    where all of them are in use.
    """

    def __init__(self, path: Path, card: Contract, threads: int = 1, workers: int = 1) -> None:
        """Load the model.

        Args:
            path: a .tflite file.
            card: its card.
            threads: processor threads of one invoke, from 1.
            workers: invokes at the same time, from 1; each has an interpreter, loaded when it is
                first needed.

        Raises:
            RuntimeMissing: no interpreter is installed.
            ModelError: the interpreter does not take the file, or it is not what its card says.
            ValueError: `workers` is less than 1.
        """
        if workers < 1:
            raise ValueError(f"workers is a number of interpreters, from 1, not {workers}")
        self._path, self._threads = path, threads
        self._class, self._kind = load_interpreter_class()
        first = self._load()
        (self._in,) = first.get_input_details()
        (self._out,) = first.get_output_details()
        self._idle: list[Any] = [first]
        self._places = threading.Semaphore(workers)
        wanted = (1, card.canvas.height, card.canvas.width, 1)
        shape = tuple(int(n) for n in self._in["shape"])
        classes = int(self._out["shape"][-1])
        if shape != wanted or self._in["dtype"] != np.uint8 or classes != card.classes:
            raise ModelError(
                f"{path}: takes {self._in['dtype'].__name__} {shape} and gives {classes} classes, "
                f"its card says uint8 {wanted} and {card.classes}"
            )
        if (frames := int(self._out["shape"][-2])) <= card.drop_frames:
            raise ModelError(f"{path}: its card drops {card.drop_frames} of {frames} frames")
        self._stateful = card.stateful

    def _load(self) -> Any:
        """An interpreter of its own."""
        try:
            with quiet():
                interpreter = self._class(model_path=str(self._path), num_threads=self._threads)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
            raise ModelError(f"{self._path}: {self.name} cannot load it ({why})") from error
        return interpreter

    @contextmanager
    def _interpreter(self) -> Iterator[Any]:
        """An interpreter that no other thread uses meanwhile; a further one is loaded where all are in use."""
        with self._places:
            try:
                interpreter = self._idle.pop()
            except IndexError:
                interpreter = self._load()
            try:
                yield interpreter
            finally:
                self._idle.append(interpreter)

    @cached_property
    def name(self) -> str:
        """The runtime with its version."""
        return with_version(self._kind)

    def logits(self, canvas: Grey) -> NDArray[np.float32]:
        """Run the model on one canvas, uint8 (H, W); logits float32 (T, classes)."""
        with self._interpreter() as interpreter:
            if self._stateful:
                interpreter.reset_all_variables()
            interpreter.set_tensor(self._in["index"], canvas[None, :, :, None])
            interpreter.invoke()
            out = interpreter.get_tensor(self._out["index"])[0]
        if out.dtype == np.float32:
            return np.asarray(out)
        scale, zero = self._out["quantization"]
        return np.asarray((out.astype(np.float32) - np.float32(zero)) * np.float32(scale))
