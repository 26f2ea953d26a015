"""What every test stands on: no model or runtime named by the user's environment, no signal ignored."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# A job that a shell put into the background, such as make's, passes on that SIGINT is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no fault of the code: speed is measured in benchmarks.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HWR_EDGE_MODEL", raising=False)
    monkeypatch.delenv("HWR_EDGE_RUNTIME", raising=False)
