"""The stand-in does what the real picamera2 did, which `make test-picamera` asks the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pytest

from edge.fake_picamera2 import Picamera2, closed_at_the_end
from edge.picamera2_behaviour import PI, USB, Behaviour, Fault

_NV12 = {"size": (1280, 720), "format": "NV12"}


class TestStandIn(Behaviour):
    @pytest.fixture
    def kind(self) -> Iterator[Any]:
        class OneMachine(Picamera2):
            cameras = ({"Num": 0, "Id": USB}, {"Num": 1, "Id": PI})
            controls = ("FrameDurationLimits",)
            adjusted = MappingProxyType({"main": _NV12, "lores": _NV12})

        with closed_at_the_end(OneMachine):
            yield OneMachine

    @pytest.fixture
    def fault(self, kind: type[Picamera2]) -> Fault:
        @contextmanager
        def has(name: str) -> Iterator[None]:
            kind.fault = name
            try:
                yield
            finally:
                kind.fault = ""

        return has
