"""Images decoded for who reads them; those that come over a network by threads beside."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from hwr_edge.bulk.samples import Sample, bytes_of
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import ImageError
from hwr_edge.image.document import Document, has_pages
from hwr_edge.image.pixels import Grey
from hwr_edge.line.ahead import in_order

_FETCHERS = 4  # threads for objects: while one waits for the network, others decode


class Decoded:
    """An image or a file of many pages; of one page it is decoded."""

    def __init__(self, sample: Sample) -> None:
        """Open and decode; what goes wrong is raised by `again`."""
        self.image, self.shard = sample.image, sample.shard
        self.pages = 1
        self.crc32: str | None = None
        self._grey: Grey | None = None
        self._error: Exception | None = None
        try:
            self._open(sample)
        except Exception as error:  # whoever reads tells of it, in the image's place
            self._error = error

    def _open(self, sample: Sample) -> None:
        if sample.problem:
            raise ImageError(sample.problem)
        data: bytes | None = None  # of what is read from the disk page by page
        if sample.shard or is_address(sample.image) or not has_pages(sample.image):
            data = bytes_of(sample)
        self._document = Document(sample.image, data, stdin=False)
        self.pages = self._document.pages
        self.crc32 = self._document.crc32 if data is None else f"{zlib.crc32(data):08x}"
        if self.pages == 1:
            self._grey = self._document.grey()

    def again(self) -> Decoded:
        """Itself.

        Raises:
            Exception: whatever opening or decoding it raised.
        """
        if self._error is not None:
            raise self._error
        return self

    def grey(self, page: int | None = None) -> Grey:
        """A page's pixels, uint8 (H, W), upright.

        Raises:
            ImageError: it cannot be decoded, or is not there.
        """
        return self._document.grey(page) if self._grey is None else self._grey


def decoded(samples: Iterable[Sample], remote: bool = False) -> Iterator[Decoded]:
    """The images; what is wrong with one is its own problem.

    Args:
        samples: what is decoded.
        remote: they come over a network, so some threads are ahead of who asks. On a disk there is nothing
            to wait for, and as many workers as processors leave none for further threads.

    Raises:
        HwrError: what `samples` raises, in its place.
    """
    return in_order(Decoded, samples, _FETCHERS if remote else 1)
