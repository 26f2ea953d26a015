"""What the pages of this program share: a small server, and who may ask it."""

from hwr_edge.web.page import Page, is_loopback
from hwr_edge.web.server import Server

__all__ = ["Page", "Server", "is_loopback"]
