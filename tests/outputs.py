"""What this environment's interpreter gives, with XNNPACK and without: to be compared with another's.

    python tests/outputs.py INPUTS OUTPUT

INPUTS holds `pictures/` and `canvases.npy`, uint8 (N, H, W), made of them elsewhere. For each way
to run the model, OUTPUT gets a file .npz: `logits`, int8 (N, T, classes) as the interpreter gives
them for those canvases; `texts`, read by the beam in the images, with their `confidences`, and
`greedy`; and `canvases`, what this environment makes of the images. Needs the device side alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.decode import read_grey
from hwr_edge.line.preprocess import preprocess
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.line.runtime import load_interpreter_class, with_version

Logits = NDArray[np.int8]


class Way:
    """The shipped model in one interpreter, its delegate on or off."""

    def __init__(self, model: Path, delegate: bool) -> None:
        interpreter_class, name = load_interpreter_class()
        module = sys.modules[interpreter_class.__module__]
        without = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        more: dict[str, Any] = {} if delegate else {"experimental_op_resolver_type": without}
        self.name = f"{with_version(name)}{'' if delegate else ' without XNNPACK'}"
        self._interpreter = interpreter_class(model_path=str(model), num_threads=1, **more)
        self._interpreter.allocate_tensors()
        (self._in,) = self._interpreter.get_input_details()
        (self._out,) = self._interpreter.get_output_details()

    def logits(self, canvas: NDArray[np.uint8]) -> Logits:
        """Int8 (T, classes) of a canvas uint8 (H, W)."""
        self._interpreter.set_tensor(self._in["index"], canvas[None, :, :, None])
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._out["index"])[0], np.int8)

    def real(self, logits: Logits) -> NDArray[np.float32]:
        """The same as the decoder takes them."""
        scale, zero = self._out["quantization"]
        return np.asarray((logits.astype(np.float32) - np.float32(zero)) * np.float32(scale))


def write(way: Way, inputs: Path, output: Path) -> None:
    """Run one way over all inputs."""
    readers = Recognizer(), Recognizer(decoder="greedy")
    images = sorted((inputs / "pictures").iterdir())
    canvas = readers[0].card.canvas
    own = [preprocess(read_grey(image), canvas) for image in images]
    logits = [way.real(way.logits(one)) for one in own]
    beam, greedy = ([reader.decode(one, (0, 0, 1, 1)) for one in logits] for reader in readers)
    given = np.load(inputs / "canvases.npy")
    raw = np.stack([way.logits(one) for one in given])
    np.savez(
        output / f"{way.name.replace(' ', '-')}.npz",
        logits=raw,
        canvases=np.stack(own),
        decoded=np.stack(logits),
        texts=np.array([reading.text for reading in beam]),
        confidences=np.array([reading.confidence for reading in beam]),
        greedy=np.array([reading.text for reading in greedy]),
    )


def main() -> None:
    """Both ways."""
    inputs, output = map(Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    for delegate in (True, False):
        write(Way(Recognizer().path, delegate), inputs, output)


if __name__ == "__main__":
    main()
