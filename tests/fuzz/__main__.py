"""Fuzz parsers: `python -m fuzz [TARGET ...] --seconds 300 --seed 20261130`.

Half of the time Hypothesis changes corpus files, half of it atheris does, guided by the code that is reached; where
atheris is not installed, Hypothesis has it all. What fails is made small, and kept in corpus/TARGET/, where the tests
find it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.seeds import CORPUS, corpus
from fuzz.targets import TARGETS, Target

_LONGEST = 10  # seconds of the processor, for one input
_SERVED = ("requests", "live", "desk")
_MEMORY = 1 << 30  # bytes beyond what the libraries take


class Watched:
    """A target with bounds of time, counted; what fails is remembered, the smallest last."""

    def __init__(self, target: Target) -> None:
        self._target, self.count, self.failed = target, 0, b""

    def __call__(self, data: bytes) -> None:
        """Try some bytes."""
        self.count += 1
        signal.setitimer(signal.ITIMER_PROF, _LONGEST)
        try:
            self._target(data)
        except BaseException:
            self.failed = data
            raise
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {_LONGEST} seconds of the processor")


def by_hypothesis(name: str, watched: Watched, seconds: float, seed: int) -> None:
    """Try a target's corpus, then changes of it until the time is over; raises what failed, made small."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import seed as seeded

    from fuzz.mutations import mutated

    end, turn, files = time.monotonic() + seconds, seed, corpus(name)
    for data in files:
        watched(data)
    calm = settings(
        max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )

    def one(data: bytes) -> None:
        watched(data)

    while time.monotonic() < end:
        seeded(turn)(calm(given(mutated(files))(one)))()
        turn += 1


def by_atheris(name: str, seconds: float, seed: int) -> tuple[int, str]:
    """The same by libFuzzer, guided by the code that is reached, in a process of its own.

    Returns:
        How many inputs there were, and what it said of a failure, or nothing.
    """
    code = (
        "import atheris, sys\n"
        "with atheris.instrument_imports(include=['hwr_edge']):\n"
        "    from fuzz.targets import TARGETS\n"
        f"atheris.Setup(sys.argv, TARGETS[{name!r}])\natheris.Fuzz()\n"
    )
    kept = f"-artifact_prefix={CORPUS / name / 'found-'}"
    options = [f"-max_total_time={max(1, round(seconds))}", f"-seed={seed % 2**32}", "-timeout=10"]
    with tempfile.TemporaryDirectory() as grown:  # the corpus in the repository stays small
        command = [sys.executable, "-c", code, *options, "-rss_limit_mb=1500", kept, grown]
        done = subprocess.run(
            [*command, str(CORPUS / name)],
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    counts = re.findall(r"^#(\d+)\t", done.stderr, re.MULTILINE)
    lines = [line for line in done.stderr.splitlines() if "Error" in line or "ERROR" in line]
    wrong = (lines or ["ended with no word"])[0] if done.returncode else ""
    return int(counts[-1]) if counts else 0, wrong


def main() -> int:
    """Fuzz each target; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=[], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=300, help="for each target")
    parser.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    asked = parser.parse_args()
    signal.signal(signal.SIGPROF, _too_long)
    guided = importlib.util.find_spec("atheris") is not None
    print(
        f"seed {asked.seed}; Hypothesis{' and atheris' if guided else '; atheris is not installed'}"
    )
    results = [_one(name, asked.seconds, asked.seed, guided) for name in asked.targets or TARGETS]
    return 0 if all(results) else 1


def _bound(name: str) -> None:
    """Let a target take so much more memory than there is now; a page's threads reserve what they never use."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + _MEMORY * (8 if name in _SERVED else 1)
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _one(name: str, seconds: float, seed: int, guided: bool) -> bool:
    """Fuzz a target, by both in turn, and print its row."""
    watched, wrong, more = Watched(TARGETS[name]), "", 0
    _bound(name)
    try:
        by_hypothesis(name, watched, seconds / (1 + guided), seed)
    except Exception as error:
        digest = hashlib.sha256(watched.failed).hexdigest()[:12]
        kept = CORPUS / name / f"found-{digest}"
        kept.write_bytes(watched.failed)
        wrong = f"{type(error).__name__}: {' '.join(str(error).split())[:80]}; kept as {kept.name}"
    if guided and not wrong:
        more, wrong = by_atheris(name, seconds / 2, seed)
    print(f"{name:<12} {watched.count + more:>10,} inputs  {wrong or 'none failed'}", flush=True)
    return not wrong


if __name__ == "__main__":
    sys.exit(main())
