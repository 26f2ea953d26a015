"""Many images, by one scanner or by several processes; an image that cannot be read does not
stop the others.
"""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import cv2

from hwr_edge.errors import HwrError, ImageError, NotTheForm, OutputError
from hwr_edge.image.document import Document, Unit, has_pages
from hwr_edge.image.sources import STDIN
from hwr_edge.native import stderr_is_the_commands
from hwr_edge.results.rows import Row
from hwr_edge.scan.scanner import Scanner

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hwr_edge.image.anything import Opened
    from hwr_edge.scan.annotate import Annotator
    from hwr_edge.scan.form_pages import FormPages

Make = Callable[[], Scanner]
Report = Callable[[str], None]

_AT_ONCE = 8  # images given to a process together, at most
_PARTS = 4  # for each process, at least, where there are as many images
_AHEAD = 2  # such parts for each process, so that none waits
_FAR = 32  # such parts for each process, read or not: what bounds the memory


def _nobody(_: str) -> None:
    """Who is told what nobody wants to know."""


class Answer(NamedTuple):
    """What one image or page came to.

    problems: a line for each thing that could not be read, or be written beside the rows.
    note: what is said of a page without a name, or of one that is not read whole.
    trace: where a fault of this program lies, in many lines.
    unit: what was read.
    refused: why a page of many is not the form.
    """

    rows: list[Row]
    problems: tuple[str, ...] = ()
    note: str = ""
    trace: str = ""
    unit: Unit = Unit("")
    refused: str = ""


def units(images: Iterable[str], on_error: Report) -> Iterator[Unit]:
    """The images, and the pages of files with many, that are to be read, found out as they come.

    Args:
        images: paths, or "-" for standard input.
        on_error: gets one line for each file that cannot be opened.
    """
    for image in images:
        if image != STDIN and not has_pages(image):
            yield Unit(image)
            continue
        try:
            yield from _open(image).units()
        except ImageError as error:
            on_error(str(error))
        except HwrError:
            raise
        except Exception as error:
            on_error(_fault(image, error))


def read_all(
    units: Iterable[Unit],
    scanner: Scanner,
    on_error: Report,
    on_blank: Report,
    annotator: Annotator | None = None,
    on_trace: Report = _nobody,
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
    tell = _Teller(on_error, on_blank, on_trace)
    for unit in units:
        yield tell.of(_read(unit, scanner, annotator))
    tell.of_refused()


def read_all_at_once(
    units: Sequence[Unit],
    scanner: Scanner,
    make: Make,
    jobs: int,
    on_error: Report,
    on_blank: Report,
    annotator: Annotator | None = None,
    on_trace: Report = _nobody,
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

    tell = _Teller(on_error, on_blank, on_trace)
    others = jobs - 1
    size = max(1, min(_AT_ONCE, len(units) // (_PARTS * jobs)))
    pool = ProcessPoolExecutor(
        others, multiprocessing.get_context("spawn"), _begin, (make, annotator)
    )
    waiting: deque[Future[list[Answer]] | list[Answer]] = deque()
    parts = iter(_batched(units, size))
    try:
        while True:
            given = sum(not isinstance(one, list) and not one.done() for one in waiting)
            with no_interrupt():
                for part in islice(parts, others * _AHEAD - given):
                    waiting.append(pool.submit(_read_part, part))
            while waiting and (answers := _answers(waiting[0], len(waiting) >= others * _FAR)):
                waiting.popleft()
                for answer in answers:
                    yield tell.of(answer)
            if part := next(parts, ()):
                waiting.append([_read(unit, scanner, annotator) for unit in part])
            elif waiting:
                waiting[0] = _answers(waiting[0], wait=True)
            else:
                tell.of_refused()
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
    tell = _Teller(on_error, on_blank, _nobody)
    try:
        count = opened().pages
    except Exception:
        count = 1  # reading it says what is wrong
    numbers = [page for page in range(1, count + 1) if pages is None or page in pages]
    found = [Unit(image)] if count == 1 else [Unit(image, page) for page in numbers]
    rows = [
        row for unit in found for row in tell.of(_read(unit, scanner, None, lambda _: opened()))
    ]
    tell.of_refused()
    return rows


def _answers(one: Future[list[Answer]] | list[Answer], wait: bool) -> list[Answer]:
    """What a part came to; nothing where it is still being read and is not waited for."""
    if isinstance(one, list):
        return one
    return one.result() if wait or one.done() else []


class _Teller:
    """Says what went wrong; of a document's pages that are not the form once, after the last one."""

    def __init__(self, on_error: Report, on_blank: Report, on_trace: Report) -> None:
        self._on_error, self._on_blank, self._on_trace = on_error, on_blank, on_trace
        self._image, self._read = "", False
        self._refused: list[tuple[int, str]] = []

    def of(self, answer: Answer) -> list[Row]:
        """The rows of an answer, all else told."""
        if answer.unit.image != self._image:
            self.of_refused()
            self._image, self._read = answer.unit.image, False
        self._read |= bool(answer.rows)
        if answer.refused:
            self._refused.append((answer.unit.page or 1, answer.refused))
        for problem in answer.problems:
            self._on_error(problem)
        if answer.trace:
            self._on_trace(answer.trace)
        if answer.note:
            self._on_blank(answer.note)
        return answer.rows

    def of_refused(self) -> None:
        """Tell of the pages so far that are not the form: no fault where others are."""
        refused, self._refused = self._refused, []
        if not refused:
            return
        numbers = [page for page, _ in refused]
        if self._read:
            self._on_blank(
                f"{self._image}: not the form, skipped: page{'s' * (len(numbers) > 1)} {_runs(numbers)}; "
                "--form-pages says which pages are"
            )
        else:
            more = f" (nor do the other {len(refused) - 1} pages)" if len(refused) > 1 else ""
            self._on_error(refused[0][1] + more)


def _runs(numbers: Sequence[int]) -> str:
    """Numbers in order, as "2-6, 8"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


_scanner: Scanner
_annotator: Annotator | None


def _begin(make: Make, annotator: Annotator | None) -> None:
    """Make a process ready; Ctrl-C is for the one that began it, whose end is also this one's."""
    global _scanner, _annotator
    from hwr_edge.scan.processes import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    stderr_is_the_commands()
    _scanner, _annotator = make(), annotator


def _read_part(units: tuple[Unit, ...]) -> list[Answer]:
    return [_read(unit, _scanner, _annotator) for unit in units]


def _read(
    unit: Unit,
    scanner: Scanner,
    annotator: Annotator | None,
    opener: Callable[[str], Opened] | None = None,
) -> Answer:
    """What an image came to; whatever goes wrong with it is its own problem and ends no run."""
    try:
        document = (opener or _open)(unit.image)
        return _read_well(unit, document, scanner, annotator)._replace(unit=unit)
    except NotTheForm as error:
        if unit.page is None:
            return Answer([], (str(error),))
        return Answer([], unit=unit, refused=str(error))
    except ImageError as error:
        return Answer([], (str(error),))
    except HwrError:  # a model that cannot be used, which no image is to blame for
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or getattr(error, "code", 0) == cv2.Error.StsNoMem:
            told = f"{unit.label}: the image is too large for the memory; scale it down"
            return Answer([], (told,))
        return Answer([], (_fault(unit.label, error),), trace=traceback.format_exc())


def _fault(name: str, error: Exception) -> str:
    """What is said of an error that nobody foresaw."""
    return (
        f"{name}: cannot be read, because of a bug in hwr-edge ({type(error).__name__}: {error}); "
        "report it with the output of `hwr-edge --traceback file`, or save the image again"
    )


def _read_well(
    unit: Unit, document: Opened, scanner: Scanner, annotator: Annotator | None
) -> Answer:
    if unit.page is None and document.pages > 1:
        raise ImageError(f"{unit.label}: has {document.pages} pages; save it as a file first")
    grey, crc32 = document.grey(unit.page), document.crc32
    page = replace(scanner.read(grey, unit.label), number=unit.page)
    problems = [*page.problems]
    if annotator:
        try:
            annotator.write(unit, grey, page)
        except OutputError as error:
            problems.append(str(error))
    rows = page.rows(unit.image, scanner.recognizer.top, crc32)
    note = page.note or ("" if rows else f"{unit.label}: no names found")
    return Answer(rows, tuple(problems), note)


_opened: dict[str, Document] = {}


def _open(image: str) -> Document:
    """The document, kept open until another file is: pages come one after the other.

    Standard input can be read once, and is kept.
    """
    if image not in _opened:
        for other in [name for name in _opened if name != STDIN]:
            _opened.pop(other).close()
        _opened[image] = Document(image)
    return _opened[image]


def _batched(units: Iterable[Unit], size: int) -> Iterator[tuple[Unit, ...]]:
    """Tuples of `size`, the last perhaps shorter."""
    rest = iter(units)
    while part := tuple(islice(rest, size)):
        yield part
