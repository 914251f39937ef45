#!/usr/bin/env python3
"""Weights of a CouplingFlow of three parameters and two data, through PyTorch and back: safetensors on standard input, a tar archive on standard output.

pairs.csv             theta, x and ln q(theta | x) by torch, with the weights that were read
weights.pt            torch.save(module.state_dict())
weights.safetensors   the same by the library safetensors
"""
import io
import json
import math
import struct
import sys
import tarfile

import safetensors.torch
import torch
from torch import nn

PARAMETERS, FIRST = 3, 1


def by_hand(content):
    """The published format: the header's length, least byte first, in 8 bytes; a header in JSON; the numbers."""
    (length,) = struct.unpack("<Q", content[:8])
    header, data, tensors = json.loads(content[8:8 + length]), content[8 + length:], {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            assert entry["dtype"] == "F32" and end - begin == 4 * math.prod(entry["shape"]), entry
            tensors[name] = torch.tensor(struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])).reshape(entry["shape"])
    return tensors


class Part(nn.Module):
    """Tensors under the names that they have in the file: parameters where they are trained."""

    def __init__(self, tensors, trained):
        super().__init__()
        for name, value in tensors.items():
            self.register_parameter(name, nn.Parameter(torch.zeros_like(value))) if trained else self.register_buffer(name, torch.zeros_like(value))


class Standardization(Part):
    def forward(self, value):
        return (value - self.mean) * self.inverseScale


class Perceptron(Part):
    def forward(self, h):
        for i in range(len(list(self.parameters())) // 2):
            h = nn.functional.linear(torch.tanh(h) if i else h, getattr(self, f"weight_{i}"), getattr(self, f"bias_{i}"))
        return h


class Flow(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        for part in dict.fromkeys(name.split(".")[0] for name in tensors):
            own = {name.split(".")[1]: value for name, value in tensors.items() if name.startswith(part + ".")}
            self.add_module(part, Perceptron(own, True) if part.startswith("layer_") else Standardization(own, False))

    def forward(self, theta, x):
        u, data = self.ofTheta(theta), self.ofX(x)
        parts, total = [u[:, :FIRST], u[:, FIRST:]], self.ofTheta.inverseScale.log().sum()
        for k in range(sum(name.startswith("layer_") for name, _ in self.named_children())):
            moved = (k + 1) % 2
            shift, raw = getattr(self, f"layer_{k}")(torch.cat([parts[1 - moved], data], 1)).chunk(2, 1)
            scale = 2 * torch.tanh(raw / 2)
            parts[moved] = (parts[moved] - shift) * torch.exp(-scale)
            total = total - scale.sum(1)
        return total + torch.distributions.Normal(0.0, 1.0).log_prob(torch.cat(parts, 1)).sum(1)


content = sys.stdin.buffer.read()
tensors = safetensors.torch.load(content)
other = by_hand(content)
assert tensors.keys() == other.keys() and all(torch.equal(tensors[name], other[name]) for name in tensors)
flow = Flow(tensors)
flow.load_state_dict(tensors)
torch.manual_seed(1)
theta, x = torch.randn(20, PARAMETERS), torch.randn(20, 2)
with torch.no_grad():
    rows = torch.cat([theta, x, flow(theta, x)[:, None]], 1).tolist()
weights = io.BytesIO()
torch.save(flow.state_dict(), weights)
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
    for name, value in {
        "pairs.csv": "theta_0,theta_1,theta_2,x_0,x_1,log_density\n".encode() + "".join(",".join(repr(number) for number in row) + "\n" for row in rows).encode(),
        "weights.pt": weights.getvalue(),
        "weights.safetensors": safetensors.torch.save(flow.state_dict()),
    }.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(value)
        archive.addfile(entry, io.BytesIO(value))
