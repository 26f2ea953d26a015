"""The process that `sandbox.py` begins: it decodes what it is told to, within limits, until nobody asks.

A request is a line of JSON, with the file's bytes after it where it is on no disk. An answer is a line of
JSON, with the pixels after it where they were asked for.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from hwr_edge.errors import HwrError
from hwr_edge.image.pages import Pages, open_pages
from hwr_edge.limits import set_limits

try:
    import resource
except ImportError:  # not on Windows, where `sandbox.py` watches the time alone
    resource = None  # type: ignore[assignment]

_STATUS = Path("/proc/self/statm")


class _Server:
    """The file that is open."""

    def __init__(self) -> None:
        self._number, self._pages = -1, Pages(0, _none, _none)

    def answer(self, asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """What a request comes to: the line, and the bytes after it."""
        _limit(*asked["limits"])
        name, source = asked["name"], Path(asked["path"]) if asked["path"] else data
        try:
            if asked["call"]:
                self._number = -1
                return {"value": _called(asked["call"], source, name)}, b""
            if asked["number"] != self._number:
                self._number = -1
                self._pages.close()
                self._pages = open_pages(source, name)
                self._number = asked["number"]
            if asked["page"] is None:
                return {"pages": self._pages.number}, b""
            grey = self._pages.grey(asked["page"], name)
        except HwrError as error:
            return {"error": str(error)}, b""
        except MemoryError:
            most = 2 * asked["limits"][0]
            problem = f"takes more than {most} MiB of memory to decode; scale it down, or raise --max-memory"
            return {"error": f"{name}: {problem}"}, b""
        except Exception as error:
            fault = f"because of a bug in hwr-edge ({type(error).__name__}: {error})"
            return {"error": f"{name}: cannot be read, {fault}; save it again"}, b""
        return {"shape": grey.shape}, grey.tobytes()


def _called(function: str, source: Path | bytes, name: str) -> Any:
    """What a function of this program gives for a file; what it refuses is said of the file's name."""
    module, _, called = function.partition(":")
    try:
        return getattr(importlib.import_module(module), called)(source)
    except HwrError as error:
        raise HwrError(f"{name}: {error}") from error


def _none(*_: object) -> Any:
    """Nothing is open."""


def _limit(memory: int, seconds: int, pages: int) -> None:
    """Let what follows take so much more than what there is."""
    set_limits(memory, seconds, pages)
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    _set_limit(resource.RLIMIT_CPU, until)
    if _STATUS.exists():
        now = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
        _set_limit(resource.RLIMIT_AS, now + 2 * (memory << 20))


def _set_limit(what: int, value: int) -> None:
    """Set a limit that can be raised again."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (value if hard < 0 else min(value, hard), hard))


def main() -> None:
    """Answer until the other side is gone."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    if resource is not None:
        _set_limit(resource.RLIMIT_CORE, 0)
    server = _Server()
    while line := asked.readline():
        request = json.loads(line)
        _send(answers, *server.answer(request, asked.read(request["bytes"])))


def _send(answers: IO[bytes], head: dict[str, Any], body: bytes) -> None:
    answers.write(json.dumps(head).encode() + b"\n")
    answers.write(body)
    answers.flush()


if __name__ == "__main__":
    main()
