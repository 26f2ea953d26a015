"""The networks, their loss, and files of weights.

In: canvases uint8 (N, H, W, 1). Out: logits float32 (N, T, classes).
Public: `model.PRESETS`, `loss.CTCLoss`, `artifact.load_artifact`, `artifact.load_model`, `grow.grow`, `average.average`.
"""
