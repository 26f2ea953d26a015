"""Lose the virtual camera and find it again: `python losses.py 100`.

Nothing of the program is changed for it. The camera hangs and loses requests in turn.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from edge.picamera2_behaviour import descriptors
from hwr_edge.camera.live import Live
from hwr_edge.camera.pi import PiCapture, PiSettings
from picamera.inside.faults import fault

_WARM = 0.2  # of the losses, after which memory is looked at first
_MORE = 1.05  # times the memory at most, in the rest of them


def resident() -> float:
    """MB of this process in memory, by the kernel."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def lose(count: int) -> Iterator[int]:
    """How often it was lost and is back, at each return."""
    told: list[str] = []
    start = partial(PiCapture, PiSettings())
    with Live("the Pi camera", start, told.append) as source, ExitStack() as now:
        lost = seen = 0
        for frame in source:
            if len(told) == 2 * lost - 1:  # it is told that the camera is lost
                now.close()
            if len(told) == 2 * lost:
                seen += frame is not None
            if seen == 5:
                if lost:
                    yield lost
                if lost == count:
                    assert set(told[1::2]) == {"the Pi camera: is back"}, told
                    return
                lost, seen = lost + 1, 0
                now.enter_context(fault("lose" if lost % 2 else "hang"))


def main() -> int:
    """1 where it did not come back each time, or something grew."""
    count = int(sys.argv[1])
    gc.set_threshold(100_000, 10, 10)  # as the command has it
    began, back = time.monotonic(), 0
    first: tuple[float, int, int] | None = None
    for back in lose(count):
        if back == max(1, round(_WARM * count)):
            gc.collect()
            first = resident(), descriptors(), threading.active_count()
        if back == count:
            gc.collect()
            last = resident(), descriptors(), threading.active_count()
    assert first is not None
    flat = last[0] <= _MORE * first[0] and last[1] <= first[1] and last[2] <= first[2]
    print(
        f"lost and found again: {back} of {count}, in {(time.monotonic() - began) / 60:.0f} min\n"
        f"memory {first[0]:.1f} -> {last[0]:.1f} MB, descriptors {first[1]} -> {last[1]}, "
        f"threads {first[2]} -> {last[2]}: {'flat' if flat else 'GROWS'}"
    )
    return 0 if flat and back == count else 1


if __name__ == "__main__":
    sys.exit(main())
