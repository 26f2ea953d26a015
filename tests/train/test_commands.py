"""The commands of the training side, as a user types them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from hwr_edge.line.name_model import NameModel
from hwr_train.commands.run_folder import new_run_folder
from hwr_train.config import TrainConfig
from hwr_train.network.artifact import load_artifact


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hwr_train", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--data", "nowhere", "--runs", "{tmp}"], "cannot be read"),
        (["train", "--preset", "huge", "--runs", "{tmp}"], "no preset 'huge'"),
        (["train", "--resume", "{tmp}/nothing"], "not the configuration of a run"),
        (["train", "--strokes", "{tmp}/nothing.gz", "--runs", "{tmp}"], "pen strokes"),
        (["train", "--cut-by", "{tmp}/a.keras", "--runs", "{tmp}"], "no effect without --cut"),
        (["train", "--fonts", "{tmp}/none", "--runs", "{tmp}"], "no usable font"),
        (["train", "--charset", "AAB", "--runs", "{tmp}"], "stand twice"),
        (["train", "--init", "{tmp}/none.keras", "--runs", "{tmp}"], "no such file"),
        (["train", "--cut", "8", "--runs", "{tmp}"], "--cut needs --data"),
        (["preview", "--data", "nowhere", "--runs", "{tmp}"], "cannot be read"),
        (["name-model", "{tmp}/none.csv"], "cannot be read as a UTF-8 list"),
        (["name-model", "./none.csv"], "./none.csv: cannot be read"),
        (["evaluate", "--data", "./nowhere"], "./nowhere: cannot be read"),
        (["train", "--init", "./none.keras", "--runs", "{tmp}"], "./none.keras: no such file"),
        (["name-model", "{tmp}/none.csv", "--letters", "AAB"], "stand twice"),
        (["evaluate", "--data", "nowhere", "--name-model", "n.npz"], "is for --decoder beam"),
        (["evaluate", "--data", "nowhere"], "cannot be read"),
        (["evaluate", "--data", "nowhere", "--log", "none.csv"], "none.csv: not the log of a run"),
        (["evaluate", "--data", "nowhere", "--split", "exam"], "written_name_exam_v2.csv"),
        (["evaluate", "--data", "nowhere", "--output", "/dev/null/x"], "cannot be written"),
        (["train", "--runs", "/dev/null/x", "--made", "16"], "cannot be written"),
        (["draw", "{tmp}/x", "ΛΕΑ"], "cannot be drawn"),
        (["draw", "/dev/null/x", "LEA"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_1(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = _run(*[a.replace("{tmp}", str(tmp_path)) for a in arguments])
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert message in lines[0]
    assert "Traceback" not in done.stderr


def test_a_resumed_run_keeps_its_configuration(short_run: Path) -> None:
    done = _run("train", "--resume", str(short_run), "--seed", "3")
    assert done.returncode == 1
    assert "leave out --seed" in done.stderr


def test_drawn_data_is_never_written_over_other_data(tmp_path: Path) -> None:
    table = tmp_path / "written_name_test_v2.csv"
    table.write_text("FILENAME,IDENTITY\na.jpg,LEA\n")
    done = _run("draw", str(tmp_path), "--data", "--count", "2")
    assert (done.returncode, "already exists" in done.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == [table.name]


def test_further_corrections_are_learnt_by_the_same_command(
    short_run: Path, tmp_path: Path
) -> None:
    from hwr_train.synthetic.draw import draw_dataset

    shutil.copytree(short_run, tmp_path / "run")
    draw_dataset(tmp_path / "mine", 4, seed=5)
    command = ("train", "--resume", str(tmp_path / "run"), "--extra", str(tmp_path / "mine"))
    table = tmp_path / "mine" / "written_name_train_v2.csv"
    rows = table.read_text()
    for epochs in (6, 10):
        assert _run(*command).returncode == 0
        table.write_text(rows.replace(rows.splitlines()[1].partition(",")[2], "LEA", 1))
        assert json.loads((tmp_path / "run" / "state.json").read_text())["epoch"] == epochs
    again = _run(*command[:3])
    assert "already at epoch 10 of 10" in again.stdout


def test_two_runs_of_one_moment_have_a_folder_each(tmp_path: Path) -> None:
    folders = {new_run_folder(tmp_path, "tiny") for _ in range(3)}
    assert len(folders) == 3
    assert all(folder.is_dir() for folder in folders)


def test_names_are_drawn_as_images_called_by_them(tmp_path: Path) -> None:
    done = _run("draw", str(tmp_path), "LEA", "DI PASQUALE")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["di_pasquale.png", "lea.png"]
    image = cv2.imread(str(tmp_path / "lea.png"))
    assert image is not None
    assert image.min() < 100


def test_a_run_starts_from_the_weights_it_is_given(short_run: Path, tmp_path: Path) -> None:
    base = ("train", "--preset", "tiny", "--epochs", "1", "--made", "32", "--batch", "16")
    weights = ("--init", str(short_run / "best.keras"), "--learning-rate", "1e-9")
    letters = json.loads((short_run / "best.json").read_text())["charset"]
    done = _run(*base, *weights, "--charset", letters, "--runs", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("*-tiny")
    pairs = zip(
        *(load_artifact(f / "best.keras").model.get_weights() for f in (folder, short_run)),
        strict=True,
    )
    # All but the statistics of batch norm, which each batch moves, are where they began.
    same = [np.allclose(ours, given, atol=1e-4) for ours, given in pairs]
    assert sum(same) >= 0.6 * len(same)
    other = _run(*base, *weights, "--charset", "AELMN", "--runs", str(tmp_path / "other"))
    assert other.returncode == 1
    assert "this run's letters are 'AELMN'" in other.stderr
    assert not list((tmp_path / "other").glob("*-tiny"))


def test_a_preview_shows_a_column_for_each_kind_of_names(
    tmp_path: Path, short_config: TrainConfig
) -> None:
    data = ("--data", str(short_config.data))
    done = _run("preview", *data, "--rows", "3", "--runs", str(tmp_path))
    assert done.returncode == 0, done.stderr
    image = cv2.imread(str(tmp_path / "preview.png"), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert image.shape == (3 * 52, 2 * 388)


def test_a_name_model_is_made_of_lists_with_shares(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("NAME,COUNT\nMAEVA,50\nLéa,40\nTOM,-3\nΛΕΑ,9\n")
    (tmp_path / "b=2.csv").write_text("NAME,COUNT\nPAUL,50\n")
    out = tmp_path / "n.npz"
    lists = (f"{tmp_path / 'a.csv'}=0.9", f"{tmp_path / 'b=2.csv'}=0.1")
    done = _run("name-model", *lists, "--output", str(out))
    assert done.returncode == 0, done.stderr
    assert "contexts" in done.stdout
    assert "a.csv: 2 names; rows left out: 1 no count, 1 other letters" in done.stdout
    model = NameModel.load(out)
    assert model.log_prob("LEA") > model.log_prob("PAUL") > model.log_prob("LAE")
