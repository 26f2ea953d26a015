"""Archives for the tests: images that the tiny model reads, in folders, tar shards and Parquet."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import cv2

from fakes import TINY_MODEL, draw
from hwr_edge.bulk.parts import Columns
from hwr_edge.bulk.rows import Table
from hwr_edge.bulk.work import Setup
from hwr_edge.limits import limits
from hwr_edge.scan.settings import Settings, Target


def names(count: int) -> dict[str, bytes]:
    """So many images by their names, which say what they show."""
    texts = ["".join(letters) for letters in product("ABC", repeat=4)][:count]
    found = {}
    for text in texts:
        done, data = cv2.imencode(".png", draw(text))
        assert done
        found[f"{text}.png"] = data.tobytes()
    return found


def folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


def tar(path: Path, files: Mapping[str, bytes]) -> Path:
    """A tar shard with these files."""
    with tarfile.open(path, "w") as shard:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            shard.addfile(member, io.BytesIO(data))
    return path


def setup(output: Path | str, table: Table = Table.JSONL, **changed: Any) -> Setup:
    """What workers read with: the tiny model."""
    reading = Settings(TINY_MODEL, 1, None, None, 0, None, None)._replace(**changed)
    return Setup(
        reading, Target(None, None), None, None, (), Columns(), table, str(output), ".", limits()
    ).digested()
