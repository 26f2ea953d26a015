"""Many pictures through one recognizer; a picture that cannot be read does not stop the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hwr_edge.annotate import Annotator
from hwr_edge.errors import ImageError
from hwr_edge.image import decode_grey, read_bytes, read_grey
from hwr_edge.preprocess import Grey
from hwr_edge.recognizer import Recognizer
from hwr_edge.rows import Row
from hwr_edge.sources import STDIN


def read_all(
    images: Iterable[str],
    recognizer: Recognizer,
    on_error: Callable[[str], None],
    annotator: Annotator | None = None,
) -> Iterator[Row]:
    """Yield a row for each picture that can be read, as soon as it is.

    Args:
        images: paths, or "-" for standard input.
        recognizer: what reads them.
        on_error: gets one line for each picture that cannot be read.
        annotator: writes the annotated pictures.

    Raises:
        OutputError: an annotated picture cannot be written.
    """
    for image in images:
        try:
            grey = load(image)
            reading = recognizer.read_grey(grey)
        except ImageError as error:
            on_error(str(error))
            continue
        except MemoryError:
            on_error(f"{image}: not enough memory for a picture of this size; scale it down")
            continue
        if annotator:
            annotator.write(image, grey, reading)
        yield Row(image, reading, recognizer.top)


def load(image: str) -> Grey:
    """Grey pixels, uint8 (H, W), of a path or of standard input.

    Raises:
        ImageError: it is not a readable picture.
    """
    if image != STDIN:
        return read_grey(Path(image))
    if sys.stdin is None:
        raise ImageError("standard input: cannot be read (closed)")
    try:
        return decode_grey(read_bytes(sys.stdin.buffer, "standard input"), "standard input")
    except OSError as error:
        raise ImageError(f"standard input: cannot be read ({error.strerror})") from error
