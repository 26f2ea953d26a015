"""Many images, by one scanner or by several processes; an image that cannot be read does not
stop the others.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from hwr_edge.errors import HwrError
from hwr_edge.image.document import Unit
from hwr_edge.native import stderr_is_the_commands
from hwr_edge.results.rows import Row
from hwr_edge.scan.outcome import Outcome, Report, Reporter
from hwr_edge.scan.scanner import Scanner
from hwr_edge.scan.units import read_unit

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hwr_edge.image.anything import Opened
    from hwr_edge.scan.annotate import Annotator
    from hwr_edge.scan.form_pages import FormPages

Make = Callable[[], Scanner]
_AT_ONCE = 8  # images given to a process together, at most
_PARTS = 4  # for each process, at least, where there are as many images
_AHEAD = 2  # such parts for each process, so that none waits
_FAR = 32  # such parts for each process, read or not: what bounds the memory


def _ignore(_: str) -> None:
    """Drops a report."""


def read_all(
    units: Iterable[Unit],
    scanner: Scanner,
    on_error: Report,
    on_blank: Report,
    annotator: Annotator | None = None,
    on_trace: Report = _ignore,
) -> Iterator[list[Row]]:
    """Yield the rows of each image as soon as it is read; none where it cannot be, or is blank.

    Args:
        units: what is read.
        scanner: what reads it.
        on_error: gets one line for each image that cannot be read.
        on_blank: gets one line for each page without a name.
        annotator: writes the annotated images.
        on_trace: gets, in many lines, where a fault of this program lies; by itself nobody does.
    """
    reporter = Reporter(on_error, on_blank, on_trace)
    for unit in units:
        yield reporter.report(read_unit(unit, scanner, annotator))
    reporter.report_refused()


def read_all_at_once(
    units: Sequence[Unit],
    scanner: Scanner,
    make: Make,
    jobs: int,
    on_error: Report,
    on_blank: Report,
    annotator: Annotator | None = None,
    on_trace: Report = _ignore,
) -> Iterator[list[Row]]:
    """Like `read_all`, by so many processes, this one among them; the order is kept.

    The others each make a scanner. This one reads while they start, and never waits for them but
    where it is far ahead or nothing is left to read.

    Raises:
        HwrError: a process ended before its time.
    """
    import multiprocessing  # lazily: it costs the start of reading one image
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from hwr_edge.scan.processes import no_interrupt

    reporter = Reporter(on_error, on_blank, on_trace)
    others = jobs - 1
    size = max(1, min(_AT_ONCE, len(units) // (_PARTS * jobs)))
    pool = ProcessPoolExecutor(
        others, multiprocessing.get_context("spawn"), _start_process, (make, annotator)
    )
    waiting: deque[Future[list[Outcome]] | list[Outcome]] = deque()
    parts = iter(_batched(units, size))
    try:
        while True:
            given = sum(not isinstance(one, list) and not one.done() for one in waiting)
            with no_interrupt():
                for part in islice(parts, others * _AHEAD - given):
                    waiting.append(pool.submit(_read_part, part))
            while waiting and (outcomes := _outcomes(waiting[0], len(waiting) >= others * _FAR)):
                waiting.popleft()
                for outcome in outcomes:
                    yield reporter.report(outcome)
            if part := next(parts, ()):
                waiting.append([read_unit(unit, scanner, annotator) for unit in part])
            elif waiting:
                waiting[0] = _outcomes(waiting[0], wait=True)
            else:
                reporter.report_refused()
                return
    except BrokenProcessPool as error:
        raise HwrError(
            "a reading process was killed (not enough memory?); use fewer --jobs"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def read_opened(
    image: str,
    opened: Callable[[], Opened],
    scanner: Scanner,
    on_error: Report,
    on_blank: Report,
    pages: FormPages | None = None,
) -> list[Row]:
    """The rows of an image, or of all pages of a file, that somebody else opens; as `read_all` gives them.

    Args:
        image: what rows and errors call it.
        opened: gives it, again and again; what it raises is the image's own problem.
        scanner: what reads it.
        on_error: gets one line for each thing that cannot be read.
        on_blank: gets one line for each page without a name.
        pages: of a file with many those that are read; None for all.
    """
    reporter = Reporter(on_error, on_blank, _ignore)
    try:
        count = opened().pages
    except Exception:
        count = 1  # reading it says what is wrong
    numbers = [page for page in range(1, count + 1) if pages is None or page in pages]
    found = [Unit(image)] if count == 1 else [Unit(image, page) for page in numbers]
    rows = [
        row
        for unit in found
        for row in reporter.report(read_unit(unit, scanner, None, lambda _: opened()))
    ]
    reporter.report_refused()
    return rows


def _outcomes(one: Future[list[Outcome]] | list[Outcome], wait: bool) -> list[Outcome]:
    """What a part came to; nothing where it is still being read and is not waited for."""
    if isinstance(one, list):
        return one
    return one.result() if wait or one.done() else []


_scanner: Scanner
_annotator: Annotator | None


def _start_process(make: Make, annotator: Annotator | None) -> None:
    """Make a process ready; Ctrl-C is for the one that began it, whose end is also this one's."""
    global _scanner, _annotator
    from hwr_edge.scan.processes import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    stderr_is_the_commands()
    _scanner, _annotator = make(), annotator


def _read_part(units: tuple[Unit, ...]) -> list[Outcome]:
    return [read_unit(unit, _scanner, _annotator) for unit in units]


def _batched(units: Iterable[Unit], size: int) -> Iterator[tuple[Unit, ...]]:
    """Tuples of `size`, the last perhaps shorter."""
    rest = iter(units)
    while part := tuple(islice(rest, size)):
        yield part
