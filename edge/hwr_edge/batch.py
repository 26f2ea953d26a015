"""Many pictures, by one recognizer or by several processes; a picture that cannot be read does not
stop the others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from hwr_edge.annotate import Annotator
from hwr_edge.errors import HwrError, ImageError, OutputError
from hwr_edge.image import decode_grey, read_bytes, read_grey
from hwr_edge.preprocess import Grey
from hwr_edge.recognizer import Recognizer
from hwr_edge.rows import Row
from hwr_edge.sources import STDIN

Make = Callable[[], Recognizer]

_AT_ONCE = 8  # pictures given to a process together
_AHEAD = 4  # such parts for each process, so that none waits: what bounds the memory


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
        yield from _told([_read(image, recognizer, annotator)], on_error)


def read_all_at_once(
    images: Iterable[str],
    make: Make,
    jobs: int,
    on_error: Callable[[str], None],
    annotator: Annotator | None = None,
) -> Iterator[Row]:
    """Like `read_all`, by so many processes, each with a recognizer that it makes; the order is kept.

    Raises:
        OutputError: an annotated picture cannot be written.
        HwrError: a process ended before its time.
    """
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), _begin, (make, annotator)
    )
    waiting: deque[Future[list[Row | HwrError]]] = deque()
    try:
        parts = iter(_batched(images, _AT_ONCE))
        for part in islice(parts, jobs * _AHEAD):
            waiting.append(pool.submit(_read_part, part))
        while waiting:
            yield from _told(waiting.popleft().result(), on_error)
            for part in islice(parts, 1):
                waiting.append(pool.submit(_read_part, part))
    except BrokenProcessPool as error:
        raise HwrError(
            "a reading process ended before its time (not enough memory?); take fewer --jobs"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _told(found: Iterable[Row | HwrError], on_error: Callable[[str], None]) -> Iterator[Row]:
    for one in found:
        if isinstance(one, Row):
            yield one
        elif isinstance(one, ImageError):
            on_error(str(one))
        else:
            raise one


_recognizer: Recognizer
_annotator: Annotator | None


def _begin(make: Make, annotator: Annotator | None) -> None:
    """Make a process ready; Ctrl-C is for the one that began it, whose end is also this one's."""
    global _recognizer, _annotator
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _recognizer, _annotator = make(), annotator


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _read_part(images: tuple[str, ...]) -> list[Row | HwrError]:
    return [_read(image, _recognizer, _annotator) for image in images]


def _read(image: str, recognizer: Recognizer, annotator: Annotator | None) -> Row | HwrError:
    """A row, or why there is none."""
    try:
        grey = load(image)
        reading = recognizer.read_grey(grey)
        if annotator:
            annotator.write(image, grey, reading)
        return Row(image, reading, recognizer.top)
    except (ImageError, OutputError) as error:
        return error
    except MemoryError:
        return ImageError(f"{image}: not enough memory for a picture of this size; scale it down")


def _batched(images: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Tuples of `size`, the last perhaps shorter."""
    rest = iter(images)
    while part := tuple(islice(rest, size)):
        yield part


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
