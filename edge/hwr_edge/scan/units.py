"""One image, or one page of a file with many, read; whatever goes wrong with it is its own problem."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2

from hwr_edge.errors import HwrError, ImageError, NotTheForm, OutputError
from hwr_edge.image.document import Document, Unit, has_pages
from hwr_edge.image.sources import STDIN
from hwr_edge.scan.outcome import Outcome, Report
from hwr_edge.scan.scanner import Scanner

if TYPE_CHECKING:
    from hwr_edge.image.anything import Opened
    from hwr_edge.scan.annotate import Annotator


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
            yield from open_document(image).units()
        except ImageError as error:
            on_error(str(error))
        except HwrError:
            raise
        except Exception as error:
            on_error(_fault(image, error))


def read_unit(
    unit: Unit,
    scanner: Scanner,
    annotator: Annotator | None,
    opener: Callable[[str], Opened] | None = None,
) -> Outcome:
    """What an image came to; whatever goes wrong with it is its own problem and ends no run."""
    try:
        document = (opener or open_document)(unit.image)
        return _read_document(unit, document, scanner, annotator)._replace(unit=unit)
    except NotTheForm as error:
        if unit.page is None:
            return Outcome([], (str(error),))
        return Outcome([], unit=unit, refused=str(error))
    except ImageError as error:
        return Outcome([], (str(error),))
    except HwrError:  # a model that cannot be used, which no image is to blame for
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or getattr(error, "code", 0) == cv2.Error.StsNoMem:
            problem = f"{unit.label}: the image is too large for the memory; scale it down"
            return Outcome([], (problem,))
        return Outcome([], (_fault(unit.label, error),), trace=traceback.format_exc())


def _fault(name: str, error: Exception) -> str:
    """The message for an error that nobody foresaw."""
    return (
        f"{name}: cannot be read, because of a bug in hwr-edge ({type(error).__name__}: {error}); "
        "report it with the output of `hwr-edge --traceback file`, or save the image again"
    )


def _read_document(
    unit: Unit, document: Opened, scanner: Scanner, annotator: Annotator | None
) -> Outcome:
    if unit.page is None and document.pages > 1:
        raise ImageError(
            f"{unit.label}: has {document.pages} pages, but a pipe is read only once; save it as a file first"
        )
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
    return Outcome(rows, tuple(problems), note)


_open_documents: dict[str, Document] = {}


def open_document(image: str) -> Document:
    """The document, kept open until another file is: pages come one after the other.

    Standard input can be read once, and is kept.
    """
    if image not in _open_documents:
        for other in [name for name in _open_documents if name != STDIN]:
            _open_documents.pop(other).close()
        _open_documents[image] = Document(image)
    return _open_documents[image]
