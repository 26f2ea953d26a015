"""Bytes changed at random, some hundred thousand files a second: for volumes, where Hypothesis is for depth."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence

EDGES = (0, 1, 2, 7, 8, 9, 16, 127, 128, 255, 256, 32_767, 32_768, 65_535, 2**31 - 1, 2**32 - 1)
TOKENS = (
    b"\xff\xd8",
    b"IHDR",
    b"IDAT",
    b"[[",
    b"]]",
    b'"',
    b"{",
    b"}",
    b"\n",
    b"\r\n",
    b",",
    b";",
    b"\0",
)
_HEAD = 160  # bytes in which a third of the changes are: what a file says of itself
_LENGTHS = (1, 2, 4, 8, 64, 1000)
_PNG_MARK = b"\x89PNG\r\n\x1a\n"


def changed(files: Sequence[bytes], rng: random.Random) -> bytes:
    """One of the files after one to eight changes, most often one; of a PNG, half have checksums that fit."""
    data = bytearray(rng.choice(files))
    for _ in range(min(8, int(rng.expovariate(1)) + 1)):
        _change(data, files, rng)
    if data.startswith(_PNG_MARK) and rng.random() < 0.5:
        return with_checksums(data)
    return bytes(data)


def with_checksums(data: bytearray) -> bytes:
    """A PNG whose chunks have the checksums of their bytes, as far as its chunks can be told."""
    at = len(_PNG_MARK)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        end = at + 8 + size
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(data)


def _change(data: bytearray, files: Sequence[bytes], rng: random.Random) -> None:
    most = len(data) if rng.random() < 0.7 else min(len(data), _HEAD)
    at, how = int(rng.random() * (most + 1)), rng.random()
    if how < 0.25:
        data[at : at + 1] = bytes((int(rng.random() * 256),))
    elif how < 0.45:
        if at < len(data):
            data[at] ^= 1 << int(rng.random() * 8)
    elif how < 0.65:
        size = rng.choice((1, 2, 4))
        value = rng.choice(EDGES) % 256**size
        data[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))
    else:
        _move(data, at, how, files, rng)


def _move(data: bytearray, at: int, how: float, files: Sequence[bytes], rng: random.Random) -> None:
    """Take out, repeat, put in or cut off."""
    length = rng.choice(_LENGTHS)
    if how < 0.73:
        del data[at : at + length]
    elif how < 0.81:
        data[at:at] = data[at : at + length] * rng.randint(1, 20)
    elif how < 0.87:
        data[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 8, 200))
    elif how < 0.95:
        other = rng.choice(files)
        start = int(rng.random() * (len(other) + 1))
        data[at : at + length] = other[start : start + length]
    else:
        del data[at:]
