from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwr_edge.appending import open_own


@pytest.mark.parametrize("flags", [os.O_RDWR, os.O_RDWR | os.O_CREAT])
def test_a_link_or_a_pipe_at_such_a_name_is_not_opened(tmp_path: Path, flags: int) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(OSError, match=name):
            open_own(tmp_path / name, flags)
