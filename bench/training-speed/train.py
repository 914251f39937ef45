#!/usr/bin/env python3
"""The networks of bench/TrainingSpeed.cs trained by PyTorch as one would write it there: train.py NETWORK THREADS EPOCHS WARM.

NETWORK is gaussian or coupling-flow, of sbibm's gaussian_linear (ten parameters). Sizes, batches, AdamW, schedule, clipping, averaging and validation are those of the PosteriorTraining that the other side runs.
Prints one line of JSON: steps per second after WARM epochs, loss of the last validation, number of weights, versions.
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

D = 10


def perceptron(sizes, function):
    layers = [nn.Linear(sizes[0], sizes[1])]
    for width, following in zip(sizes[1:], sizes[2:]):
        layers += [function(), nn.Linear(width, following)]
    return nn.Sequential(*layers)


class Standardization(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.register_buffer("mean", table.mean(0))
        self.register_buffer("scale", table.std(0))

    def forward(self, value):
        return (value - self.mean) / self.scale


class Gaussian(nn.Module):
    """N(mu, L L^T), L triangular with a softplus diagonal."""

    def __init__(self, theta, x):
        super().__init__()
        self.of_theta, self.of_x = Standardization(theta), Standardization(x)
        lower = D * (D - 1) // 2
        # One unused logit: the other side's head is a mixture of one component.
        self.sizes = (1, D, D, lower)
        self.body = perceptron([D, 50, 50, sum(self.sizes)], nn.ReLU)
        self.rows, self.columns = torch.tril_indices(D, D, -1)

    def loss(self, theta, x):
        _, mean, diagonal, lower = self.body(self.of_x(x)).split(self.sizes, 1)
        root = torch.diag_embed(nn.functional.softplus(diagonal))
        root[:, self.rows, self.columns] = lower
        posterior = torch.distributions.MultivariateNormal(mean, scale_tril=root, validate_args=False)
        return -posterior.log_prob(self.of_theta(theta)).mean() + self.of_theta.scale.log().sum()


class CouplingFlow(nn.Module):
    """Affine couplings of two halves in turn, each by a perceptron of the other half and x."""

    def __init__(self, theta, x):
        super().__init__()
        self.of_theta, self.of_x = Standardization(theta), Standardization(x)
        self.layers = nn.ModuleList(perceptron([D // 2 + D, 32, 32, D], nn.Tanh) for _ in range(4))
        self.base = torch.distributions.Normal(0.0, 1.0, validate_args=False)

    def loss(self, theta, x):
        read, moved = self.of_theta(theta).chunk(2, 1)
        data = self.of_x(x)
        volume = 0
        for layer in self.layers:
            shift, raw = layer(torch.cat([read, data], 1)).chunk(2, 1)
            scale = 2 * torch.tanh(raw / 2)
            moved = (moved - shift) * torch.exp(-scale)
            volume = volume + scale.sum(1)
            read, moved = moved, read
        density = self.base.log_prob(torch.cat([read, moved], 1)).sum(1) - volume
        return -density.mean() + self.of_theta.scale.log().sum()


SETTINGS = {
    "gaussian": dict(make=Gaussian, simulations=10_000, batch=128, rate=2e-3, decay=1e-2, clip=5.0, averaging=0.0),
    "coupling-flow": dict(make=CouplingFlow, simulations=80_000, batch=512, rate=5e-3, decay=1e-2, clip=100.0, averaging=0.998),
}


def train(name, epochs, warm):
    settings = SETTINGS[name]
    theta = torch.randn(settings["simulations"], D) * math.sqrt(0.1)
    x = theta + torch.randn_like(theta) * math.sqrt(0.1)
    rows = len(theta) - len(theta) // 10
    held_theta, held_x, theta, x = theta[rows:], x[rows:], theta[:rows], x[:rows]
    network = settings["make"](theta, x)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings["averaging"])) if settings["averaging"] else None
    matrices, biases = [[p for p in network.parameters() if (p.dim() > 1) == matrix] for matrix in (True, False)]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": settings["decay"]}, {"params": biases, "weight_decay": 0.0}], lr=settings["rate"])
    batches = rows // settings["batch"]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / (batches * epochs))))
    for epoch in range(epochs):
        if epoch == warm:
            start = time.perf_counter()
        total = 0.0
        for chosen in torch.randperm(rows)[:batches * settings["batch"]].split(settings["batch"]):
            optimizer.zero_grad()
            loss = network.loss(theta[chosen], x[chosen])
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), settings["clip"])
            optimizer.step()
            schedule.step()
            if average:
                average.update_parameters(network)
            total += loss.item()
        with torch.no_grad():
            validation = (average.module if average else network).loss(held_theta, held_x).item()
    seconds = time.perf_counter() - start
    return dict(steps=(epochs - warm) * batches / seconds, loss=validation, weights=sum(p.numel() for p in network.parameters()))


def blas():
    with open("/proc/self/maps") as maps:
        return next((line.split("/")[-1].strip() for line in maps if "openblas" in line or "libmkl" in line), "reference BLAS")


if __name__ == "__main__":
    torch.manual_seed(1)
    torch.set_num_threads(int(sys.argv[2]))
    result = train(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))
    print(json.dumps(result | {"system": f"torch {torch.__version__}, {blas()}"}))
