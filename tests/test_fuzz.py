"""What watches inputs that are tried by the thousand: nothing that goes wrong is lost, and it is that input's."""

from __future__ import annotations

import os
import random
import signal
import zlib
from pathlib import Path

import pytest

from fakes import TINY_MODEL
from fuzz import watched
from fuzz.changes import changed, with_checksums
from fuzz.watched import Attempt, try_all
from hwr_edge.line.recognizer import Recognizer
from images import png

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def test_what_ends_a_child_is_named_and_the_next_one_goes_on() -> None:
    def attempt(number: int) -> str:
        if number == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        if number == 5:
            raise ZeroDivisionError("by\nzero")
        return "even" if number % 2 == 0 else "odd"

    found = try_all(lambda: attempt, 0, 8)
    assert found.tried == 8
    assert found.wrong == {3: "ends by signal 15", 5: "ZeroDivisionError: by zero"}
    assert (found.words["foreign"], found.words["signals"]) == (1, 1)


def test_what_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "SLOW", 0.1)
    monkeypatch.setattr(watched, "_LOOK", 0.01)

    def attempt(number: int) -> str:
        while number == 1:
            pass
        return "done"

    found = try_all(lambda: attempt, 0, 3)
    assert (found.wrong, found.tried) == ({1: "hangs"}, 3)


def test_what_takes_too_much_is_that_input_s_alone() -> None:
    def prepare() -> Attempt:
        watched.LARGE = watched._most(watched._largest_ended()) + (200 << 20)  # in the child alone
        return attempt

    def attempt(number: int) -> str:
        return str(len(b"x" * (300 << 20)) if number == 1 else 0)

    found = try_all(prepare, 0, 4)
    assert list(found.wrong) == [1]
    assert found.words == {"0": 3, "large": 1}


def test_what_an_input_took_does_not_count_for_the_next_one() -> None:
    ended = watched._largest_ended()
    assert len(b"x" * (200 << 20))
    before = watched._most(ended)
    watched._forget_peaks()
    assert watched._most(ended) < before - (100 << 20)


def test_a_child_that_cannot_begin_is_no_result() -> None:
    def prepare() -> Attempt:
        raise RuntimeError("not ready")

    with pytest.raises(RuntimeError, match="failed by itself at input 0"):
        try_all(prepare, 0, 1)


def test_changes_are_those_of_the_seed_and_a_png_can_have_checksums_that_fit() -> None:
    files = [png([b"\1\2\3"] * 4, 3, 8, 0), b"another file"]
    made = [changed(files, random.Random(f"7/{k}")) for k in range(50)]
    assert made == [changed(files, random.Random(f"7/{k}")) for k in range(50)]
    assert len(set(made)) > 40
    damaged = bytearray(files[0])
    damaged[16] ^= 1
    mended = with_checksums(damaged)
    assert mended[29:33] == zlib.crc32(mended[12:29]).to_bytes(4, "big")


def test_a_corpus_has_each_format_of_images() -> None:
    from fuzz import seeds

    assert all(len(files) > 5 for files in seeds.images().values())
    assert Path(seeds.CORPUS).is_dir()


def test_what_comes_from_a_disk_is_what_comes_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no image is taken for the one before it, which had its name."""
    from fuzz import attempts, seeds

    files = seeds.images()["BMP"]
    monkeypatch.setattr(seeds, "images", lambda: {"BMP": files})
    attempt = attempts.images(1)
    made = [attempts._input(seeds.images(), 1, number)[1] for number in range(40)]
    scanner = attempts._Once(Recognizer(TINY_MODEL))
    wanted = [bool(attempts._from_memory(data, scanner)) for data in made]
    assert [attempt(number) == "BMP refused" for number in range(40)] == wanted
    assert len(set(wanted)) == 2
