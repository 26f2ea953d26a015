"""Pages with known lines in, a small network out that tells handwriting from print.

In: images of forms with the kind of each line; handwriting. Out: windows uint8 (N, 32, W), weights, how many are classified rightly.
Public: `windows.of_folder`, `collect.gathered`, `fit.train`, `network.build`.
"""
