"""Names read from a camera: lay a form down, get the name.

frames.py says what a source of frames is; recorded.py, live.py with opencv.py and pi.py are the
sources, and pick.py chooses one. watch.py is the loop, without I/O: stillness.py and quality.py are
its gates, vote.py agrees on a name, papers.py remembers which were said. log.py, hook.py, crops and
the live view (server.py) are told of each name by command.py, which runs it all.
"""
