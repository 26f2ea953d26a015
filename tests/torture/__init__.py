"""What kills, full disks and other commands at once cost: `make torture`; and hours of work: `make soak`."""
