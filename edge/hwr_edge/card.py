"""What a model file says of itself; the card travels inside the .tflite.

The card is a JSON entry of a zip archive appended to the file, as the TFLite metadata
convention has it: interpreters read the flatbuffer in front and ignore what follows, and any
unzip program shows the card.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from hwr_edge.charset import Charset
from hwr_edge.errors import ModelError, OutputError
from hwr_edge.preprocess import Canvas

CARD_VERSION = 1
CARD_ENTRY = "hwr-edge-card.json"
_TFLITE_MARK = b"TFL3"
_NO_CARD = (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same model gives the same file


@dataclass(frozen=True)
class ModelCard:
    """Everything a reader of names must know about a model file.

    name: what to call the model.
    letters: the charset, class 1 first.
    canvas: what the picture is made into.
    drop_frames: frames at the end that decoding leaves out.
    stateful: the graph keeps state between invokes, which must be reset before each.
    quantization: "int8" or "float32".
    calibration, training, figures: how the file came to be and how well it reads, for people.
    """

    name: str
    letters: str
    canvas: Canvas
    drop_frames: int = 0
    stateful: bool = False
    quantization: str = "int8"
    calibration: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    version: int = CARD_VERSION

    @property
    def charset(self) -> Charset:
        """The letters as a charset."""
        return Charset(self.letters)

    def to_json(self) -> str:
        """The card as indented JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read what `to_json` wrote.

        Raises:
            ModelError: another version, or a card that is not whole.
        """
        try:
            found = json.loads(text)
            version = found["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the model's card is damaged ({error}); get the file anew") from error
        if version != CARD_VERSION:
            raise ModelError(
                f"the model's card has version {version}, this program reads version "
                f"{CARD_VERSION}; use a model and a program of the same release"
            )
        try:
            known = {f.name for f in fields(cls)}
            card = cls(
                **{**found, "canvas": Canvas(**found["canvas"])} if set(found) <= known else found
            )
            card.charset  # noqa: B018  # raises for a charset that is none
            return card
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"the model's card is damaged ({error}); get the file anew") from error


def read_card(path: Path) -> ModelCard:
    """The card inside a model file.

    Raises:
        ModelError: the file is missing, no TFLite model, cut short, or without a usable card.
    """
    try:
        with path.open("rb") as file:
            mark = file.read(8)[4:8]
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    if mark != _TFLITE_MARK:
        raise ModelError(f"{path}: not a TFLite model file")
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(CARD_ENTRY).decode("utf-8")
    except _NO_CARD as error:
        raise ModelError(
            f"{path}: has no card, or is cut short; a model made by `make quantize` is needed"
        ) from error
    try:
        return ModelCard.from_json(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def write_model(path: Path, flatbuffer: bytes, card: ModelCard) -> None:
    """Write a model file with its card, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(flatbuffer)
        with zipfile.ZipFile(draft, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(CARD_ENTRY, _EPOCH), card.to_json())
        Path(draft).chmod(0o644)
        os.replace(draft, path)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error


def read_flatbuffer(path: Path) -> bytes:
    """The model file without its card."""
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return raw[: min(info.header_offset for info in archive.infolist())]
