"""Films of cards in front of a camera, as somebody without a tripod takes them.

Other code than `clips`: cards have a pose in space, a shutter that stays open, a lens, hands that hold
them, and a room behind them. Two families of rooms, papers and movements: one to tune on, one to report on.
"""
