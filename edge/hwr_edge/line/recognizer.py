"""Recognizer: image in, Reading out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError, ModelError
from hwr_edge.image.ink import dark_on_light
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.shape import Shape, holds_lines
from hwr_edge.line.card import ModelCard, read_card
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.decoding import Decoding, matching_way
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.preprocess import Placed, placed
from hwr_edge.line.reading import Reading
from hwr_edge.line.runtime import Runtime
from hwr_edge.line.shipped import NAME_MODEL, default_model, default_name_model

if TYPE_CHECKING:
    from hwr_edge.image.anything import Anything
    from hwr_edge.line.roster import Roster

_LARGE_CROP = 1 << 20
"""Pixels. With a larger one OpenCV is busy for longer than decoding, and needs no turn."""


def _path(path: str | Path) -> Path:
    return path if isinstance(path, Path) else Path(path)  # which may show itself as it was typed


class Recognizer:
    """Reads one written line an image. Any number of threads may share it."""

    def __init__(
        self,
        model: Path | str | None = None,
        threads: int = 1,
        decoder: Decoder | str | None = None,
        name_model: Path | str | None = None,
        top: int = 0,
        roster: Iterable[str] | None = None,
        accept: float | None = None,
        workers: int = 1,
        letters: bool = False,
    ) -> None:
        """Load a model file; `default_model()` where none is named.

        Args:
            model: a .tflite file with its card.
            threads: processor threads of one reading, from 1.
            decoder: how logits become a name; where none is named the beam, if a name model of the
                model's letters is at hand.
            name_model: for the beam; where none is named `name-model.npz` beside the model, else the
                shipped one.
            top: how many alternatives a reading gets beside its text; the beam and a roster have any.
            roster: the names that may be written, as `read_roster` gives them; a mapping has
                further ways to write each, as `People.spelt` gives them.
            accept: the probability of being right under which a person should look, 0 to 1. With
                a roster it is that of the match, and "none of these" is always looked at.
            workers: how many threads may run the model at the same time, from 1; others wait. Each
                takes 9 MB.
            letters: whether a reading says where its letters stand.

        Raises:
            ModelError: a file is missing or cannot be used, or the model's card has no calibration
                for a roster or for `accept`.
            DataError: no name of the roster can be used.
            RuntimeMissing: no interpreter is installed.
            ValueError: `decoder`, `top`, `accept` or `workers` is none.
            TypeError: the roster is one text, or has what is none.
        """
        decoder = None if decoder is None else Decoder(decoder)
        if top < 0:
            raise ValueError(f"top is a number of alternatives, not {top}")
        if accept is not None and not 0 <= accept <= 1:
            raise ValueError(f"accept is a probability, 0 to 1, not {accept}")
        self.path = _path(model) if model is not None else default_model()
        self.card: ModelCard = read_card(self.path)
        self.charset = self.card.charset
        asked = decoder is not None or name_model is not None or (top > 0 and roster is None)
        self.names = None if decoder is Decoder.GREEDY else self._names(name_model, asked)
        self.decoder = Decoder.BEAM if self.names else Decoder.GREEDY
        self.top, self.accept, self.letters, self.workers = top, accept, letters, workers
        uncalibrated = roster is not None and not self.calibrated_for_rosters
        if uncalibrated or (accept is not None and self.decoder.value not in self.card.confidence):
            raise self._uncalibrated()
        self.roster = None if roster is None else self._made(roster)
        self.runtime = Runtime(self.path, self.card, threads, workers)
        # Outside of the model Python runs one thread at a time. Threads that each do that part as a whole get out of
        # step, so that one runs the model meanwhile; without turns they fall into step, and wait for each other.
        self._turn = threading.Lock()

    def _names(self, name_model: Path | str | None, asked: bool) -> NameModel | None:
        """The name model; None where no beam was asked for and none fits."""
        path = _path(name_model) if name_model is not None else default_name_model(self.path)
        if path is None:
            if not asked:
                return None
            raise ModelError(
                f"no {NAME_MODEL} is installed; give one with --name-model, or use --decoder greedy"
            )
        names = NameModel.load(path)
        if names.letters == self.charset.letters:
            return names
        if not asked:
            return None
        raise ModelError(
            f"{path}: its letters differ from those of {self.path}; make it again, or use "
            "--decoder greedy"
        )

    def read(
        self, image: Anything, rgb: bool = False, layout: Shape | str | None = None
    ) -> Reading:
        """Read an image of one written line.

        Args:
            image: a path; the bytes of an image file, or a binary file object with them; a Pillow
                image; pixels, uint8 or uint16, (H, W) grey, (H, W, 3) BGR or (H, W, 4) BGRA.
            rgb: the pixels' colours are RGB or RGBA.
            layout: "line" for an image of one line that looks like a page, with a page's shape and small letters.

        Raises:
            ImageError: it is not a readable image, has many pages, or shows a page: `hwr_edge.read`
                reads those.
        """
        from hwr_edge.image.anything import opened  # which the command does not need

        with opened(image, rgb) as found:
            if found.pages > 1:
                raise ImageError(
                    f"{found.image}: has {found.pages} pages, and a Recognizer reads one line; "
                    "use hwr_edge.read"
                )
            grey = found.grey()
            with self._turn_for(grey):
                if Shape(layout) is Shape.PAGE if layout else holds_lines(grey):
                    raise ImageError(
                        f"{found.image}: looks like a page, and a Recognizer reads one line; "
                        'use hwr_edge.read, or layout="line" if it is one'
                    )
                canvas = placed(dark_on_light(grey), self.card.canvas)
        return self._read(canvas, (0, 0, grey.shape[1], grey.shape[0]))

    @overload
    def read_batch(
        self, images: Iterable[Anything], rgb: bool = ..., *, return_errors: Literal[False] = ...
    ) -> Iterator[Reading]: ...

    @overload
    def read_batch(
        self, images: Iterable[Anything], rgb: bool = ..., *, return_errors: Literal[True]
    ) -> Iterator[Reading | ImageError]: ...

    def read_batch(
        self, images: Iterable[Anything], rgb: bool = False, *, return_errors: bool = False
    ) -> Iterator[Reading | ImageError]:
        """Read images of one line each, by `workers` threads; readings come in order, as they are ready.

        Args:
            images: as `read` takes one; taken as they are needed, a few ahead.
            rgb: as of `read`.
            return_errors: an image that cannot be read gives its error in place of a reading, and the
                others are read. Else the error is raised there.

        Raises:
            ImageError: as `read`, unless errors are returned.
        """

        def one(image: Anything) -> Reading | ImageError:
            try:
                return self.read(image, rgb)
            except ImageError as error:
                if return_errors:
                    return error
                raise

        from hwr_edge.line.ahead import in_order

        return in_order(one, images, self.workers)

    def read_grey(self, grey: Grey) -> Reading:
        """Read grey pixels of one line, uint8 (H, W)."""
        with self._turn_for(grey):
            canvas = placed(grey, self.card.canvas)
        return self._read(canvas, (0, 0, grey.shape[1], grey.shape[0]))

    def _turn_for(self, grey: Grey) -> AbstractContextManager[object]:
        """The turn to prepare an image in."""
        return self._turn if grey.size <= _LARGE_CROP else nullcontext()

    def _read(self, canvas: Placed, box: Box) -> Reading:
        """Run the model, and decode when it is this thread's turn."""
        logits = self.runtime.logits(canvas.pixels)
        with self._turn:
            return self._with_letters(self.decode(logits, box), logits, canvas)

    def _with_letters(
        self, reading: Reading, logits: NDArray[np.float32], canvas: Placed
    ) -> Reading:
        """The reading with its letters, if they are wanted."""
        if not self.letters:
            return reading
        from hwr_edge.line.letters import letters_of

        log_probs = log_softmax(logits[: len(logits) - self.card.drop_frames])
        letters = letters_of(reading, log_probs, canvas, self.charset, len(logits))
        return replace(reading, letters=letters)

    def with_roster(self, names: Iterable[str]) -> Recognizer:
        """The same reader, interpreter and all, with another roster.

        Raises:
            ModelError: the model's card has no calibration for rosters.
            DataError: no name can be used.
        """
        if not self.calibrated_for_rosters:
            raise self._uncalibrated()
        recognizer = copy(self)
        recognizer.roster = self._made(names)
        return recognizer

    def without_roster(self) -> Recognizer:
        """The same reader, interpreter and all, that looks for no name."""
        recognizer = copy(self)
        recognizer.roster = None
        return recognizer

    def _made(self, names: Iterable[str]) -> Roster:
        from hwr_edge.line.roster import Roster

        listed = list(names)
        if isinstance(names, str) or not all(isinstance(name, str) for name in listed):
            raise TypeError("a roster is a list of names, as read_roster gives it")
        return Roster(names if isinstance(names, Mapping) else listed, self.charset)

    @property
    def calibrated_for_rosters(self) -> bool:
        """Whether the model's card says how to weigh a roster against other names."""
        return matching_way(self.names) in self.card.confidence

    def _uncalibrated(self) -> ModelError:
        return ModelError(f"{self.path}: its card has no calibrated confidence; quantize it again")

    def decode(self, logits: NDArray[np.float32], box: Box) -> Reading:
        """The reading of an image's logits, float32 (T, classes), as the runtime gives them."""
        decoding = Decoding(self.card, self.names, self.roster, self.top, self.accept)
        return decoding.reading(logits, box)
