"""Many inputs tried in child processes, each of which is watched: what ends one, hangs or grows is that input's."""

from __future__ import annotations

import json
import mmap
import os
import resource
import signal
import struct
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from hwr_edge.image import sandbox

SLOW = 10.0  # seconds of the processor that one input may take
LARGE = 1 << 30  # bytes that this process and its sandbox may take together
A_CHILD = 5_000  # inputs after which a new child goes on
_LOOK = 0.2  # seconds between looks at a child
_TICKS = os.sysconf("SC_CLK_TCK")

Attempt = Callable[[int], str]
"""Tries the input of that number, and says in a word what came of it; raises what no user is meant to see."""
Prepare = Callable[[], Attempt]
"""Makes a child ready."""


@dataclass
class Found:
    """What came of inputs.

    words: how often each.
    wrong: a line for each input that ended a child, took too much or raised what is foreign, by its number.
    """

    words: Counter[str] = field(default_factory=Counter)
    wrong: dict[int, str] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        """How many inputs."""
        return self.words.total()


def try_all(prepare: Prepare, first: int, count: int, until: float = float("inf")) -> Found:
    """Try inputs of so many numbers, from the first one on; none is begun after `until`, of the monotonic clock."""
    found, number, end = Found(), first, first + count
    while number < end and time.monotonic() < until:
        number = _child(prepare, number, min(end, number + A_CHILD), until, found)
    return found


class _Shared:
    """What a child says at once: its input's number and how many are done."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)

    def say(self, number: int, done: int) -> None:
        struct.pack_into("qq", self._memory, 0, number, done)

    def said(self) -> tuple[int, int]:
        number, done = struct.unpack_from("qq", self._memory, 0)
        return number, done


def _child(prepare: Prepare, first: int, end: int, until: float, found: Found) -> int:
    """Let one child try; where the next one goes on."""
    shared, (reading, writing) = _Shared(), os.pipe()
    shared.say(first, 0)
    child = os.fork()
    if not child:
        os.close(reading)
        _work(prepare, first, end, until, shared, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        hung = _watch(child, shared)
        _, status = os.waitpid(child, 0)
        lines = told.read().decode().splitlines()
    number, done = shared.said()
    if lines and lines[-1].startswith("{"):
        found.words.update(json.loads(lines.pop()))
    else:  # it did not live to say
        found.words["before that"] += done
    for line in lines:
        at, _, why = line.partition(" ")
        found.wrong[int(at)] = why
    if os.WIFSIGNALED(status):
        why = "hangs" if hung else f"ends by signal {os.WTERMSIG(status)}"
        found.words["hangs" if hung else "signals"] += 1
        found.wrong[number] = why
        return number + 1
    if os.WEXITSTATUS(status):
        raise RuntimeError(f"the child failed by itself at input {number}")
    return number


def _watch(child: int, shared: _Shared) -> bool:
    """Wait for a child's end; True where it was killed because an input took too long."""
    seen, since = shared.said(), 0.0
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        now = _processor(child)
        if (said := shared.said()) != seen or not since:
            seen, since = said, now
        elif now - since > 2 * SLOW:  # the child counts by itself what comes back
            os.kill(child, signal.SIGKILL)
            return True
        time.sleep(_LOOK)
    return False


def _work(
    prepare: Prepare, first: int, end: int, until: float, shared: _Shared, told: int
) -> NoReturn:
    """What the child does: it never comes back."""
    words: Counter[str] = Counter()
    status, number = 1, first
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries complain of every image
    try:
        attempt = prepare()
        while number < end and time.monotonic() < until:
            shared.say(number, number - first)
            word, why, go_on = _tried(attempt, number)
            words[word] += 1
            if why:
                os.write(told, f"{number} {why}\n".encode())
            number += 1
            if not go_on:
                break
        shared.say(number, number - first)
        os.write(told, json.dumps(words).encode() + b"\n")
        sandbox.release()
        status = 0
    finally:
        os._exit(status)


def _tried(attempt: Attempt, number: int) -> tuple[str, str, bool]:
    """A word, what was wrong if anything was, and whether this child can go on."""
    before, why, ended = _spent(), "", _largest_ended()
    _forget_peaks()
    try:
        word = attempt(number)
    except BaseException as error:
        word, why = "foreign", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    if (took := _spent() - before) > SLOW:
        return "slow", f"takes {took:.1f} s of the processor", True
    if (size := _most(ended)) > LARGE:
        return "large", f"takes {size >> 20} MiB", False
    return word, why, True


def _spent() -> float:
    """Seconds of the processor of this process and its sandboxes."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + _processor(_sandbox())


def _forget_peaks() -> None:
    """Let the kernel forget how much memory this process and its sandbox had before (proc(5), clear_refs)."""
    for process in filter(None, (os.getpid(), _sandbox())):
        with suppress(OSError):  # it has ended
            Path(f"/proc/{process}/clear_refs").write_text("5")


def _most(ended_before: int) -> int:
    """Bytes that this process had at its peak since `_forget_peaks`, and its sandbox at its own, even if it ended."""
    own, ended = _highest(os.getpid()), _largest_ended()
    # Of one that ended the kernel counts what this one had when it began that one, too.
    grown = ended if ended > max(own, ended_before) else 0
    return (own + max(grown, _highest(_sandbox()))) << 10


def _largest_ended() -> int:
    """KiB of the largest process that this one began and that ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def _sandbox() -> int:
    """The process that decodes for this one; 0 where there is none."""
    one = sandbox._sandbox
    return one.process.pid if one and one.owner == os.getpid() else 0


def _processor(process: int) -> float:
    """Seconds that a process took of the processor; 0 where it is gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _highest(process: int) -> int:
    """KiB that a process ever had in memory."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    at = text.find("VmHWM:")
    return int(text[at + 6 :].split(None, 1)[0]) if at >= 0 else 0
