from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import TINY_MODEL
from hwr_edge.errors import ModelError, OutputError
from hwr_edge.line.card import (
    CARD_ENTRY,
    CARD_VERSION,
    ModelCard,
    model_bytes,
    read_card,
    read_flatbuffer,
    write_model,
)
from hwr_edge.line.preprocess import Canvas

FLATBUFFER = b"\x1c\0\0\0TFL3" + bytes(range(256)) * 8
CARD = ModelCard(
    "a model", "ABÉ", Canvas(32, 200), drop_frames=2, stateful=True, figures={"cer": 0.05}
)

WRITTEN = replace(CARD, crc32=f"{zlib.crc32(FLATBUFFER):08x}")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    write_model(path, FLATBUFFER, CARD)
    return path


def test_a_card_comes_back_out_of_the_file_it_was_written_into(model: Path) -> None:
    assert read_card(model) == WRITTEN


def test_the_model_itself_is_left_as_it_was(model: Path) -> None:
    assert model.read_bytes().startswith(FLATBUFFER)
    assert read_flatbuffer(model) == FLATBUFFER


def test_the_same_model_and_card_give_the_same_file(model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tflite"
    write_model(again, FLATBUFFER, CARD)
    assert again.read_bytes() == model.read_bytes()


def test_any_unzip_program_can_show_the_card(model: Path) -> None:
    with zipfile.ZipFile(model) as archive:
        assert json.loads(archive.read(CARD_ENTRY))["letters"] == "ABÉ"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.tflite: cannot be read \(No such file"):
        read_card(tmp_path / "none.tflite")


@pytest.mark.parametrize("content", [b"", b"short", b"\x89PNG\r\n\x1a\n" * 9])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a TFLite model"):
        read_card(path)


def test_a_model_without_a_card_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(FLATBUFFER)
    with pytest.raises(ModelError, match="no card found"):
        read_card(path)


def test_a_model_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = TINY_MODEL.read_bytes()
    path = tmp_path / "m.tflite"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelError):
            read_card(path)


def test_a_model_with_any_wrong_byte_is_refused(model: Path) -> None:
    whole = model.read_bytes()
    for at in range(8, len(FLATBUFFER)):
        model.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(
            ModelError, match=r"damaged: its checksum is [0-9a-f]{8}, its card says"
        ):
            read_card(model)


def test_a_model_of_the_version_before_has_no_checksum_and_is_read(tmp_path: Path) -> None:
    card = {**json.loads(CARD.to_json()), "version": CARD_VERSION - 1}
    del card["crc32"]
    path = tmp_path / "before.tflite"
    path.write_bytes(FLATBUFFER)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CARD_ENTRY, json.dumps(card))
    assert read_card(path) == replace(CARD, version=CARD_VERSION - 1)
    write_model(path, read_flatbuffer(path), read_card(path))
    assert read_card(path) == WRITTEN


def test_a_card_that_swells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(FLATBUFFER)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CARD_ENTRY, CARD.to_json() + " " * (4 << 20))
    with pytest.raises(ModelError, match="no card found"):
        read_card(path)


def test_a_card_that_claims_gigabytes_is_refused_before_they_are_read(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(model.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 20 : directory + 24] = (0x7FFFFFFF).to_bytes(4, "little")  # its packed size
    model.write_bytes(data)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(ModelError, match="no card found"):
        read_card(model)


def test_a_damaged_card_is_refused_whatever_byte_is_wrong(model: Path) -> None:
    whole = model.read_bytes()
    for at in range(len(FLATBUFFER), len(whole)):
        model.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            found = read_card(model)
        except ModelError:
            continue
        assert found == WRITTEN  # a byte that counts for nothing, such as a time stamp


def test_a_card_of_another_version_is_refused() -> None:
    text = CARD.to_json().replace(f'"version": {CARD_VERSION}', '"version": 99')
    with pytest.raises(
        ModelError, match=f"version 99, but this program needs version {CARD_VERSION}"
    ):
        ModelCard.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.pop("letters"),
        lambda card: card.pop("version"),
        lambda card: card.update(letters="AA"),
        lambda card: card.update(canvas={"height": 0}),
        lambda card: card.update(canvas="large"),
        lambda card: card.update(canvas=[48, 384]),
        lambda card: card.update(canvas={"height": "48"}),
        lambda card: card.update(canvas={"width": 38.4}),
        lambda card: card.update(letters=["A", "B"]),
        lambda card: card.update(name=None),
        lambda card: card.update(drop_frames="2"),
        lambda card: card.update(drop_frames=True),
        lambda card: card.update(drop_frames=-1),
        lambda card: card.update(stateful=0),
        lambda card: card.update(figures=[]),
        lambda card: card.update(stranger=1),
        lambda card: card.pop("crc32"),
        lambda card: card.update(crc32=7),
        lambda card: card.update(version=CARD_VERSION - 1),  # which had no checksum
    ],
)
def test_a_card_that_is_not_whole_is_refused(change: object) -> None:
    card = json.loads(CARD.to_json())
    change(card)  # type: ignore[operator]
    with pytest.raises(ModelError, match="damaged"):
        ModelCard.from_json(json.dumps(card))


@pytest.mark.parametrize("text", ["", "[]", "3", "{", "null"])
def test_a_card_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="damaged"):
        ModelCard.from_json(text)


@pytest.mark.parametrize("content", [b"", b"short", FLATBUFFER, FLATBUFFER + b"PK\x05\x06"])
def test_the_model_in_a_damaged_file_is_not_handed_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.tflite"
    with pytest.raises(ModelError, match=r"m\.tflite: cannot be read"):
        read_flatbuffer(path)
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"m\.tflite: "):
        read_flatbuffer(path)


def test_a_model_file_has_ordinary_permissions_and_its_folder_is_made(tmp_path: Path) -> None:
    path, mask = tmp_path / "new" / "m.tflite", os.umask(0o027)
    try:
        write_model(path, FLATBUFFER, CARD)
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_bytes() == model_bytes(FLATBUFFER, CARD)


def test_a_model_whose_writing_is_interrupted_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_model(tmp_path / "m.tflite", FLATBUFFER, CARD)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="taken: cannot be written"):
        write_model(tmp_path / "taken", FLATBUFFER, CARD)
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]
