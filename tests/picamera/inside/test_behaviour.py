"""The real picamera2 does what the stand-in of the tests does."""

from __future__ import annotations

from typing import Any

import pytest

from edge.picamera2_behaviour import Behaviour
from picamera.inside.faults import fault as make_fault


class TestRealPicamera2(Behaviour):
    @pytest.fixture
    def kind(self) -> Any:
        from picamera2 import Picamera2

        return Picamera2

    @pytest.fixture
    def fault(self) -> Any:
        return make_fault
