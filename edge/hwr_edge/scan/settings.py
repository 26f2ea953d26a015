"""What a scanner is made with, as it goes from a command to the processes that read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hwr_edge.image.shape import Shape
    from hwr_edge.line.decoder import Decoder
    from hwr_edge.scan.scanner import Scanner


class Settings(NamedTuple):
    """What a Recognizer is made with, in its order."""

    model: Path | None
    threads: int
    decoder: Decoder | None
    name_model: Path | None
    top: int
    roster: dict[str, tuple[str, ...]] | None
    accept: float | None


class Target(NamedTuple):
    """What a Scanner looks for, in its order."""

    shape: Shape | None
    form: Path | None


def scanner_of(reading: Settings, target: Target, letters: bool = False) -> Scanner:
    """A scanner; with `letters` readings say where their letters stand.

    Raises:
        HwrError: as Recognizer and Scanner.
    """
    from hwr_edge.line.recognizer import Recognizer
    from hwr_edge.scan.scanner import Scanner

    return Scanner(Recognizer(*reading, letters=letters), *target)


def options_digest(
    reading: Settings, target: Target, layout: str, separator: str, keep: Sequence[str]
) -> str:
    """A digest of all that makes the rows of an image, but for the image.

    Args:
        reading: what reads it.
        target: what is looked for.
        layout: how the rows are written.
        separator: what stands between cells.
        keep: columns of the roster that the rows have.
    """
    from hashlib import sha256

    from hwr_edge import __version__
    from hwr_edge.line.shipped import default_model, default_name_model

    model, _, decoder, name_model, *asked = reading
    used = model or default_model()
    files = [used, name_model or default_name_model(used), target.form]
    if target.form:
        from hwr_edge.form.template import files_of

        files += files_of(target.form)
    options = repr((__version__, layout, separator, target.shape, decoder, asked, tuple(keep)))
    digest = sha256(options.encode("utf-8", "replace"))
    for file in files:
        with suppress(OSError):  # who reads it next says so
            digest.update(sha256(file.read_bytes() if file else b"").digest())
    return digest.hexdigest()
