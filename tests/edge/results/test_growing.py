from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwr_edge.errors import OutputError
from hwr_edge.files import write_whole
from hwr_edge.results.growing import open_growing


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_that_another_run_finished_meanwhile_is_not_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text("one\ntwo\n")
    with pytest.raises(OutputError, match="another run changed it"), open_growing(path, "", 4):
        pass
    assert (names(tmp_path), path.read_text()) == (["rows"], "one\ntwo\n")


def test_a_file_that_grew_meanwhile_is_not_added_to(tmp_path: Path) -> None:
    (tmp_path / "rows.part").write_text("one\ntwo\n")
    with (
        pytest.raises(OutputError, match="another run changed it"),
        open_growing(tmp_path / "rows", "", 4),
    ):
        pass
    assert (tmp_path / "rows.part").read_text() == "one\ntwo\n"


def test_rows_that_are_not_whole_yet_are_their_owner_s_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with open_growing(tmp_path / "rows", "") as sink:
            sink.write("LEA\n")
            for file in ("rows.part", "rows.part.options"):
                assert (tmp_path / file).stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


def test_a_draft_that_another_run_took_over_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def theirs(_: int, part: Path) -> None:
        raise OutputError(f"{part}: another run is writing to it")

    monkeypatch.setattr("hwr_edge.results.growing.lock_part", theirs)
    with pytest.raises(OutputError, match="another run"), open_growing(tmp_path / "rows", ""):
        pass
    assert names(tmp_path) == ["rows.part"]


def test_a_draft_that_got_its_name_before_it_was_held_is_not_added_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.part").write_text("one\n")

    def late(_: int, part: Path) -> None:
        part.rename(tmp_path / "rows")

    monkeypatch.setattr("hwr_edge.results.growing.lock_part", late)
    with (
        pytest.raises(OutputError, match="another run changed it"),
        open_growing(tmp_path / "rows", "", 4) as sink,
    ):
        sink.write("two\n")
    assert (tmp_path / "rows").read_text() == "one\n"


def test_a_run_that_ends_leaves_the_next_run_s_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def and_the_next_begins(draft: Path, target: Path) -> None:
        replace(draft, target)
        if target.name == "rows":
            write_whole(tmp_path / "rows.part.options", b"theirs")

    monkeypatch.setattr(os, "replace", and_the_next_begins)
    with open_growing(tmp_path / "rows", "ours") as sink:
        sink.write("LEA\n")
    assert (tmp_path / "rows.part.options").read_bytes() == b"theirs"


def test_a_planted_link_at_the_options_costs_no_other_file(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("old")
    (tmp_path / "rows.part.options").symlink_to(precious)
    with open_growing(tmp_path / "rows", "options") as sink:
        sink.write("LEA\n")
    assert precious.read_text() == "old"
    assert (tmp_path / "rows").read_text() == "LEA\n"


@pytest.mark.parametrize("after", [None, 0, 4])
def test_a_planted_link_at_the_draft_is_not_written_through(
    tmp_path: Path, after: int | None
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("old\n" if after else "")
    (tmp_path / "rows.part").symlink_to(precious)
    with (
        pytest.raises(OutputError, match=r"rows(\.part)?: "),
        open_growing(tmp_path / "rows", "", after) as sink,
    ):
        sink.write("LEA\n")
    assert precious.read_text() == ("old\n" if after else "")
