"""What can cost a library too much: it costs another process, and is one line."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest

from bombs import deep_tiff, endless_pdf, laughing_pdf, long_tiff, progressive_jpeg
from fakes import draw
from hwr_edge.errors import ImageError
from hwr_edge.image import sandbox
from hwr_edge.image.decode import decode_grey, read_grey
from hwr_edge.image.document import Document
from hwr_edge.image.headers import read_header
from images import encode

needs_pdfium = pytest.mark.skipif(
    not __import__("importlib.util").util.find_spec("pypdfium2"), reason="reads PDFs"
)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little memory and time."""
    monkeypatch.setenv("HWR_EDGE_MAX_MEMORY", "64")
    monkeypatch.setenv("HWR_EDGE_MAX_SECONDS", "1")


def in_sandbox(folder: Path, letter: str) -> None:
    """See that a TIFF is read."""
    path = folder / f"{letter}.tif"
    path.write_bytes(encode(".tif", draw(letter)))
    assert np.array_equal(read_grey(path), draw(letter))


def test_one_process_is_kept_for_many_files(tmp_path: Path) -> None:
    sandbox.begin()
    first = sandbox._sandbox
    assert first is not None
    in_sandbox(tmp_path, "A")
    in_sandbox(tmp_path, "B")
    decode_grey(progressive_jpeg(32), "x")
    assert sandbox._sandbox is first
    assert first.process.poll() is None


def test_plain_images_need_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        pytest.fail("another process was asked")

    monkeypatch.setattr(sandbox, "_ask", fail)
    for suffix in (".jpg", ".png", ".webp", ".bmp"):
        decode_grey(encode(suffix, draw("A")), "x")


def test_a_jpeg_of_many_scans_is_known_by_its_header() -> None:
    plain = encode(".jpg", np.dstack([draw("A")] * 3))
    assert not read_header(plain).many_scans
    assert not read_header(encode(".jpg", draw("A"))).many_scans
    assert read_header(progressive_jpeg(32)).many_scans
    one = plain.index(b"\xff\xda")
    apart = plain[: one + 4] + b"\1" + plain[one + 5 :]  # its first scan has one colour of three
    assert read_header(apart).many_scans


def test_a_progressive_jpeg_is_read_as_a_plain_one() -> None:
    data = progressive_jpeg(64)
    wanted = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert wanted is not None
    assert np.array_equal(decode_grey(data, "x"), wanted)


@pytest.mark.usefixtures("narrow")
def test_thousands_of_scans_end_with_the_time_that_an_image_may_take(tmp_path: Path) -> None:
    path = tmp_path / "scans.jpg"
    path.write_bytes(progressive_jpeg(2000, again=3000))
    with pytest.raises(ImageError, match=r"scans\.jpg: takes more than 1 seconds to decode; save"):
        read_grey(path)
    in_sandbox(tmp_path, "A")


@needs_pdfium
@pytest.mark.usefixtures("narrow")
def test_a_pdf_that_draws_itself_again_and_again_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "laughs.pdf"
    path.write_bytes(laughing_pdf())
    with pytest.raises(ImageError, match=r"laughs\.pdf: takes more than"):
        Document(str(path)).grey()
    in_sandbox(tmp_path, "A")


@needs_pdfium
def test_a_pdf_that_says_it_has_a_million_pages_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "endless.pdf"
    path.write_bytes(endless_pdf())
    with pytest.raises(ImageError, match="1,000,000 pages, but at most 1,000 are read; split it"):
        Document(str(path))


def test_a_tiff_of_too_many_pages_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.tif"
    path.write_bytes(long_tiff(30))
    assert Document(str(path)).pages == 30
    monkeypatch.setenv("HWR_EDGE_MAX_PAGES", "20")
    with pytest.raises(ImageError, match=r"long\.tif: has more than 20 pages; split it, or raise"):
        Document(str(path))


@pytest.mark.parametrize(("bits", "samples"), [(64, 4), (16, 4), (16, 3), (32, 1)])
def test_memory_is_counted_in_bytes_not_in_pixels(bits: int, samples: int) -> None:
    with pytest.raises(ImageError, match=r"9900x9900 pixels of .* bytes take .* MiB, but at most"):
        decode_grey(deep_tiff(9900, bits, samples), "x")


def test_a_file_that_is_cut_short_while_it_is_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "three.tif"
    large = np.zeros((600, 900), np.uint8)
    assert cv2.imwritemulti(str(path), [large] * 3, [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    document = Document(str(path))
    assert document.grey(1).shape == large.shape
    os.truncate(path, 0)
    with pytest.raises(ImageError, match="changed while it was read; read it again"):
        document.grey(3)
    in_sandbox(tmp_path, "A")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_was_ended_is_begun_anew(tmp_path: Path, how: signal.Signals) -> None:
    in_sandbox(tmp_path, "A")
    assert sandbox._sandbox
    sandbox._sandbox.process.send_signal(how)
    sandbox._sandbox.process.wait()
    in_sandbox(tmp_path, "B")


def test_a_forked_process_has_one_of_its_own(tmp_path: Path) -> None:
    in_sandbox(tmp_path, "A")
    process = multiprocessing.get_context("fork").Process(target=in_sandbox, args=(tmp_path, "B"))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    in_sandbox(tmp_path, "C")


def test_nothing_is_imported_from_the_folder_that_people_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('planted')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sandbox, "_sandbox", None)
    in_sandbox(tmp_path, "A")
