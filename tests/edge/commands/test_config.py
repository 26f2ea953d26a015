"""Options from a configuration file and from environment variables; -h; shell completion; `info` for people."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import cv2
import pytest

from commands import HWR_EDGE, environment, run
from fakes import draw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "abc.png"), draw("ABC"))
    return tmp_path


def ask(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command with environment variables, and without the user's own settings."""
    found = environment(HOME=str(folder), XDG_CONFIG_HOME=str(folder / "settings"), **variables)
    command = [*HWR_EDGE, *arguments]
    return subprocess.run(
        command, cwd=folder, env=found, capture_output=True, text=True, timeout=60, check=False
    )


def keys(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_a_file_gives_options_and_the_command_line_wins(folder: Path) -> None:
    (folder / "c.toml").write_text('[file]\nformat = "jsonl"\n[camera]\nformat = "text"\n')
    asked = ("--config", "c.toml", "file", "abc.png")
    assert "text" in keys(ask(folder, *asked))
    assert ask(folder, *asked, "--format", "text").stdout == "ABC\n"
    assert "text" in keys(ask(folder, "file", "abc.png", HWR_EDGE_CONFIG="c.toml"))


def test_the_settings_folder_is_looked_at_by_itself(folder: Path) -> None:
    settings = folder / "settings" / "hwr-edge"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text('[file]\nformat = "jsonl"\n')
    assert "text" in keys(ask(folder, "file", "abc.png"))


def test_a_settings_folder_that_cannot_be_looked_at_is_none(folder: Path) -> None:
    """As that of a service, from which systemd keeps its home. Here the name is too long, which root meets too."""
    found = environment(HOME=str(folder), XDG_CONFIG_HOME=f"/{'x' * 300}")
    command = [*HWR_EDGE, "file", "abc.png"]
    done = subprocess.run(
        command, cwd=folder, env=found, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("ABC\n", "")


def test_environment_variables_give_options_and_win_over_the_file(folder: Path) -> None:
    (folder / "c.toml").write_text('[file]\nformat = "csv"\n')
    done = ask(folder, "--config", "c.toml", "file", "abc.png", HWR_EDGE_FILE_FORMAT="jsonl")
    assert "text" in keys(done)
    wrong = ask(folder, "file", "abc.png", HWR_EDGE_FILE_FORMAT="word")
    assert (wrong.returncode, "word" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[file]\nformt = "csv"\n', "[file] has no option 'formt'; it has accept,"),
        ("file = 3\n", "[file] is not a table"),
        ("[file\n", "not valid TOML"),
        (".".join(["a"] * 9) + " = 1\n", "a key has more than 8 parts"),
        ('[file]\nimages = ["a.png"]\n', "has no option 'images'"),
    ],
)
def test_a_file_that_says_what_there_is_not_is_one_line(
    content: str, told: str, folder: Path
) -> None:
    (folder / "c.toml").write_text(content)
    done = ask(folder, "--config", "c.toml", "file", "abc.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hwr-edge: c.toml: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    done = ask(folder, "--config", "none.toml", "file", "abc.png")
    assert (done.returncode, "none.toml: cannot be read" in done.stderr) == (1, True)


def test_commands_below_a_command_have_their_own_table(folder: Path) -> None:
    (folder / "c.toml").write_text('[form.new]\nfields = "a,b"\n')
    done = ask(folder, "--config", "c.toml", "form", "new", "none.png")
    assert "none.png: cannot be read" in done.stderr
    (folder / "c.toml").write_text("[form.new]\nfild = 1\n")
    done = ask(folder, "--config", "c.toml", "form", "new", "none.png")
    assert "[form.new] has no option 'fild'" in done.stderr


@pytest.mark.parametrize("command", [(), ("file",), ("form", "new"), ("camera",)])
def test_h_is_help(command: tuple[str, ...], folder: Path) -> None:
    short = ask(folder, *command, "-h")
    assert (short.returncode, short.stderr) == (0, "")
    assert short.stdout == ask(folder, *command, "--help").stdout


def test_a_shell_completes_commands_and_options(folder: Path) -> None:
    def complete(words: str, place: int) -> list[str]:
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(place)}
        return ask(folder, _HWR_EDGE_COMPLETE="complete_bash", **asked).stdout.split()

    assert complete("hwr-edge fi", 1) == ["file"]
    assert complete("hwr-edge file --form", 2) == ["--form", "--form-pages", "--format"]
    assert "--install-completion" in ask(folder, "--help").stdout


def test_info_is_a_page_for_people() -> None:
    lines = run("info").stdout.splitlines()
    assert len(lines) <= 20
    assert any(line.startswith("Letters") and line.endswith("ABC") for line in lines)
    assert lines[-1].endswith("hwr-edge info --json")
