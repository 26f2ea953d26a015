"""The commands that documents show, run, with their output.

A ``console`` block is run: lines after `$ ` are commands (a `\\` at the end goes on), the others what they print, on
either stream. A ``python`` block before a ``text`` block is run, too. Blocks of other kinds (``sh``) are not.
A document's blocks run in order in one folder, where `examples/` is.

    PYTHONPATH=tests python -m documented     # writes what is printed now into the documents
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*\n", re.MULTILINE)
_NUMBER = re.compile(r"\b[01]\.\d+\b")
_SHIM = '#!/bin/sh\nexec "{python}" -m hwr_edge "$@"\n'
_APART = 0.05
"""Probabilities differ by so much between processors at most."""


@dataclass(frozen=True)
class Shown:
    """What a document shows.

    start, end: of the output in the document's text.
    indent: spaces before each of its lines.
    """

    command: list[str]
    output: str
    start: int
    end: int
    indent: str


def shown(text: str) -> Iterator[Shown]:
    """The commands in a document, with the output that it claims."""
    python: str | None = None
    for block in _FENCE.finditer(text):
        indent, kind, body = block.groups()
        if kind == "console":
            yield from _console(text, body, block.start(3), indent)
        if kind == "text" and python is not None:
            output = _dedent(body, indent)
            yield Shown(
                [sys.executable, "-c", python], output, block.start(3), block.end(3), indent
            )
        python = _dedent(body, indent) if kind == "python" else None


def _console(text: str, body: str, begin: int, indent: str) -> Iterator[Shown]:
    commands = list(_COMMAND.finditer(_marked(body, indent)))
    for k, command in enumerate(commands):
        start = command.end()
        end = commands[k + 1].start() if k + 1 < len(commands) else len(body)
        line = _dedent(body[command.start() : start], indent).removeprefix("$ ")
        output = _dedent(body[start:end], indent)
        yield Shown(["bash", "-c", line], output, begin + start, begin + end, indent)


def _marked(body: str, indent: str) -> str:
    """The body with its indent turned so that commands begin a line, of the same length."""
    return body.replace(f"{indent}$ ", f"$ {indent}") if indent else body


def _dedent(body: str, indent: str) -> str:
    return re.sub(f"^{indent}", "", body, flags=re.MULTILINE)


def run(command: list[str], folder: Path) -> str:
    """What a command prints, on either stream."""
    shim = folder / ".bin" / "hwr-edge"
    if not shim.exists():
        shim.parent.mkdir()
        shim.write_text(_SHIM.format(python=sys.executable))
        shim.chmod(0o755)
        shutil.copytree(ROOT / "examples", folder / "examples")
    known = {k: v for k, v in os.environ.items() if not k.startswith("HWR_EDGE_")}
    paths = os.pathsep.join(str(ROOT / part) for part in ("edge", "train", "convert"))
    place = {"PATH": f"{shim.parent}{os.pathsep}{known['PATH']}", "PYTHONPATH": paths}
    done = subprocess.run(
        command, cwd=folder, env={**known, **place}, text=True, check=False, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout.replace(str(folder) + os.sep, "")


def same(claimed: str, printed: str) -> bool:
    """Whether two outputs are the same but for the last digits of probabilities."""
    claimed, printed = (
        re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE) for text in (claimed, printed)
    )
    if _NUMBER.sub("#", claimed) != _NUMBER.sub("#", printed):
        return False
    pairs = zip(_NUMBER.findall(claimed), _NUMBER.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) <= _APART for a, b in pairs)


def _rewritten(text: str) -> str:
    with TemporaryDirectory() as name:
        pieces, at = [], 0
        for one in shown(text):
            output = run(one.command, Path(name))
            output = re.sub(r"[ \t]+$", "", output, flags=re.MULTILINE)
            pieces.append(text[at : one.start])
            pieces.append(re.sub("^(?=.)", one.indent, output, flags=re.MULTILINE))
            at = one.end
    return "".join([*pieces, text[at:]])


if __name__ == "__main__":
    for document in DOCUMENTS:
        before = document.read_text(encoding="utf-8")
        after = _rewritten(before)
        if after != before:
            print(document.relative_to(ROOT))
            document.write_text(after, encoding="utf-8")
