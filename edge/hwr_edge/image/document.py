"""Files of one page or many: an image, a TIFF of many pages, a PDF. Pages are read one at a time."""

from __future__ import annotations

import importlib.util
import io
import sys
import zlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import PDF_MARK, all_bytes, decode_grey, read_bytes
from hwr_edge.image.headers import SNIFF_BYTES, kind_of
from hwr_edge.image.pixels import Grey
from hwr_edge.image.sources import STDIN, label

if TYPE_CHECKING:
    from hwr_edge.image.pdf_fields import PdfField
    from hwr_edge.image.sandbox import Source

_AT_ONCE = 1 << 20  # bytes
_STDIN_NAME = "standard input"


class Unit(NamedTuple):
    """What is read at a time: an image, or a page, from 1, of a file that has many."""

    image: str
    page: int | None = None

    @property
    def label(self) -> str:
        """How people see it."""
        return label(self.image, self.page)


def read_page_of(image: Path, page: int | None) -> Grey:
    """A page of a file, or an image: uint8 (H, W), upright.

    Raises:
        ImageError: it cannot be read; standard input never can, a second time.
    """
    if str(image) == STDIN:
        raise ImageError(f"{_STDIN_NAME}: can be read only once")
    document = Document(str(image))
    try:
        return document.grey(page)
    finally:
        document.close()


def checksum(path: Path) -> str:
    """CRC-32 of a file, 8 hexadecimal digits.

    Raises:
        ImageError: it cannot be read.
    """
    crc32 = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_AT_ONCE):
                crc32 = zlib.crc32(chunk, crc32)
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror or error})") from error
    return f"{crc32:08x}"


def has_pages(image: str) -> bool:
    """Whether a file on a disk is, by its first bytes, of a kind that can hold many pages."""
    try:
        if not Path(image).is_file():  # from a pipe nothing can be read twice
            return False
        with Path(image).open("rb") as file:
            head = file.read(SNIFF_BYTES)
    except (OSError, ValueError):
        return False
    return head.startswith(PDF_MARK) or kind_of(head) == "TIFF"


class Document:
    """An open file."""

    def __init__(self, image: str, data: bytes | None = None, stdin: bool = True) -> None:
        """Open a path, "-" for standard input, or a file in memory.

        Args:
            image: the path; of a file in memory what errors call it.
            data: the file in memory.
            stdin: whether "-" is standard input; else it is a path, too.

        Raises:
            ImageError: missing, empty, not an image and no PDF, damaged, encrypted, or a PDF without
                the package that reads it.
        """
        self.image = image
        from_stdin = stdin and data is None and image == STDIN
        self.name = _STDIN_NAME if from_stdin else image
        self._in_memory = from_stdin or data is not None
        self.pages = 1
        self.close: Callable[[], None] = _nothing
        self._grey: Callable[[int, str], Grey]
        self._pdf: Source | None = None
        try:
            if data is not None:
                self._open(io.BytesIO(data))
            elif from_stdin:
                if sys.stdin is None:
                    raise ImageError(f"{self.name}: cannot be read (closed)")
                self._open(sys.stdin.buffer)
            else:
                with Path(image).open("rb") as file:
                    self._open(file)
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
            why = getattr(error, "strerror", None) or error
            raise ImageError(f"{self.name}: cannot be read ({why})") from error

    @cached_property
    def crc32(self) -> str | None:
        """`checksum` of its file; None of what cannot be read twice."""
        return checksum(Path(self.image)) if self._on_disk() else None

    def _on_disk(self) -> bool:
        """Whether it can be read twice: no standard input, no pipe."""
        return not self._in_memory and Path(self.image).is_file()

    def units(self) -> list[Unit]:
        """Its pages."""
        if self.pages == 1:
            return [Unit(self.image)]
        return [Unit(self.image, page) for page in range(1, self.pages + 1)]

    def grey(self, page: int | None = None) -> Grey:
        """A page's pixels, uint8 (H, W), upright.

        Raises:
            ImageError: it cannot be decoded, or is not there.
        """
        number = page or 1
        if not 1 <= number <= self.pages:
            raise ImageError(f"{self.name}: has no page {number}; its last page is {self.pages}")
        return self._grey(number - 1, label(self.name, None if self.pages == 1 else number))

    def text_fields(self, page: int | None = None) -> list[PdfField]:
        """The text fields that a fillable PDF has on a page; none of other files.

        Raises:
            ImageError: there are too many, or they cost too much to read.
        """
        return [field for field in self._pdf_fields if field.page == (page or 1)]

    @cached_property
    def _pdf_fields(self) -> list[PdfField]:
        if self._pdf is None:
            return []
        from hwr_edge.image.pdf_fields import read_text_fields  # for these alone

        return read_text_fields(self._pdf, self.name)

    def _open(self, file: BinaryIO) -> None:
        head = file.read(SNIFF_BYTES)
        if head.startswith(PDF_MARK):
            _need_pdfium(self.name)
            self._pdf = self._open_guarded(head, file)
        elif kind_of(head) == "TIFF":
            self._open_guarded(head, file)
        else:
            data = read_bytes(head, file, self.name)
            self._grey = lambda _, name: decode_grey(data, name)

    def _open_guarded(self, head: bytes, file: BinaryIO) -> Source:
        """Open a TIFF or PDF by the process that decodes those."""
        from hwr_edge.image.sandbox import Source, decode, pages  # for these alone

        source = (
            Source.of_file(Path(self.image))
            if self._on_disk()
            else Source.of_bytes(all_bytes(head, file, self.name))
        )
        self.pages = pages(source, self.name)
        self._grey = lambda number, name: decode(source, name, number)
        return source


def _need_pdfium(name: str) -> None:
    """Raise ImageError where the package that reads PDFs is not installed."""
    try:
        found = importlib.util.find_spec("pypdfium2")
    except ValueError:
        found = None
    if found is None:
        raise ImageError(
            f"{name}: PDFs need the package pypdfium2; run: pip install pypdfium2  "
            "(or install hwr-edge with the extra pdf)"
        )


def _nothing() -> None:
    """Nothing to close."""
