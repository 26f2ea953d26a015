from __future__ import annotations

import pytest

from hwr_edge.errors import DataError
from hwr_edge.events.destination import mqtt_of, webhook_of


def test_a_topic_is_taken_apart_with_its_usual_port() -> None:
    found = mqtt_of("mqtts://ann@broker/school/5b")
    assert (found.tls, found.host, found.port, found.path, found.user) == (
        True, "broker", 8883, "school/5b", "ann",
    )  # fmt: skip
    assert mqtt_of("mqtt://[::1]:99/names").port == 99


def test_an_address_keeps_its_query() -> None:
    found = webhook_of("https://host/in?x=1")
    assert (found.tls, found.port, found.path) == (True, 443, "/in?x=1")


@pytest.mark.parametrize(
    "url",
    ["mqtt://host", "mqtt://host/", "http://host/a", "mqtt://host/a/#", "mqtt://host/a+", "mqtt:///a",
     "mqtt://host:99999/a", "mqtt://host:x/a", "names"],
)  # fmt: skip
def test_what_names_no_topic_is_refused(url: str) -> None:
    with pytest.raises(DataError, match="--mqtt: "):
        mqtt_of(url)


@pytest.mark.parametrize(
    "url", ["ftp://host/", "https://", "https://host/ä", "https://host/a b", "x"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(DataError, match="--webhook: "):
        webhook_of(url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    for found in (mqtt_of, webhook_of):
        scheme = "mqtt" if found is mqtt_of else "https"
        with pytest.raises(DataError, match="no password in the address") as error:
            found(f"{scheme}://ann:s3cret@host/names")
        assert "s3cret" not in str(error.value)


def test_messages_name_neither_topic_nor_path() -> None:
    assert webhook_of("https://host/secret").shown == "webhook host:443"
