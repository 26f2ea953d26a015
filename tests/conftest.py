"""What every test stands on: no model or runtime named by the user's environment."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: speed is measured in benchmarks.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HWR_EDGE_MODEL", raising=False)
    monkeypatch.delenv("HWR_EDGE_RUNTIME", raising=False)
