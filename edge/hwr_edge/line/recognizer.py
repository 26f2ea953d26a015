"""Recognizer: image in, Reading out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import NDArray

from hwr_edge.errors import ImageError, ModelError
from hwr_edge.image.ink import dark_on_light
from hwr_edge.image.pixels import Grey
from hwr_edge.image.shape import Shape, holds_lines
from hwr_edge.line.beam import beam_search, likeliest_texts, nonblank_frames
from hwr_edge.line.card import ModelCard, read_card
from hwr_edge.line.confidence import probability, reading_features
from hwr_edge.line.ctc import log_softmax
from hwr_edge.line.decoder import DecodedText, Decoder
from hwr_edge.line.name_model import NameModel
from hwr_edge.line.preprocess import placed
from hwr_edge.line.reading import Alternative, Letter, Reading
from hwr_edge.line.runtime import Runtime

if TYPE_CHECKING:
    from hwr_edge.image.anything import Anything
    from hwr_edge.line.roster import Roster

__all__ = ["Alternative", "Letter", "Reading", "Recognizer", "default_model", "default_name_model"]

_SHIPPED = "names-int8.tflite"
NAME_MODEL = "name-model.npz"
_TWIN = 0.05  # times as likely as the match: a name that is always shown beside it


def default_model() -> Path:
    """`HWR_EDGE_MODEL`, else the model inside the installed package, else the checkout's.

    Raises:
        ModelError: none of them is there.
    """
    if named := os.environ.get("HWR_EDGE_MODEL"):
        if not Path(named).exists():
            raise ModelError(f"HWR_EDGE_MODEL names {named}, which does not exist")
        return Path(named)
    if path := shipped_file(_SHIPPED):
        return path
    raise ModelError(f"no {_SHIPPED} is installed; give a model with --model or HWR_EDGE_MODEL")


def default_name_model(model: Path | None = None) -> Path | None:
    """`name-model.npz` beside a model file, else in the installed package, else the checkout's; None without it."""
    beside = model and model.parent / NAME_MODEL
    return beside if beside and beside.is_file() else shipped_file(NAME_MODEL)


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
        self._weights = self.card.confidence.get(self.decoder.value)
        self._match_weights = self.card.confidence.get("roster" if self.names else "roster-greedy")
        uncalibrated = roster is not None and self._match_weights is None
        if uncalibrated or (accept is not None and self._weights is None):
            raise self._uncalibrated()
        self.roster = None if roster is None else self._made(roster)
        self.runtime = Runtime(self.path, self.card, threads, workers)

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
            if Shape(layout) is Shape.PAGE if layout else holds_lines(grey):
                raise ImageError(
                    f"{found.image}: looks like a page, and a Recognizer reads one line; "
                    'use hwr_edge.read, or layout="line" if it is one'
                )
        return self.read_grey(dark_on_light(grey))

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
        canvas = placed(grey, self.card.canvas)
        logits = self.runtime.logits(canvas.pixels)
        reading = self.decode(logits, (0, 0, grey.shape[1], grey.shape[0]))
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
        return self._match_weights is not None

    def _uncalibrated(self) -> ModelError:
        return ModelError(f"{self.path}: its card has no calibrated confidence; quantize it again")

    def decode(self, logits: NDArray[np.float32], box: tuple[int, int, int, int]) -> Reading:
        """The reading of an image's logits, float32 (T, classes), as the runtime gives them."""
        logits = logits[: len(logits) - self.card.drop_frames]
        log_probs = log_softmax(logits)
        if self.names or self.roster:
            frames = nonblank_frames(log_probs)
            candidates = beam_search(frames, names=self.names)
        if self.names:
            decoded = likeliest_texts(candidates, frames, self.charset, 1 + self.top)
        else:
            from hwr_edge.line.greedy import decode_text

            decoded = [decode_text(logits, self.charset)]
        best, *rest = self._calibrated(decoded)
        alternatives = [Alternative(text.text, text.confidence) for text in rest]
        matched, confidence, count = None, best.confidence, self.top
        if self.roster and self._match_weights:
            from hwr_edge.line.roster import match

            matched, *others = match(log_probs, self.roster, candidates, self._match_weights)
            confidence = matched.confidence if matched.name is not None else 0.0
            names = [Alternative(other.name or "", other.confidence) for other in others]
            likeliest = confidence or max((other.confidence for other in others), default=0.0)
            count = max(count, sum(other.confidence >= _TWIN * likeliest for other in others))
            texts = {name.text for name in names}
            alternatives = [*names, *(a for a in alternatives if a.text not in texts)]
        return Reading(
            best.text,
            best.confidence,
            best.letter_confidences,
            box,
            tuple(alternatives[:count]),
            matched,
            None if self.accept is None else confidence < self.accept,
        )

    def _calibrated(self, decoded: list[DecodedText]) -> list[DecodedText]:
        """With the probability that each is right; the rest is shared as the decoder shares it."""
        if self._weights is None:
            return decoded
        best, *others = decoded
        sure = probability(self._weights, reading_features(best.confidence, best.log_prob))
        rest = (1 - sure) / max(1 - best.confidence, 1e-9)
        return [
            best._replace(confidence=sure),
            *(o._replace(confidence=min(o.confidence * rest, 1 - sure)) for o in others),
        ]


def shipped_file(name: str) -> Path | None:
    """A file inside the installed package, else in the checkout's models/; None without it."""
    here = Path(__file__).resolve().parents[1]
    return next((p for p in (here / name, here.parents[1] / "models" / name) if p.is_file()), None)
