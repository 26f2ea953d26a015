"""Processes that work for another one: they end with it, and leave a Ctrl-C to it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def end_with_parent() -> None:
    """Have this process end when the one that began it does, even by a kill."""
    import multiprocessing  # lazily: it costs the start of reading one image

    def wait() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Let a Ctrl-C wait; a process that begins in here never gets one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
