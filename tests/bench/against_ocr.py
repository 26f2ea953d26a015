"""One crop, decoded image to text: this program against OCR that a user would pick instead.

    PYTHONPATH=tests python -m bench.against_ocr FOLDER [--labels labels.csv] [--limit N] [--python OTHER]

Compared, each if it is there: Tesseract (`tesseract` on the path, one line, French and English) and
RapidOCR's recognition (package rapidocr-onnxruntime, which wants an OpenCV of its own: --python names the
Python of the environment that has it). All on one thread, on the same crops, one after another; the
medians' ratios are what counts. With --labels, a CSV of FILENAME,IDENTITY, also how many names
each reads exactly, folded to capitals without accents; a printed NOM or PRENOM in front is forgiven.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import cv2
import numpy as np

from bench.timing import machine
from hwr_edge.image.decode import read_grey
from hwr_edge.image.sources import find
from hwr_edge.line.charset import fold
from hwr_edge.line.recognizer import Recognizer
from hwr_train.data.rows import NON_NAMES

_LABEL = re.compile(r"^[^A-Z]*(PRE)?NOM\s*:?\s*")
_RAPID = """
import json, sys, time, cv2
from rapidocr_onnxruntime import RapidOCR
reader = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
paths = json.load(sys.stdin)
found = []
for path in [*paths[:5], *paths]:
    image = cv2.imread(path)
    began = time.perf_counter()
    texts, _ = reader(image, use_det=False, use_cls=False, use_rec=True)
    spent = time.perf_counter() - began
    found.append((spent, texts[0][0] if texts else ""))
json.dump(found[5:], sys.stdout)
"""


class Reader(NamedTuple):
    """What one program read, and the seconds each crop took it."""

    name: str
    texts: list[str]
    seconds: list[float]


def ours(paths: list[Path], decoder: str) -> Reader:
    """hwr-edge in this process, from grey pixels."""
    reader = Recognizer(decoder=decoder)
    texts, seconds = [], []
    for path in [*paths[:5], *paths]:
        grey = read_grey(path)
        began = time.perf_counter()
        texts.append(reader.read_grey(grey).text)
        seconds.append(time.perf_counter() - began)
    return Reader(f"hwr-edge, {decoder}", texts[5:], seconds[5:])


def tesseract(paths: list[Path]) -> Reader | None:
    """Tesseract as one calls it: a process a crop, one text line."""
    program = shutil.which("tesseract")
    if not program:
        return None
    texts, seconds = [], []
    for path in paths:
        image = cv2.imencode(".png", read_grey(path))[1].tobytes()
        began = time.perf_counter()
        command = [program, "-", "-", "--psm", "7", "-l", "fra"]
        done = subprocess.run(command, input=image, capture_output=True, check=True)
        seconds.append(time.perf_counter() - began)
        texts.append(done.stdout.decode("utf-8", "replace"))
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return Reader(version.stdout.split("\n")[0], texts, seconds)


def rapidocr(paths: list[Path], python: str) -> Reader | None:
    """RapidOCR's recognition alone, models loaded."""
    known = [python, "-c", "import rapidocr_onnxruntime as r, importlib.metadata as m;"
             "print(m.version('rapidocr-onnxruntime'))"]  # fmt: skip
    version = subprocess.run(known, capture_output=True, text=True, check=False)
    if version.returncode:
        return None
    given = json.dumps([str(path) for path in paths])
    done = subprocess.run(
        [python, "-c", _RAPID], input=given, capture_output=True, text=True, check=True
    )
    seconds, texts = zip(*json.loads(done.stdout[done.stdout.index("[[") :]), strict=True)
    return Reader(f"RapidOCR {version.stdout.strip()}", list(texts), list(seconds))


def main() -> None:
    """Print a line a program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    paths = [Path(image) for image in find([str(given.folder)]).images]
    truths: dict[str, str] = {}
    if given.labels:
        with given.labels.open(encoding="utf-8", newline="") as lines:
            truths = {row["FILENAME"]: fold(row["IDENTITY"]) for row in csv.DictReader(lines)}
        unusable = ("", *NON_NAMES)
        paths = [path for path in paths if truths.get(path.name, "") not in unusable]
    paths = paths[: given.limit]
    first = ours(paths, "beam")
    others = [ours(paths, "greedy"), rapidocr(paths, given.python), tesseract(paths)]
    print(f"{machine()}; one thread, {len(paths)} crops; medians, ratios to the first")
    unit = float(np.median(first.seconds))
    for reader in (first, *filter(None, others)):
        median = float(np.median(reader.seconds))
        right = ""
        if truths:
            pairs = zip(paths, reader.texts, strict=True)
            hits = sum(_LABEL.sub("", fold(text)) == truths[path.name] for path, text in pairs)
            right = f"   {hits / len(paths):.1%} exact"
        print(f"{reader.name:<24}{median * 1000:8.2f} ms{median / unit:8.1f}x{right}")


if __name__ == "__main__":
    main()
