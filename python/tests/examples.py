"""Writes a tar archive to standard output: a folder for each kind of estimator, as a user would export it."""

import io
import sys
import tarfile
import tempfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
from guarantees_export import export_flow, export_mdn, export_ratio  # noqa: E402
from networks import AutoregressiveFlow, Classifier, MixtureEstimator  # noqa: E402

torch.manual_seed(2)
theta, x, simulated = 0.3 * torch.randn(2, 2), torch.randn(2, 3), torch.randn(200, 3)
with tempfile.TemporaryDirectory() as folder:
    export_mdn(MixtureEstimator(2, 3), x, f"{folder}/mixture", simulated=simulated)
    export_flow(AutoregressiveFlow(2, 3), theta, x, f"{folder}/flow", ([-1, -1], [1, 1]), simulated=simulated)
    export_ratio(Classifier(2, 3), theta, x, f"{folder}/ratio", ([-1, -1], [1, 1]), simulated=simulated)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(folder, arcname=".")
    sys.stdout.buffer.write(buffer.getvalue())
