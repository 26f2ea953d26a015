"""A small network that tells handwriting from print: its windows, training and measuring."""
