"""What a model file says of itself; the card travels inside the .tflite.

The card is a JSON entry of a zip archive appended to the file, as the TFLite metadata
convention has it: interpreters read the flatbuffer in front and ignore what follows, and any
unzip program shows the card. It holds a checksum of the flatbuffer: interpreters load a damaged one,
and read on silently or crash.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any

from hwr_edge.errors import ModelError
from hwr_edge.files import write_whole
from hwr_edge.folders import make_folder
from hwr_edge.limits import CARD_BYTES
from hwr_edge.line.charset import Charset
from hwr_edge.line.confidence import check as check_confidence
from hwr_edge.line.preprocess import Canvas

CARD_VERSION = 4
_WITHOUT_CHECKSUM = 3  # the version before, which is still read
_AT_ONCE = 1 << 20  # bytes
CARD_ENTRY = "hwr-edge-card.json"
_TFLITE_MARK = b"TFL3"
_NO_CARD = (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError)
_TYPES: dict[str, type] = {
    **dict.fromkeys(("name", "letters", "quantization", "crc32"), str),
    **dict.fromkeys(("canvas", "confidence", "calibration", "training", "figures"), dict),
    **{"drop_frames": int, "stateful": bool, "version": int},
}
_CANVAS_TYPES: dict[str, type] = {"height": int, "width": int, "fit": str}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same model gives the same file


@dataclass(frozen=True)
class ModelCard:
    """Everything a reader of names must know about a model file.

    name: what to call the model.
    letters: the charset, class 1 first.
    canvas: what the image is made into.
    drop_frames: frames at the end that decoding leaves out.
    stateful: the graph keeps state between invokes, which must be reset before each.
    quantization: "int8" or "float32".
    confidence: weights that make probabilities of scores, as `hwr_edge.line.confidence` has them; empty
        where none were fitted.
    calibration, training, figures: how the file came to be and how well it reads, for people.
    crc32: CRC-32 of the flatbuffer, 8 hexadecimal digits, which `write_model` puts in; empty in a card of
        version 3.
    """

    name: str
    letters: str
    canvas: Canvas
    drop_frames: int = 0
    stateful: bool = False
    quantization: str = "int8"
    confidence: dict[str, dict[str, float]] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    crc32: str = ""
    version: int = CARD_VERSION

    @property
    def charset(self) -> Charset:
        """The letters as a charset."""
        return Charset(self.letters)

    @property
    def classes(self) -> int:
        """Of each frame of logits: the letters and CTC's blank."""
        return self.charset.classes

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
            fields_read = json.loads(text)
            version = fields_read["version"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(
                f"the model's card is damaged ({error}); download the file again"
            ) from error
        if version not in (CARD_VERSION, _WITHOUT_CHECKSUM):
            raise ModelError(
                f"the model's card has version {version}, but this program needs version "
                f"{CARD_VERSION}; use a model of the same release"
            )
        try:
            known = {f.name for f in fields(cls)}
            if strangers := set(fields_read) - known:
                raise ValueError(f"unknown: {', '.join(sorted(strangers))}")
            _check_types(fields_read)
            card = cls(**{**fields_read, "canvas": Canvas(**fields_read["canvas"])})
            check_confidence(card.confidence)
            card.charset  # noqa: B018  # raises for a charset that is none
            return card
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"the model's card is damaged ({error}); download the file again"
            ) from error


def _check_types(found: dict[str, Any]) -> None:
    """Raise TypeError for a field of another type; JSON's true is no number here."""
    for name, wanted in _TYPES.items():
        if name in found and type(found[name]) is not wanted:
            raise TypeError(f"{name} is {found[name]!r}")
    for name, wanted in _CANVAS_TYPES.items():
        if name in found["canvas"] and type(found["canvas"][name]) is not wanted:
            raise TypeError(f"canvas {name} is {found['canvas'][name]!r}")
    if found.get("drop_frames", 0) < 0:
        raise ValueError(f"drop_frames is {found['drop_frames']}")
    if ("crc32" in found) != (found["version"] == CARD_VERSION):
        raise ValueError("its checksum is missing, or not expected in this version")


def read_card(path: Path) -> ModelCard:
    """The card inside a model file.

    Raises:
        ModelError: the file is missing, no TFLite model, cut short, without a usable card, or its
            flatbuffer is not the one that the card was made for.
    """
    with _opened(path) as (file, archive):
        entry = archive.getinfo(CARD_ENTRY)
        if max(entry.file_size, entry.compress_size) > CARD_BYTES:
            raise ValueError("its card is too large")
        text = archive.read(entry).decode("utf-8")
        found = _crc32(file, entry.header_offset)
    try:
        card = ModelCard.from_json(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    if card.crc32 and card.crc32 != found:
        raise ModelError(
            f"{path}: damaged: its checksum is {found}, its card says {card.crc32}; download the file again"
        )
    return card


def _crc32(file: IO[bytes], size: int) -> str:
    """CRC-32 of a file's first bytes."""
    file.seek(0)
    crc32 = 0
    while size > 0 and (chunk := file.read(min(size, _AT_ONCE))):
        crc32 = zlib.crc32(chunk, crc32)
        size -= len(chunk)
    return f"{crc32:08x}"


def read_flatbuffer(path: Path) -> bytes:
    """The model file without its card.

    Raises:
        ModelError: the file is missing, no TFLite model, cut short, or without a card.
    """
    with _opened(path) as (file, archive):
        file.seek(0)
        return file.read(archive.getinfo(CARD_ENTRY).header_offset)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], zipfile.ZipFile]]:
    """The file and the archive at its end; what goes wrong with them is a ModelError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    with file:
        try:
            mark = file.read(8)[4:8]
        except OSError as error:
            raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
        if mark != _TFLITE_MARK:
            raise ModelError(f"{path}: not a TFLite model file")
        try:
            with zipfile.ZipFile(file) as archive:
                yield file, archive
        except _NO_CARD as error:
            raise ModelError(
                f"{path}: no card found, or the file is cut short; use a model made by `make quantize`"
            ) from error


def model_bytes(flatbuffer: bytes, card: ModelCard) -> bytes:
    """The content of a model file, its checksum put into the card."""
    card = replace(card, crc32=f"{zlib.crc32(flatbuffer):08x}", version=CARD_VERSION)
    return with_card(flatbuffer, card.to_json())


def with_card(flatbuffer: bytes, text: str) -> bytes:
    """A flatbuffer and, behind it, a card of any kind."""
    file = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(CARD_ENTRY, _EPOCH), text)
    return file.getvalue()


def write_model(path: Path, flatbuffer: bytes, card: ModelCard) -> None:
    """Write a model file with its card, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    make_folder(path.parent)
    write_whole(path, model_bytes(flatbuffer, card))
