"""Home Assistant finds the camera by itself: a sensor with the last name as its state.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

import json
from typing import NamedTuple

from hwr_edge import __version__

ONLINE, OFFLINE = "online", "offline"
_STATE = "{{ (value_json.match or value_json.text)[:255] }}"  # a state has 255 characters at most


class Sensor(NamedTuple):
    """The sensor of a topic; `id` is the client's, the same at each start."""

    id: str
    topic: str

    @property
    def config_topic(self) -> str:
        """Where Home Assistant looks for it."""
        return f"homeassistant/sensor/{self.id}/config"

    @property
    def availability(self) -> str:
        """The topic that says whether the camera runs."""
        return f"{self.topic}/availability"

    def config(self) -> str:
        """What Home Assistant is to know, as JSON."""
        device = {
            "identifiers": [self.id],
            "name": "Handwritten names",
            "manufacturer": "hwr-edge",
            "sw_version": __version__,
        }
        return json.dumps(
            {
                "unique_id": self.id,
                "name": "Last name",
                "icon": "mdi:card-account-details-outline",
                "state_topic": self.topic,
                "value_template": _STATE,
                "json_attributes_topic": self.topic,
                "availability_topic": self.availability,
                "device": device,
            }
        )
