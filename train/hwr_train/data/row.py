"""A row of a data set: one image with its label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwr_edge.errors import ImageError
from hwr_edge.image.decode import decode_grey, read_grey, read_stream
from hwr_edge.image.pixels import Grey
from hwr_edge.line.charset import fold
from hwr_edge.textfile import composed
from hwr_train.data.shards import Place, bytes_at


@dataclass(frozen=True)
class Row:
    """One image with its label; `name` is the file's name, the row's id.

    wrong: whether a person found the label wrong, and no right one is known.
    place: where it lies in a shard; None of a file of its own.
    """

    name: str
    path: Path
    text: str
    wrong: bool = False
    place: Place | None = None

    def is_there(self) -> bool:
        """Whether there is an image; what is in it may still be none."""
        try:
            return self.place is not None or self.path.is_file()
        except (OSError, ValueError):  # a name that no file system takes
            return False

    def read(self) -> bytes:
        """The image's bytes.

        Raises:
            ImageError: they cannot be read, or are too many.
        """
        if self.place is not None:
            return bytes_at(self.place, self.name)
        try:
            with self.path.open("rb") as file:
                return read_stream(file, str(self.path))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise ImageError(f"{self.path}: cannot be read ({why})") from error

    def grey(self) -> Grey:
        """The image's pixels, uint8 (H, W), upright.

        Raises:
            ImageError: they cannot be read.
        """
        if self.place is None:
            return read_grey(self.path)
        return decode_grey(self.read(), self.name)

    def identity(self) -> str:
        """Changes when the image does, as far as can be seen from outside."""
        if self.place is not None:
            return repr(tuple(self.place))
        return f"{self.path}\0{self.path.stat().st_mtime_ns}"


def label_of(text: str, folded: bool) -> str:
    """A label to learn: folded, or as it is written, in Unicode's composed form."""
    return fold(text) if folded else composed(text)
