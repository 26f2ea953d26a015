"""What is said of a data set before hours are spent on it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from hwr_train.__main__ import app
from hwr_train.config import TrainConfig
from hwr_train.data.inspection import Finding, inspect, statistics

SAID = ("train", "validation", "test")


def _dataset(folder: Path, count: int = 30) -> Path:
    """Images that all differ, with one labels.csv that says their splits."""
    (folder / "crops").mkdir()
    lines = ["image,text,writer,split"]
    for k in range(count):
        image = np.random.default_rng(k).integers(0, 255, (30, 90), np.uint8)
        cv2.imwrite(str(folder / "crops" / f"{k}.png"), image)
        lines.append(f"crops/{k}.png,Zoë {'ab'[k % 2]},w{k},{SAID[k % 3]}")
    (folder / "labels.csv").write_text("\n".join([*lines, ""]), "utf-8")
    return folder


def _findings(folder: Path) -> list[Finding]:
    return list(inspect(TrainConfig(data=str(folder))))


def _add(folder: Path, *lines: str) -> None:
    with (folder / "labels.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def test_of_sound_data_its_small_number_alone_is_told(tmp_path: Path) -> None:
    (found,) = _findings(_dataset(tmp_path))
    assert (found.fatal, "10 rows are few" in found.line) == (False, True)


def test_every_fault_is_told_with_examples(tmp_path: Path) -> None:
    folder = _dataset(tmp_path)
    cv2.imwrite(str(folder / "tiny.png"), np.zeros((8, 90), np.uint8))
    (folder / "broken.png").write_bytes(b"\x89PNG")
    (folder / "twin.png").write_bytes((folder / "crops" / "0.png").read_bytes())
    (folder / "leak.png").write_bytes((folder / "crops" / "3.png").read_bytes())
    _add(
        folder,
        "tiny.png,Zoë a,w,train",
        "broken.png,Zoë a,w,train",
        "twin.png,Zoë b,w,train",
        "leak.png,Zoë a,w,test",
        "gone.png,Zoë a,w,train",
        "crops/1.png,,w,train",
        "crops/2.png,Ωb,w,train",
    )
    lines = " | ".join(found.line for found in _findings(folder))
    for said in (
        "1 images cannot be read: broken.png",
        "1 images are under 12 pixels high: tiny.png",
        "1 images are there twice with two labels: crops/0.png",
        "1 images are in two splits, so figures flatter: crops/3.png",
        "image missing, for example gone.png",
        "blank, for example crops/1.png",
        "1 unknown letters (Ω)",
    ):
        assert said in lines
    assert not any(found.fatal for found in _findings(folder))


def test_data_of_which_most_is_unusable_is_an_error(tmp_path: Path) -> None:
    folder = _dataset(tmp_path)
    for k in range(0, 30, 3):
        (folder / "crops" / f"{k}.png").unlink()
    done = CliRunner().invoke(app, ["validate-dataset", str(folder)])
    assert done.exit_code == 1
    assert "error: train: 0 of 10 rows usable" in done.stdout
    assert "training can begin" not in done.stdout


def test_statistics_name_nobody(tmp_path: Path) -> None:
    folder = _dataset(tmp_path)
    _add(folder, "crops/0.png,Zoë c,w,train")
    for _ in range(3):
        _add(folder, "crops/1.png,Zoë x,w,test")
    lines = "\n".join(statistics(TrainConfig(data=str(folder))))
    assert "train: 11 rows by 11 writers; 3 different labels; letters a label 5 to 5" in lines
    assert "test: images 90 to 90, median 90 pixels wide, 30 to 30, median 30 high" in lines
    assert "8 letters" in lines
    assert "too rare in train to be learnt (fewer than 3): cx" in lines
    assert "Zoë" not in lines


def test_the_commands_print_what_was_found(tmp_path: Path) -> None:
    folder = _dataset(tmp_path)
    done = CliRunner().invoke(app, ["validate-dataset", str(folder)])
    assert (done.exit_code, "training can begin" in done.stdout) == (0, True)
    done = CliRunner().invoke(app, ["dataset-stats", str(folder), "--fold"])
    assert "'O':30" in done.stdout


@pytest.mark.parametrize("command", ["validate-dataset", "dataset-stats"])
def test_no_data_is_one_clear_line(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [command, str(tmp_path)])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
