"""Options of the commands that give names to other programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.errors import DataError

if TYPE_CHECKING:
    from hwr_edge.events.events import Events, Receivers

_LONGEST = 1000  # characters of a password's file

MqttTo = Annotated[
    list[str] | None,
    typer.Option(
        "--mqtt",
        metavar="URL",
        help="Send each name to this topic: mqtt[s]://[USER@]HOST[:PORT]/TOPIC. Repeat it for more.",
    ),
]
WebhookTo = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook",
        metavar="URL",
        help="Send each name to this address by POST. Repeat it for more.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--mqtt-password-file",
        readable=False,
        metavar="FILE",
        help="Password of the broker's user. Default: HWR_EDGE_MQTT_PASSWORD.",
    ),
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        readable=False,
        metavar="FILE",
        help="Trust these certificates (PEM) for --mqtt and --webhook, instead of the system's.",
    ),
]
EventsFolder = Annotated[
    Path | None,
    typer.Option(
        "--events-folder",
        metavar="DIR",
        help="Folder for names that wait for a receiver. Default: hwr-edge's own.",
    ),
]


def receivers_of(
    mqtt: Sequence[str] | None,
    webhook: Sequence[str] | None,
    password_file: Path | None,
    ca: Path | None,
    folder: Path | None,
    home_assistant: bool = False,
) -> Receivers | None:
    """What the options say; None where no name is to be sent.

    Raises:
        typer.BadParameter: they do not go together.
        DataError: an address is wrong, or the password cannot be read.
    """
    if home_assistant and not mqtt:
        raise typer.BadParameter("--home-assistant needs --mqtt")
    if not (mqtt or webhook):
        return None
    from hwr_edge.events.destination import mqtt_of, webhook_of
    from hwr_edge.events.events import Receivers

    found = [*map(mqtt_of, mqtt or ()), *map(webhook_of, webhook or ())]
    password = _password(password_file) if mqtt else None
    return Receivers(tuple(dict.fromkeys(found)), folder, password, ca, home_assistant)


def sending(
    to: Receivers | None, tell: Callable[[str], None], seconds: float
) -> AbstractContextManager[Events | None]:
    """The open receivers, or nothing."""
    if to is None:
        return nullcontext()
    from hwr_edge.events.events import Events

    return Events(to, tell, seconds)


def _password(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get("HWR_EDGE_MQTT_PASSWORD")
    try:
        found = file.read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a text"
        raise DataError(f"--mqtt-password-file {file}: cannot be read ({why})") from error
    if not found or len(found) > _LONGEST or "\n" in found:
        raise DataError(f"--mqtt-password-file {file}: must hold the password on one line")
    return found
