from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from commands import environment
from fakes import TINY_MODEL, calibrated_tiny, draw
from hwr_edge import Reading, Recognizer
from hwr_edge.errors import ImageError, ModelError
from hwr_edge.image.pixels import Grey
from hwr_edge.line import recognizer, shipped
from hwr_edge.line.card import read_card, read_flatbuffer, write_model
from hwr_edge.line.decoder import Decoder
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.rows import Row
from pages import class_list, handwriting, page, paste

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tiny() -> Recognizer:
    return Recognizer(TINY_MODEL)


@pytest.mark.parametrize("text", ["A", "ABC", "ABBACCB", "AAAA", "CBABCBA", ""])
def test_a_drawn_text_is_read(tiny: Recognizer, text: str) -> None:
    reading = tiny.read(draw(text))
    assert reading.text == text
    assert 0.5 < reading.confidence <= 1
    assert len(reading.letter_confidences) == len(text)
    assert all(0.5 < c <= 1 for c in reading.letter_confidences)


def test_a_file_reads_like_its_pixels(tiny: Recognizer, tmp_path: Path) -> None:
    path = tmp_path / "abc.png"
    cv2.imwrite(str(path), draw("ABC"))
    assert tiny.read(path) == tiny.read(str(path)) == tiny.read(draw("ABC"))


def test_a_file_with_many_pages_is_not_one_image(tiny: Recognizer, tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    cv2.imwritemulti(str(path), [draw("ABC"), draw("CAB")])
    with pytest.raises(ImageError, match="has 2 pages"):
        tiny.read(path)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"decoder": "zz"}, ValueError),
        ({"top": -1}, ValueError),
        ({"accept": 2}, ValueError),
        ({"roster": "ABC"}, TypeError),
        ({"roster": [1]}, TypeError),
    ],
)
def test_senseless_arguments_are_told(
    tmp_path: Path, arguments: dict[str, Any], error: type[Exception]
) -> None:
    model = calibrated_tiny(tmp_path / "tiny.tflite")
    with pytest.raises(error):
        Recognizer(model, **arguments)


def test_colour_pixels_read_like_grey_ones(tiny: Recognizer) -> None:
    grey = draw("CAB")
    assert tiny.read(np.dstack([grey] * 3)) == tiny.read(grey)


def test_the_box_is_the_whole_image(tiny: Recognizer) -> None:
    assert tiny.read(draw("A", scale=3)).box == (0, 0, 192, 48)


def test_outer_spaces_are_no_part_of_a_name() -> None:
    spaced = Recognizer(TINY_MODEL)
    spaced.card = replace(spaced.card, letters=" BC")  # what looks like an A is a space now
    reading = spaced.read(draw("ABACA"))
    assert reading.text == "B C"
    whole = Recognizer(TINY_MODEL).read(draw("ABACA"))
    assert reading.letter_confidences == whole.letter_confidences[1:4]


def test_a_single_pixel_reads_as_nothing(tiny: Recognizer) -> None:
    reading = tiny.read(np.full((1, 1), 255, np.uint8))
    assert (reading.text, reading.box) == ("", (0, 0, 1, 1))


def test_readings_do_not_depend_on_what_was_read_before(tiny: Recognizer) -> None:
    alone = Recognizer(TINY_MODEL).read(draw("BAC"))
    tiny.read(draw("CCCC"))
    assert tiny.read(draw("BAC")) == alone


def test_one_interpreter_serves_all_readings(
    tiny: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognizer, "Runtime", lambda *_: pytest.fail("a second interpreter"))
    for text in ("A", "B", "C"):
        assert tiny.read(draw(text)).text == text


def test_more_threads_read_the_same(tiny: Recognizer) -> None:
    assert Recognizer(TINY_MODEL, threads=2).read(draw("ABC")) == tiny.read(draw("ABC"))


def test_a_reading_cannot_be_changed(tiny: Recognizer) -> None:
    reading = tiny.read(draw("A"))
    with pytest.raises(AttributeError):
        reading.text = "B"  # type: ignore[misc]
    assert isinstance(reading, Reading)


def test_frames_that_the_card_drops_are_cut_off(tmp_path: Path) -> None:
    from dataclasses import replace

    from hwr_edge.line.card import read_card, read_flatbuffer, write_model

    path = tmp_path / "m.tflite"
    write_model(path, read_flatbuffer(TINY_MODEL), replace(read_card(TINY_MODEL), drop_frames=4))
    short = Recognizer(path)
    assert short.read(draw("ABCABCAA")).text == "ABCABC"


def test_the_environment_names_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWR_EDGE_MODEL", str(TINY_MODEL))
    assert Recognizer().path == TINY_MODEL


def test_without_any_model_the_way_to_name_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_SHIPPED", "none.tflite")
    with pytest.raises(ModelError, match="--model or HWR_EDGE_MODEL"):
        Recognizer()


def test_an_unreadable_image_is_an_image_error(tiny: Recognizer, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.png"):
        tiny.read(tmp_path / "none.png")


OFFLINE = """
import socket, sys
def refuse(*_, **__): raise SystemExit("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
sys.addaudithook(lambda event, _: refuse() if event.startswith("socket.") else None)
from hwr_edge import Recognizer
print(Recognizer(sys.argv[1]).read(sys.argv[2]).text)
"""


def test_reading_opens_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "abc.png"
    cv2.imwrite(str(path), draw("ABC"))
    command = [sys.executable, "-c", OFFLINE, str(TINY_MODEL), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("ABC\n", "", 0)


@pytest.mark.parametrize("tone", [255, 230, 128])
@pytest.mark.parametrize("size", [(48, 328), (20, 300), (76, 330), (600, 800), (300, 60), (1, 1)])
def test_the_shipped_model_reads_nothing_on_blank_paper(size: tuple[int, int], tone: int) -> None:
    assert Recognizer().read(np.full(size, tone, np.uint8)).text == ""


def test_the_shipped_model_reads_the_examples() -> None:
    examples = sorted((ROOT / "examples").glob("*.png"))
    assert examples, "no examples/*.png"
    shipped = Recognizer()
    wanted = {path.name: path.stem.upper().replace("_", " ") for path in examples}
    assert {path.name: shipped.read(path).text for path in examples} == wanted


def test_the_shipped_models_decode_by_beam_unless_asked_otherwise() -> None:
    assert Recognizer().decoder is Decoder.BEAM
    assert Recognizer(decoder="greedy").decoder is Decoder.GREEDY
    reading = Recognizer(top=3).read(ROOT / "examples" / "jean-pierre.png")
    assert reading.text == "JEAN-PIERRE"
    assert 1 <= len(reading.alternatives) <= 3
    assert "JEAN-PIERRE" not in [other.text for other in reading.alternatives]
    sure = [reading.confidence, *(other.confidence for other in reading.alternatives)]
    assert sure == sorted(sure, reverse=True)
    assert 0 < sum(sure) <= 1 + 1e-9


def test_a_model_of_other_letters_is_read_greedily_unless_a_beam_is_asked_for(
    tiny: Recognizer,
) -> None:
    assert tiny.decoder is Decoder.GREEDY
    with pytest.raises(ModelError, match="its letters differ"):
        Recognizer(TINY_MODEL, decoder="beam")
    with pytest.raises(ModelError, match="its letters differ"):
        Recognizer(TINY_MODEL, top=2)


def test_a_name_model_of_ones_own_is_used(tmp_path: Path) -> None:
    letters = Recognizer(TINY_MODEL).charset.letters
    costs = np.full((1, len(letters) + 1), 20, np.uint8)
    NameModel(letters, np.zeros(1, np.uint64), costs, 0.1).save(tmp_path / "own.npz")
    reader = Recognizer(TINY_MODEL, name_model=tmp_path / "own.npz")
    assert reader.decoder is Decoder.BEAM
    assert reader.read(draw("ABC")).text == "ABC"
    with pytest.raises(ModelError, match="cannot be read"):
        Recognizer(TINY_MODEL, name_model=tmp_path / "none.npz")


def test_without_a_name_model_reading_is_greedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "NAME_MODEL", "none.npz")
    assert Recognizer().decoder is Decoder.GREEDY
    with pytest.raises(ModelError, match="--decoder greedy"):
        Recognizer(decoder="beam")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calibrated_tiny(tmp_path_factory.mktemp("model") / "tiny.tflite")


def test_a_roster_gives_its_own_spelling(calibrated: Path) -> None:
    reader = Recognizer(calibrated, roster=["Çab", "Baba"], accept=0.6)
    found = reader.read(draw("CAB"))
    assert found.text == "CAB"
    assert found.match is not None
    assert found.match.name == "Çab"
    assert found.review is False
    missed = reader.read(draw("ACCA"))
    assert missed.match is not None
    assert missed.match.name is None
    assert missed.review is True  # however sure it is that the roster has it not


def test_twins_of_a_roster_are_shown_unasked(calibrated: Path) -> None:
    found = Recognizer(calibrated, roster=["Cab", "Çab", "Baba"], accept=0.9).read(draw("CAB"))
    assert found.match is not None
    assert {found.match.name, found.alternatives[0].text} == {"Cab", "Çab"}
    assert found.review is True
    assert Recognizer(calibrated, roster=["Cab", "Baba"]).read(draw("CAB")).alternatives == ()


def test_who_is_as_sure_as_was_asked_for_is_not_looked_at(calibrated: Path) -> None:
    sure = Recognizer(calibrated).read(draw("CAB")).confidence
    for accept, review in ((sure, False), (float(np.nextafter(sure, 1)), True)):
        assert Recognizer(calibrated, accept=accept).read(draw("CAB")).review is review


def test_the_same_reader_takes_another_roster(calibrated: Path) -> None:
    first = Recognizer(calibrated, roster=["CAB"])
    second = first.with_roster(["BABA"])
    assert second.runtime is first.runtime
    for reader, name in ((first, "CAB"), (second, None)):
        found = reader.read(draw("CAB")).match
        assert found is not None
        assert found.name == name


def test_confidence_is_what_the_card_makes_of_it(calibrated: Path, tmp_path: Path) -> None:
    raw = Recognizer(calibrated).read(draw("AB")).confidence
    card = read_card(calibrated)
    humble = replace(card, confidence={"greedy": {"bias": -2.0, "picture": 1.0}})
    write_model(tmp_path / "humble.tflite", read_flatbuffer(calibrated), humble)
    found = Recognizer(tmp_path / "humble.tflite", accept=0.5).read(draw("AB"))
    assert found.confidence == pytest.approx(1 / (1 + np.exp(2) * (1 - raw) / raw), abs=1e-4)


def test_without_calibration_there_is_no_policy() -> None:
    for asked in ({"accept": 0.9}, {"roster": ["A"]}):
        with pytest.raises(ModelError, match="no calibrated confidence; quantize it again"):
            Recognizer(TINY_MODEL, **asked)
    with pytest.raises(ModelError, match="no calibrated confidence"):
        Recognizer(TINY_MODEL).with_roster(["A"])


def test_accept_is_a_probability(calibrated: Path) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        Recognizer(calibrated, accept=95)


@pytest.mark.parametrize("workers", [1, 4])
def test_threads_that_share_a_recognizer_get_their_own_readings(
    workers: int, calibrated: Path, tmp_path: Path
) -> None:
    shared = Recognizer(calibrated, roster=["AB", "CAB", "ABBA"], top=2, workers=workers)
    texts = ["", *("".join(letters) for k in (1, 2, 3) for letters in product("ABC", repeat=k))]
    images: list[Any] = []
    for k, text in enumerate(texts):
        images += [tmp_path / f"{k}.png", draw(text)]
        cv2.imwrite(str(images[-2]), images[-1])
    alone = [shared.read(image) for image in images]
    assert [reading.text for reading in alone[::2]] == texts
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(16) as threads:
            together = list(threads.map(shared.read, images * 5))
    finally:
        sys.setswitchinterval(before)
    assert together == alone * 5


def test_threads_take_turns_outside_of_the_model_and_share_it(
    tiny: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody decodes while another does; and nobody who runs the model keeps others from decoding."""
    reader = Recognizer(TINY_MODEL, workers=2)
    both_in_model, deciding, most = threading.Barrier(2, timeout=20), [0], [0]
    logits, decode = reader.runtime.logits, reader.decode

    def slow_logits(canvas: Grey) -> NDArray[np.float32]:
        both_in_model.wait()  # fails where a turn is kept while the model runs
        return logits(canvas)

    def slow_decode(*given: Any) -> Reading:
        deciding[0] += 1
        most[0] = max(most[0], deciding[0])
        time.sleep(0.01)
        deciding[0] -= 1
        return decode(*given)

    monkeypatch.setattr(reader.runtime, "logits", slow_logits)
    monkeypatch.setattr(reader, "decode", slow_decode)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(reader.read, [draw("ABC")] * 8))
    assert found == [tiny.read(draw("ABC"))] * 8
    assert most == [1]


def test_a_page_is_refused_and_the_way_to_read_it_is_told(tiny: Recognizer, tmp_path: Path) -> None:
    path = tmp_path / "list.png"
    cv2.imwrite(str(path), class_list()[0])
    with pytest.raises(ImageError, match=r"list\.png: looks like a page, .* use hwr_edge\.read"):
        tiny.read(path)
    with pytest.raises(ImageError, match="looks like a page"):
        tiny.read(draw("ABC"), layout="page")
    assert isinstance(tiny.read(path, layout="line"), Reading)


@pytest.mark.parametrize(("height", "top"), [(60, 5), (90, 30), (150, 60), (260, 90)])
def test_crops_with_one_name_are_lines_however_tall(height: int, top: int) -> None:
    scale = max(1.0, height / 120)
    ink = cv2.resize(handwriting("manon"), None, fx=scale, fy=scale)
    crop = page(ink.shape[1] + 20, height)
    paste(crop, np.asarray(ink, np.uint8), 10, top)
    assert Recognizer().read(crop).text == "MANON"


def test_a_batch_is_read_in_order_whatever_its_images_are(calibrated: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), draw("A"))
    reader = Recognizer(calibrated, workers=3)
    images: list[Any] = [path, draw("AB"), str(path), path.read_bytes(), draw("CAB")] * 4
    assert [one.text for one in reader.read_batch(images)] == ["A", "AB", "A", "A", "CAB"] * 4


def test_an_image_of_a_batch_that_cannot_be_read_is_raised_or_returned(tiny: Recognizer) -> None:
    images: list[Any] = [draw("A"), b"nothing", draw("B")]
    found = tiny.read_batch(images)
    assert next(found).text == "A"
    with pytest.raises(ImageError, match="not a JPEG"):
        next(found)
    one, error, other = tiny.read_batch(images, return_errors=True)
    assert isinstance(one, Reading)
    assert isinstance(other, Reading)
    assert (one.text, other.text) == ("A", "B")
    assert isinstance(error, ImageError)


def test_a_reading_is_written_down_as_the_command_prints_it(calibrated: Path) -> None:
    reading = Recognizer(calibrated, roster=["AB"], accept=0.5, letters=True).read(draw("AB"))
    row = Row("ab.png", reading).to_dict()
    assert reading.to_dict() == {k: v for k, v in row.items() if k not in ("schema", "image")}
    assert list(reading.to_dict()) == ["text", "confidence", "box", "match", "match_confidence", "review"]  # fmt: skip
    assert reading.to_dict(letters=True)["letters"][0]["text"] == "A"
