"""What is done with changed bytes in volume: an input is made of its seed and number alone."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import hwr_edge
from fakes import TINY_MODEL, draw
from fuzz import seeds
from fuzz.changes import changed
from fuzz.places import written
from fuzz.seeds import Files
from fuzz.targets import TARGETS
from fuzz.watched import Attempt
from hwr_edge.image.pixels import Grey
from hwr_edge.line.card import read_flatbuffer
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.line_kinds import LineKinds
from hwr_edge.scan.batch import read_all
from hwr_edge.scan.scan import Page
from hwr_edge.scan.scanner import Scanner
from hwr_edge.scan.units import units


class _Once(Scanner):
    """Reads pixels that it has read before no second time: many changes of a file change none."""

    def __init__(self, recognizer: Recognizer) -> None:
        super().__init__(recognizer)
        self._known: set[int] = set()

    def read(self, grey: Grey, name: str = "the image") -> Page:
        """Read an image, unless it is known."""
        key = hash((grey.shape, grey.tobytes()))
        if key in self._known:
            return Page(0, ())
        self._known.add(key)
        return super().read(grey, name)


def images(seed: int) -> Attempt:
    """Each image by the API from memory, or from a disk by what `hwr-edge file` runs, in turn."""
    cv2.setNumThreads(1)
    kinds, scanner = seeds.images(), _Once(Recognizer(TINY_MODEL))
    names = itertools.cycle((0, 1))

    def attempt(number: int) -> str:
        kind, data = _input(kinds, seed, number)
        if number // len(kinds) % 2:
            # Of another name than the one before, which is kept open.
            told = _from_disk(written(f"image-{next(names)}", data), scanner)
        else:
            told = _from_memory(data, scanner)
        for line in told:
            assert "bug in hwr-edge" not in line, line
        return f"{kind} {'refused' if told else 'read'}"

    return attempt


def _from_memory(data: bytes, scanner: Scanner) -> list[str]:
    """What is said of an image's problems."""
    try:
        scan = scanner.scan(data)
    except hwr_edge.ImageError as error:
        return [str(error)]
    return [problem for page in scan.pages for problem in page.problems]


def _from_disk(path: Path, scanner: Scanner) -> list[str]:
    told: list[str] = []
    found = units([str(path)], told.append)
    for _ in read_all(found, scanner, told.append, lambda _: None):
        pass
    return told


def texts(seed: int) -> Attempt:
    """Lists, templates, results, answers, drafts and settings."""
    return _targets(seeds.texts(), seed)


def requests(seed: int) -> Attempt:
    """What is sent to the pages: of the review, of the camera, of the desk."""
    return _targets(seeds.requests(), seed)


def _targets(kinds: dict[str, Files], seed: int) -> Attempt:
    def attempt(number: int) -> str:
        kind, data = _input(kinds, seed, number)
        TARGETS[kind](data)
        return kind

    return attempt


def models(seed: int) -> Attempt:
    """A model file whose bytes are others is refused, or what is read of it is what was read before."""
    kinds = seeds.models()
    known = {kind: _LOADED[kind](written("whole", files[0])) for kind, files in kinds.items()}

    def attempt(number: int) -> str:
        kind, data = _input(kinds, seed, number)
        if data == kinds[kind][0]:
            return f"{kind} unchanged"
        try:
            found = _LOADED[kind](written("model", data))
        except hwr_edge.HwrError:
            return f"{kind} refused"
        assert _same(found, known[kind]), "another model is read silently"
        return f"{kind} read as it was"

    return attempt


def _names(path: Path) -> tuple[Any, ...]:
    reader = Recognizer(path, decoder=Decoder.GREEDY)
    return reader.card, read_flatbuffer(path), reader.read(draw("ABC")).text


def _print(path: Path) -> tuple[Any, ...]:
    kinds = LineKinds(path)
    return kinds.card, read_flatbuffer(path), kinds.probabilities(draw("ABC"))


def _spelling(path: Path) -> tuple[Any, ...]:
    found = NameModel.load(path)
    words = found.words
    assert words
    table = words.hashes, words.costs, words.step, words.unknown
    return found.letters, found.keys, found.costs, found.step, *table


def _same(found: tuple[Any, ...], known: tuple[Any, ...]) -> bool:
    pairs = zip(found, known, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


_LOADED: dict[str, Callable[[Path], tuple[Any, ...]]] = {
    "names": _names,
    "print": _print,
    "spelling": _spelling,
}


def _input(kinds: dict[str, Files], seed: int, number: int) -> tuple[str, bytes]:
    """Kinds come in turn, so that each has an equal share."""
    kind = list(kinds)[number % len(kinds)]
    return kind, changed(kinds[kind], random.Random(f"{seed}/{number}"))


ATTEMPTS: dict[str, Callable[[int], Attempt]] = {
    "images": images,
    "texts": texts,
    "requests": requests,
    "models": models,
}
