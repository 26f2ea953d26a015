from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from hwr_edge.camera.frames import Frame
from hwr_edge.camera.live import Live
from hwr_edge.camera.pump import Pump
from hwr_edge.errors import CameraError


@pytest.fixture
def _no_search_for_cycles() -> Iterator[None]:
    """The command looks for them seldom, since that takes a fifth of a start."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_search_for_cycles")
@pytest.mark.parametrize("wrong", [CameraError("unplugged"), OSError("a driver's own")])
def test_a_camera_that_failed_leaves_no_picture_in_memory(wrong: Exception) -> None:
    pictures: list[weakref.ref[object]] = []

    def frames() -> Iterator[Frame]:
        pixels = np.zeros((20, 30, 3), np.uint8)
        pictures.append(weakref.ref(pixels))
        yield Frame(0.0, pixels)
        raise wrong.__class__(*wrong.args)

    pump = Pump(frames, newest=False)
    assert pump.next(10) is not None
    with pytest.raises(CameraError if isinstance(wrong, CameraError) else Exception) as told:
        pump.next(10)
    pump.join(10)
    del told, pump
    assert pictures[0]() is None


@pytest.mark.usefixtures("_no_search_for_cycles")
def test_a_camera_that_is_opened_again_and_again_takes_no_more_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hwr_edge.camera.live._TICK", 0.01)
    monkeypatch.setattr("hwr_edge.camera.live._LONGEST", 0.0)
    pictures: list[weakref.ref[object]] = []

    class Loose:
        """Gives a frame, and is unplugged."""

        def __init__(self) -> None:
            self.left = 1

        def read(self) -> Frame:
            if not self.left:
                raise CameraError("the camera: unplugged")
            self.left -= 1
            pixels = np.zeros((20, 30, 3), np.uint8)
            pictures.append(weakref.ref(pixels))
            return Frame(0.0, pixels)

        def close(self) -> None:
            """Nothing to give back."""

    told: list[str] = []
    with Live("the camera", Loose, told.append) as source:
        for _ in source:
            if len(pictures) == 4:
                break
    with suppress(StopIteration):
        del source
    alive = [picture for picture in pictures if picture() is not None]
    assert len(alive) <= 2
