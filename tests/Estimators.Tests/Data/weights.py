#!/usr/bin/env python3
"""Weights as PyTorch writes them, for tests of src/Estimators/Import: eng/debian13 --python python3 tests/Estimators.Tests/Data/weights.py | tar x -C tests/Estimators.Tests/Data

weights.pt            state dictionary of a ratio estimator of one parameter and two data, with PyTorch's names of a Sequential
weights.safetensors   the same, by the library safetensors (python3-safetensors 0.5.2; without it, by hand in another order)
weights.csv           its log ratios
types.pt              float64, float16 and bfloat16 numbers that float32 holds, a transposed view, a view from the middle, a parameter, one number, none
counter.pt            what a BatchNorm adds: a number of type int64
checkpoint.pt         weights beside an epoch
"""
import io
import json
import struct
import sys
import tarfile

import torch
from torch import nn

torch.manual_seed(1)
torch.set_num_threads(1)


class Ratio(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("theta_mean", torch.tensor([0.25]))
        self.register_buffer("theta_inverse", torch.tensor([1.5]))
        self.register_buffer("x_mean", torch.tensor([-0.5, 2.0]))
        self.register_buffer("x_inverse", torch.tensor([0.5, 3.0]))
        self.net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1))

    def forward(self, theta, x):
        pair = torch.cat([(theta - self.theta_mean) * self.theta_inverse, (x - self.x_mean) * self.x_inverse], 1)
        return self.net(pair)


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def safetensors(tensors):
    try:
        import safetensors.torch
        return safetensors.torch.save(tensors, metadata={"format": "pt"})
    except ImportError:
        header, data = {"__metadata__": {"format": "pt"}}, b""
        for name, value in tensors.items():
            numbers = value.contiguous().flatten().tolist()
            begin = len(data)
            data += struct.pack(f"<{len(numbers)}f", *numbers)
            header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [begin, len(data)]}
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + data


network = Ratio()
theta, x = torch.randn(6, 1), torch.randn(6, 2)
with torch.no_grad():
    ratio = network(theta, x)
rows = ["theta_0,x_0,x_1,log_ratio"] + [",".join(repr(number) for number in row) for row in torch.cat([theta, x, ratio], 1).tolist()]
matrix = torch.arange(6, dtype=torch.float64).reshape(2, 3)
files = {
    "weights.pt": saved(network.state_dict()),
    "weights.safetensors": safetensors(network.state_dict()),
    "weights.csv": ("\n".join(rows) + "\n").encode(),
    "types.pt": saved({
        "double": matrix / 8,
        "half": (matrix / 8).half(),
        "bfloat16": (matrix / 8).bfloat16(),
        "transposed": matrix.float().t(),
        "middle": torch.arange(12.0).reshape(3, 4)[1:, 1:3],
        "parameter": nn.Parameter(torch.tensor([0.1, -2.5])),
        "number": torch.tensor(7.0),
        "none": torch.zeros(0, 3),
    }),
    "counter.pt": saved(nn.BatchNorm1d(2).state_dict()),
    "checkpoint.pt": saved({"epoch": 3, "model": network.state_dict()}),
}
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
    for name, content in files.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
