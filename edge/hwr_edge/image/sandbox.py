"""Files that can cost a library far more than their headers say, decoded by another process with limits.

A PDF's forms draw each other again and again, a JPEG goes over its pixels in thousands of scans, a TIFF's
tags ask for anything, and a file that is cut short while it is mapped ends whoever reads it (SIGBUS). So
one further process is begun where the first such file comes, and is kept for those that follow. It may use
twice `Limits.memory` and `Limits.seconds` of the processor for each page; where it passes them it ends, and
the page is an error like another. `sandbox_process.py` is what it runs.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.image.pixels import Grey
from hwr_edge.limits import limits

_PATIENCE = (
    5  # times the seconds of the processor: what waits for a disk or another process ends, too
)
_COSTLY = "takes more memory or time to read than a file may, or is damaged"
_numbers = count()


class Source(NamedTuple):
    """What is decoded: a file on a disk, or bytes; by its number the process knows that it has it open."""

    number: int
    path: str
    data: bytes

    @classmethod
    def of_file(cls, path: Path) -> Source:
        """A regular file, by whatever name it was given: `/dev/fd/3` is another file elsewhere."""
        return cls(next(_numbers), os.path.realpath(path), b"")

    @classmethod
    def of_bytes(cls, data: bytes) -> Source:
        """The whole file."""
        return cls(next(_numbers), "", data)


def begin() -> None:
    """Begin the process before the first file comes, so that this does not wait for it."""
    with _lock:
        _running()


def release() -> None:
    """Have no file open any more, so that one that is deleted leaves the disk; the next one begins a new process."""
    global _sandbox
    with _lock:
        if _sandbox is not None and _sandbox.owner == os.getpid():
            _sandbox.end()
            _sandbox = None


def pages(source: Source, name: str) -> int:
    """How many pages a file has.

    Raises:
        ImageError: it cannot be opened, or that costs too much; `name` is what the message calls it.
    """
    return int(_ask(source, None, name)["pages"])


def decode(source: Source, name: str, page: int = 0) -> Grey:
    """A page, from 0, uint8 (H, W), upright.

    Raises:
        ImageError: it cannot be decoded, or that costs too much; `name` is what the message calls it.
    """
    grey: Grey = _ask(source, page, name)["grey"]
    return grey


def call(function: str, source: Source, name: str) -> Any:
    """What a function gives for a file that can cost its reader too much, as JSON has it.

    Args:
        function: "module:function" of this program, which takes the path, or the bytes of what is on no disk.
        source: the file.
        name: what the message calls it.

    Raises:
        ImageError: the function refuses the file, or that costs too much.
    """
    return _ask(source, None, name, function)["value"]


class _Sandbox:
    """The other process, and what it has open."""

    def __init__(self) -> None:
        package = str(Path(__file__).parents[2])
        paths = os.pathsep.join([package, *filter(None, sys.path)])
        self.owner, self.open = os.getpid(), -1
        self.process = subprocess.Popen(
            # -P: nothing is imported from the folder that the user is in.
            [sys.executable, "-P", "-m", "hwr_edge.image.sandbox_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # a Ctrl-C is for this process
        )

    def ask(self, source: Source, page: int | None, name: str, call: str) -> dict[str, Any]:
        """Its answer; OSError or ValueError where it ended instead."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin
        assert stdout
        most, here = limits(), not call and self.open == source.number
        asked = {
            "number": source.number,
            "path": source.path,
            "bytes": 0 if here else len(source.data),
            "page": page,
            "name": name,
            "call": call,
            "limits": [most.memory, most.seconds, most.pages],
        }
        self.open = -1
        stdin.write(json.dumps(asked).encode() + b"\n")
        if not here:
            stdin.write(source.data)
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        if "shape" in answer:
            answer["grey"] = _pixels(stdout, answer["shape"])
        if "error" not in answer and not call:
            self.open = source.number
        return answer

    def end(self) -> None:
        """End it."""
        with suppress(OSError):
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                if stream:
                    stream.close()
        self.process.wait()


def _pixels(stream: IO[bytes], shape: list[int]) -> Grey:
    height, width = shape
    grey = np.empty((height, width), np.uint8)
    rest = memoryview(grey.data).cast("B")
    while rest:
        got = stream.readinto(rest)  # type: ignore[attr-defined]
        if not got:
            raise ValueError("ended while it answered")
        rest = rest[got:]
    return grey


_lock = threading.Lock()
_sandbox: _Sandbox | None = None


def _running() -> _Sandbox:
    """The process, begun where there is none; whoever calls has the lock."""
    global _sandbox
    # A forked process has this one's sandbox, and must not talk to it.
    if _sandbox is None or _sandbox.owner != os.getpid() or _sandbox.process.poll() is not None:
        _sandbox = _Sandbox()
    return _sandbox


def _ask(source: Source, page: int | None, name: str, call: str = "") -> dict[str, Any]:
    global _sandbox
    with _lock:
        most, sandbox = limits(), _running()
        late = threading.Timer(_PATIENCE * most.seconds, sandbox.process.kill)
        late.daemon = True
        late.start()
        try:
            answer = sandbox.ask(source, page, name, call)
        except (OSError, ValueError) as error:
            _sandbox = None
            sandbox.end()
            why = _COSTLY if call else _why(sandbox.process.returncode)
            raise ImageError(f"{name}: {why}") from error
        except BaseException:  # a Ctrl-C: what it still answers is for nobody
            _sandbox = None
            sandbox.end()
            raise
        finally:
            late.cancel()
    if "error" in answer:
        raise ImageError(answer["error"])
    return answer


def _why(status: int) -> str:
    """Why it ended before it answered."""
    most = limits()
    if -status in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)):
        return (
            f"takes more than {most.seconds} seconds to decode; save it anew as a plain image, or raise "
            "--max-seconds"
        )
    if -status == getattr(signal, "SIGBUS", None):
        return "changed while it was read; read it again"
    return (
        f"takes more than {2 * most.memory} MiB of memory to decode, or is damaged; save it anew as a "
        "plain image, or raise --max-memory"
    )


@atexit.register
def _end() -> None:
    """End with this process."""
    if _sandbox is not None and _sandbox.owner == os.getpid():
        _sandbox.end()
