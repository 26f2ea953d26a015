"""The images of a part as bytes, one after the other, from wherever they lie."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple, cast

from hwr_edge.bulk.parts import Columns, Kind, Part, is_image
from hwr_edge.bulk.places import opened, read
from hwr_edge.errors import DataError, ImageError
from hwr_edge.limits import IMAGE_BYTES

_BLOCK = 512  # bytes of a tar; an empty one ends it


class Sample(NamedTuple):
    """An image's bytes.

    image: what rows call it.
    shard: the file that it lies in; None of a file of its own.
    data: None of what is not read yet.
    problem: why there are no bytes.
    """

    image: str
    shard: str | None
    data: bytes | None
    problem: str = ""


def samples(part: Part, columns: Columns) -> Iterator[Sample]:
    """The images of a part, in order; those in files of their own are not read yet.

    Raises:
        DataError: what holds them cannot be reached.
    """
    if part.kind is Kind.FILES:
        return (Sample(name, None, None) for name in part.names)
    return _of_tar(part.names[0]) if part.kind is Kind.TAR else _of_parquet(part, columns)


def bytes_of(sample: Sample) -> bytes:
    """An image's bytes, read if they were not.

    Raises:
        ImageError: they cannot be read.
        DataError: where they lie cannot be reached.
    """
    if sample.data is not None:
        return sample.data
    try:
        data = read(sample.image)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        why = getattr(error, "strerror", None) or error
        raise ImageError(f"{sample.image}: cannot be read ({why})") from error
    if len(data) > IMAGE_BYTES:
        raise ImageError(_too_large(sample.image))
    return data


def _of_parquet(part: Part, columns: Columns) -> Iterator[Sample]:
    from hwr_edge.bulk.parquet import rows

    (shard,) = part.names
    for name, data in rows(part, columns):
        yield Sample(name, shard, data, "" if data else f"{name}: has no bytes of an image")


def _of_tar(shard: str) -> Iterator[Sample]:
    """The members that are images; where the shard is cut short, a problem at its end."""
    count = 0
    with opened(shard) as file:
        stream = _Tail(file if shard.lower().endswith(".tar") else gzip.GzipFile(fileobj=file))
        try:
            with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as tar:
                for member in tar:
                    setattr(tar, "members", [])  # noqa: B010  # which would grow; untyped
                    if member.isreg() and is_image(member.name):
                        yield _member(tar, member, shard)
                        count += 1
            whole = stream.ends_empty()
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
            whole = False
        except OSError as error:
            raise DataError(f"{shard}: cannot be read ({error})") from error
    if not whole:
        told = f"{shard}: is cut short or damaged after {count} images; make it again"
        yield Sample(shard, shard, None, told)


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo, shard: str) -> Sample:
    if member.size > IMAGE_BYTES:
        return Sample(member.name, shard, None, _too_large(member.name))
    inside = tar.extractfile(member)
    return Sample(member.name, shard, inside.read() if inside else b"")


def _too_large(name: str) -> str:
    return f"{name}: the file is larger than {IMAGE_BYTES >> 20} MiB"


class _Tail:
    """A file whose last bytes are remembered: a tar that is whole ends with an empty block."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file, self._last = file, b""

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._last = (self._last + data)[-_BLOCK:]
        return data

    def ends_empty(self) -> bool:
        while self.read(1 << 20):
            pass
        return self._last == bytes(_BLOCK)
