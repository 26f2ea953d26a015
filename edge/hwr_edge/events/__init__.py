"""Names for other programs: queued on the disk, given by MQTT or HTTP once the other side is there."""
