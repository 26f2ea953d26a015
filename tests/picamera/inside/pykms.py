"""In kms++'s place, which picamera2 imports for its preview on a screen: makes a Pi's camera of libcamera's virtual one.

libcamera, its bindings and picamera2 stay as they are, but for what the virtual camera lacks:

- the role Raw, for which picamera2 asks each camera; NV12 in one plane of memory;
- a dma heap, where the kernel has none: picamera2's own `DmaHeap` runs, and gets memfds;
- a rate: it fills a buffer as soon as it has it, and picamera2 loses what comes before its start() has ended.

Faults are files in FAULTS: `hang` (no frame comes), `lose` (frames that were asked for never come, as when a Pi's
frontend times out), `stuck` (stop never ends), `refuse` (stop fails), `barred` and `full` (the dma heap).
"""

from __future__ import annotations

import errno
import os
import queue
import threading
import time
from pathlib import Path
from typing import Any

import libcamera
import picamera2.allocators.dmaallocator as allocator
import picamera2.dma_heap as heap

FAULTS = Path("/run/camera-faults")
_PERIOD = 1 / 15  # seconds


class PixelFormat:
    """The names that picamera2's preview looks up."""

    RGB888 = BGR888 = XRGB8888 = XBGR8888 = YUV420 = YVU420 = NV12 = ABGR8888 = None


def _fault(name: str) -> bool:
    return (FAULTS / name).exists()


_generate, _buffer = libcamera.Camera.generate_configuration, libcamera.FrameBuffer


def _generate_configuration(camera: Any, roles: Any) -> Any:
    return _generate(camera, roles) or _generate(camera, [libcamera.StreamRole.VideoRecording])


class _FrameBuffer:
    Plane = _buffer.Plane

    def __new__(cls, planes: Any) -> Any:
        (luma,) = planes  # stays the object whose descriptor picamera2 remembers
        chroma = _buffer.Plane()
        chroma.fd, chroma.length = luma.fd, luma.length // 3
        chroma.offset = luma.length = luma.length - chroma.length
        return _buffer([luma, chroma])


libcamera.Camera.generate_configuration = _generate_configuration
libcamera.FrameBuffer = _FrameBuffer


class _Heap:
    """`os` and `fcntl` as the dma heap sees them."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: str, flags: int) -> int:
        if _fault("barred"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return os.open("/dev/null", flags)

    def ioctl(self, fd: int, request: int, argument: Any) -> int:
        if request == heap.DMA_HEAP_IOCTL_ALLOC:
            if _fault("full"):
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            argument.fd = os.memfd_create("picamera2")
            os.ftruncate(argument.fd, argument.len)
        return 0


if not any(map(os.path.exists, heap.heapNames)):
    heap.os = heap.fcntl = allocator.fcntl = _Heap()


_queue, _stop = libcamera.Camera.queue_request, libcamera.Camera.stop
_waiting: queue.SimpleQueue[tuple[Any, Any, int]] = queue.SimpleQueue()
_lock = threading.Lock()
_runs: dict[str, int] = {}  # how often each camera was stopped


def _pace() -> None:
    while True:
        camera, request, run = _waiting.get()
        time.sleep(_PERIOD)
        while _fault("hang"):
            time.sleep(0.1)
        with _lock:
            if _runs.get(camera.id, 0) == run and not _fault("lose"):
                _queue(camera, request)


def _later(camera: Any, request: Any) -> None:
    _waiting.put((camera, request, _runs.get(camera.id, 0)))


def _stopped(camera: Any) -> Any:
    while _fault("stuck"):
        time.sleep(0.1)
    if _fault("refuse"):
        raise RuntimeError("Failed to stop camera: Connection timed out")
    with _lock:
        _runs[camera.id] = _runs.get(camera.id, 0) + 1
    return _stop(camera)


libcamera.Camera.queue_request = _later
libcamera.Camera.stop = _stopped
threading.Thread(target=_pace, daemon=True).start()
