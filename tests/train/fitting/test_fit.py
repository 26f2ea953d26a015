"""Whole short runs: what they leave behind, resumed after a kill, on both backends."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from hwr_edge.errors import DataError, OutputError
from hwr_edge.line.charset import NAME_LETTERS
from hwr_train.config import TrainConfig
from hwr_train.files import held
from hwr_train.fitting.checkpoints import RunState
from hwr_train.fitting.fit import train
from hwr_train.fitting.prepare import prepare_data
from hwr_train.measuring.readings import predict, validation_loss
from hwr_train.network.artifact import load_artifact
from hwr_train.network.model import PRESETS, preset_named
from hwr_train.synthetic.draw import draw_dataset


def test_a_run_leaves_everything_about_it_in_its_folder(
    short_run: Path, short_config: TrainConfig
) -> None:
    made_with = replace(short_config, fold=True)  # said where it was left to the data
    assert TrainConfig.load(short_run / "config.json") == made_with
    log = list(csv.DictReader((short_run / "log.csv").open()))
    assert [float(row["epoch"]) for row in log] == [1, 2]
    assert set(log[0]) == {"epoch", "loss", "val_loss", "val_cer", "val_exact"}
    assert (short_run / "curve.png").read_bytes()[:4] == b"\x89PNG"
    figures = json.loads((short_run / "figures.json").read_text())
    readings = list(csv.DictReader((short_run / "readings.csv").open()))
    assert figures["names"] == len(readings) > 0
    assert figures["cer"] == pytest.approx(min(float(row["val_cer"]) for row in log), abs=1e-5)
    for split in ("train", "validation"):
        report = json.loads((short_run / f"cleaning-{split}.json").read_text())
        assert report["rows"] == report["kept"] + sum(report["counts"].values())
    assert [p.name for p in short_run.glob("last-*.keras")] == ["last-2.keras"]


def test_the_best_weights_come_with_their_charset_and_configuration(
    short_run: Path, short_config: TrainConfig
) -> None:
    artifact = load_artifact(short_run / "best.keras")
    assert (
        artifact.config
        == replace(short_config, fold=True)
        == load_artifact(short_run / "latest.keras").config
    )
    assert artifact.model.output_shape == (None, 64, artifact.charset.classes)


def test_the_latest_weights_are_those_of_the_last_epoch(
    short_run: Path, short_config: TrainConfig
) -> None:
    last = RunState.load(short_run).log[-1]
    validation = prepare_data(short_config, PRESETS["tiny"], short_run.parent / "cache").validation
    latest = load_artifact(short_run / "latest.keras")
    loss = validation_loss(predict(latest.model, validation), validation, latest.charset)
    assert loss == pytest.approx(last["val_loss"], rel=1e-4)


def test_going_on_with_a_finished_run_changes_nothing(
    short_run: Path, short_config: TrainConfig
) -> None:
    before = (short_run / "last-2.keras").read_bytes()
    train(short_config, short_run)
    assert (short_run / "last-2.keras").read_bytes() == before


def test_two_trainings_in_one_folder_are_refused(
    short_run: Path, short_config: TrainConfig
) -> None:
    with held(short_run), pytest.raises(OutputError, match="another training is running"):
        train(short_config, short_run)


def test_weights_of_other_letters_are_refused_before_anything_is_trained(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    letters = load_artifact(short_run / "best.keras").charset.letters
    other = replace(short_config, charset=letters[:-1] + "Ω", init=str(short_run / "best.keras"))
    with pytest.raises(DataError, match="this run's letters are"):
        train(other, tmp_path / "run")
    shutil.copytree(short_run, tmp_path / "again")
    with pytest.raises(DataError, match="this run's letters are"):
        train(replace(short_config, charset=other.charset, epochs=3), tmp_path / "again")


def test_other_letters_are_learnt_from_known_weights_where_that_is_asked_for(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    letters = load_artifact(short_run / "best.keras").charset.letters
    other = replace(
        short_config,
        charset=letters + "Ω",
        init=str(short_run / "best.keras"),
        new_letters=True,
        learning_rate=1e-9,
        epochs=1,
    )
    train(other, tmp_path / "run")
    before, after = (load_artifact(p / "best.keras") for p in (short_run, tmp_path / "run"))
    assert after.charset.letters == letters + "Ω"
    for layer in ("conv1", "logits"):
        (known, *_), (found, *_) = (a.model.get_layer(layer).get_weights() for a in (before, after))
        np.testing.assert_allclose(found[..., : known.shape[-1]], known, atol=1e-5)


def test_further_rows_in_a_known_folder_make_the_best_begin_anew(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    draw_dataset(tmp_path / "day 1", 4, seed=5)
    config = replace(short_config, epochs=3, extra=(str(tmp_path / "day 1"),), learning_rate=1e-9)
    train(config, tmp_path / "run")
    assert RunState.load(tmp_path / "run").best_epoch == 3
    train(replace(config, epochs=4), tmp_path / "run")
    state = RunState.load(tmp_path / "run")
    state.best = 0.0  # nothing is better
    state.save(tmp_path / "run")
    table = tmp_path / "day 1" / "written_name_train_v2.csv"
    rows = table.read_text()
    table.write_text(rows + "TRAIN_00000.jpg,AGAIN\n")  # which is left out
    train(replace(config, epochs=5), tmp_path / "run")
    assert RunState.load(tmp_path / "run").best_epoch == state.best_epoch
    label = rows.splitlines()[1].partition(",")[2]
    table.write_text(rows.replace(label, "LEA", 1))
    train(replace(config, epochs=6), tmp_path / "run")
    assert RunState.load(tmp_path / "run").best_epoch == 6


def test_an_epoch_of_one_narrow_batch_can_be_trained(
    short_config: TrainConfig, tmp_path: Path
) -> None:
    config = replace(short_config, limit=4, made=0, batch=64, epochs=1, charset=NAME_LETTERS)
    train(config, tmp_path / "run")
    assert RunState.load(tmp_path / "run").epoch == 1


def test_a_loss_that_is_no_number_ends_the_run(short_config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="lower --learning-rate"):
        train(replace(short_config, learning_rate=1e30), tmp_path / "run")


def test_a_run_stopped_while_its_first_epoch_was_saved_begins_anew(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    (tmp_path / "run" / "state.json").unlink()
    with pytest.raises(DataError, match="cannot continue"):  # there were later epochs
        train(short_config, tmp_path / "run")
    (tmp_path / "run" / "last-2.keras").rename(tmp_path / "run" / "last-1.keras")
    train(replace(short_config, epochs=1), tmp_path / "run")
    assert RunState.load(tmp_path / "run").epoch == 1


def test_a_log_that_a_kill_left_behind_its_state_is_written_again(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    log = tmp_path / "run" / "log.csv"
    whole = log.read_text()
    log.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    train(short_config, tmp_path / "run")
    assert log.read_text() == whole


def test_a_run_that_stopped_early_is_not_told_to_go_on(
    short_run: Path,
    short_config: TrainConfig,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    state = RunState.load(tmp_path / "run")
    state.best_epoch = state.epoch - preset_named("tiny").patience
    state.save(tmp_path / "run")
    train(replace(short_config, epochs=50), tmp_path / "run")
    said = capsys.readouterr().out
    assert "no better for 6" in said
    assert "EPOCHS=" not in said


def test_a_run_stops_after_so_many_epochs_without_a_better_one() -> None:
    preset = preset_named("tiny")
    assert RunState(epoch=10, best_epoch=10 - preset.patience).out_of_patience(preset)
    assert not RunState(epoch=10, best_epoch=11 - preset.patience).out_of_patience(preset)


def test_a_damaged_state_is_one_clear_error(tmp_path: Path, short_config: TrainConfig) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(DataError, match="remove the folder to start anew"):
        train(short_config, tmp_path)


def _command(config: TrainConfig, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    config.save(folder / "config.json")
    return [sys.executable, "-m", "hwr_train", "train", "--resume", str(folder)]


def _stop_after_an_epoch(
    command: list[str], folder: Path, how: signal.Signals
) -> subprocess.CompletedProcess[str]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 300
        while not (folder / "state.json").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    return subprocess.CompletedProcess(command, process.returncode, "", said)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    config = TrainConfig(preset="tiny", epochs=500, batch=16, made=32, workers=1)
    folder = tmp_path / "run"
    done = _stop_after_an_epoch(_command(config, folder), folder, signal.SIGINT)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == f"interrupted; go on with RESUME={folder}"
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("*draft*"))


def test_a_damaged_checkpoint_is_one_clear_error(
    short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    checkpoint = tmp_path / "run" / "last-2.keras"
    whole = checkpoint.read_bytes()
    config = replace(short_config, epochs=3)
    for damaged in (whole[:1000], whole[:5000] + b"\0" * 200 + whole[5200:]):
        checkpoint.write_bytes(damaged)
        with pytest.raises(DataError, match=r"last-2\.keras"):
            train(config, tmp_path / "run")


def test_a_run_killed_and_resumed_ends_like_an_uninterrupted_one(
    tmp_path: Path, short_config: TrainConfig
) -> None:
    config = replace(short_config, epochs=4)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    _stop_after_an_epoch(_command(config, killed), killed, signal.SIGKILL)
    reached = json.loads((killed / "state.json").read_text())["epoch"]
    assert 1 <= reached < 4
    train(config, killed)
    train(config, whole)
    ends = [keras.models.load_model(f / "last-4.keras", compile=False) for f in (killed, whole)]
    for resumed, straight in zip(*(m.get_weights() for m in ends), strict=True):
        # Sums over threads come in any order: the last digits may differ.
        np.testing.assert_allclose(resumed, straight, rtol=1e-3, atol=1e-4)
    logs = [json.loads((f / "state.json").read_text())["log"] for f in (killed, whole)]
    for a, b in zip(*logs, strict=True):
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-4)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_training_lowers_the_loss_on_either_backend(backend: str, tmp_path: Path) -> None:
    config = TrainConfig(preset="tiny", epochs=3, batch=16, made=96, workers=1)
    done = subprocess.run(
        _command(config, tmp_path / "run"),
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    log = json.loads((tmp_path / "run" / "state.json").read_text())["log"]
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]
    assert "No DATA was given" in done.stdout


def test_a_run_that_is_stopped_at_once_still_knows_that_it_was_given_more(
    short_run: Path, short_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(short_run, tmp_path / "run")
    draw_dataset(tmp_path / "more", 8, seed=5)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", stop)
    with pytest.raises(KeyboardInterrupt):
        train(replace(short_config, epochs=4, extra=(str(tmp_path / "more"),)), tmp_path / "run")
    state = RunState.load(tmp_path / "run")
    assert (state.epoch, state.best, state.best_epoch) == (2, np.inf, 2)


@pytest.mark.parametrize(("file", "head"), [("best.keras", False), ("last-2.keras", True)])
def test_weights_without_the_second_head_are_trained_without_it(
    file: str, head: bool, short_run: Path, short_config: TrainConfig, tmp_path: Path
) -> None:
    config = replace(short_config, init=str(short_run / file), learning_rate=1e-9)
    train(replace(config, epochs=1), tmp_path / "run")
    train(replace(config, epochs=2), tmp_path / "run")
    layers = [layer.name for layer in keras.models.load_model(tmp_path / "run/last-2.keras").layers]
    assert ("shortcut" in layers) == head
    before = RunState.load(short_run).log[-1]["loss"]
    first = RunState.load(tmp_path / "run").log[0]["loss"]
    assert first < 1.5 * before  # nothing fresh in it
