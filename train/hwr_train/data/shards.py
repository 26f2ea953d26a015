"""Rows in tar shards, as `hwr-edge pack --labels` and WebDataset write them: an image `a.jpg`, its label `a.txt`.

The data folder, or an address such as `s3://bucket/names`, has the shards of each split in a folder of the split's name;
else its shards are shared out. An index of where each image lies is read first. The images stay where they are.
"""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hwr_edge.bulk.parts import is_image
from hwr_edge.bulk.places import Stored, listed, opened, read, stored
from hwr_edge.bulk.storage import is_address
from hwr_edge.errors import DataError, ImageError
from hwr_edge.limits import IMAGE_BYTES
from hwr_edge.textfile import decoded
from hwr_train.data.labels_table import SPLITS, shared_out

_BLOCK = 512  # bytes of a tar; an empty one ends it
_LABEL_BYTES = 1 << 16  # bytes of a label's file that are read


class Place(NamedTuple):
    """Where an image's bytes lie in a shard.

    identity: changes when the shard does.
    """

    shard: str
    identity: str
    offset: int
    size: int


class Packed(NamedTuple):
    """An image by its name in its shard, and its label as it is written; empty where it has none."""

    name: str
    place: Place
    text: str


def is_packed(data: str | None) -> bool:
    """Whether a data folder is one of shards; an address always is."""
    if data is None or is_address(data):
        return data is not None
    folder = Path(data)
    return any(any(below.glob("*.tar")) for below in (folder, *(folder / s for s in SPLITS)))


def read_packed(data: str, split: str | None) -> list[Packed]:
    """The images of a split, in the order of their shards; of all of them for None.

    Raises:
        DataError: there are none, a shard cannot be read or is cut short, or there are too few to share out.
    """
    if apart := _shards(f"{data.rstrip('/')}/{split or SPLITS[0]}"):
        return [one for shard in apart for one in _index(shard)]
    if not (shards := _shards(data, below=False)):
        raise DataError(f"{data}: has no shards of {split or SPLITS[0]} (.tar)")
    found = [one for shard in shards for one in _index(shard)]
    if split is None:
        return found
    names = [one.name for one in found]
    splits, _ = shared_out(names, [""] * len(names), [""] * len(names), Path(data))
    return [one for one, of in zip(found, splits, strict=True) if of == split]


def bytes_at(place: Place, name: str) -> bytes:
    """An image's bytes; `name` is what errors call it.

    Raises:
        ImageError: they cannot be read, or are too many.
    """
    if place.size > IMAGE_BYTES:
        raise ImageError(f"{name}: the file is larger than {IMAGE_BYTES >> 20} MiB")
    try:
        if is_address(place.shard):
            with _one_at_a_time:  # many threads ask for what lies in the same shard
                data = _whole(place.shard, place.identity)
            return data[place.offset : place.offset + place.size]
        with Path(place.shard).open("rb") as file:
            file.seek(place.offset)
            return file.read(place.size)
    except (OSError, DataError) as error:
        raise ImageError(f"{name}: cannot be read ({error})") from error


_one_at_a_time = threading.Lock()


@lru_cache(maxsize=2)
def _whole(shard: str, identity: str) -> bytes:
    """Objects are read whole: a request for each image would cost more."""
    return read(shard)


def _shards(folder: str, below: bool = True) -> list[Stored]:
    """The shards in a folder; none where it is not there."""
    if not is_address(folder):
        return [stored(str(path)) for path in sorted(Path(folder).glob("*.tar"))]
    try:
        found = listed(folder, lambda name: name.endswith(".tar"))
    except DataError as error:
        if "no images are there" in str(error):
            return []
        raise
    depth = folder.rstrip("/").count("/") + 1
    return [one for one in found if below or one.address.count("/") == depth]


def _index(shard: Stored) -> Iterator[Packed]:
    """What is in a shard; image and label may come in any order."""
    images: dict[str, tuple[str, Place]] = {}
    labels: dict[str, str] = {}
    try:
        with opened(shard.address) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            for member in tar:
                stem, _, ending = member.name.rpartition(".")
                if not member.isreg():
                    continue
                if is_image(member.name):
                    where = Place(shard.address, shard.identity, member.offset_data, member.size)
                    images[stem] = member.name, where
                elif ending == "txt":
                    text = tar.extractfile(member)
                    raw = text.read(_LABEL_BYTES) if text else b""
                    labels[stem] = decoded(raw, Path(member.name)).text.strip()
            file.seek(-_BLOCK, io.SEEK_END)
            whole = file.read() == bytes(_BLOCK)
    except (tarfile.TarError, OSError, ValueError) as error:
        raise DataError(f"{shard.address}: is cut short or damaged; make it again") from error
    if not whole:
        raise DataError(f"{shard.address}: is cut short or damaged; make it again")
    return (Packed(name, place, labels.get(stem, "")) for stem, (name, place) in images.items())
