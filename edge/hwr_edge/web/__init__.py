"""The web server that the review, desk and camera pages share, and who may ask it.

In: requests with a token, from this machine or the network. Out: a page's files and what its routes answer.
Public: `page.Page`, `page.is_loopback`, `server.Server`.
"""

from hwr_edge.web.page import Page, is_loopback
from hwr_edge.web.server import Server

__all__ = ["Page", "Server", "is_loopback"]
