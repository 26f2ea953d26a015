from __future__ import annotations

from pathlib import Path

import pytest

from hwr_edge.errors import OutputError
from hwr_edge.folders import make_own_folder


def test_folders_of_names_that_nobody_typed_are_no_links(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine").mkdir()
    assert make_own_folder(tmp_path / "mine", Path("a", "b")).is_dir()
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="link: is a link; delete it"):
        make_own_folder(tmp_path / "mine", Path("link", "b"))
    assert [*(tmp_path / "elsewhere").iterdir()] == []
