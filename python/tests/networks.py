"""Networks with the structure of sbi's, random weights; sbi is not needed."""

import torch
from torch import nn


class MultivariateGaussianMDN(nn.Module):
    def __init__(self, features, context, hidden, components):
        super().__init__()
        self._features, self._num_components = features, components
        self._hidden_net = nn.Sequential(nn.Linear(context, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self._logits_layer = nn.Linear(hidden, components)
        self._means_layer = nn.Linear(hidden, components * features)
        self._unconstrained_diagonal_layer = nn.Linear(hidden, components * features)
        self._upper_layer = nn.Linear(hidden, components * features * (features - 1) // 2) if features > 1 else None
        self._row_ix, self._column_ix = torch.triu_indices(features, features, offset=1).numpy() if features > 1 else ([], [])


class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        return (x - self.mean) / self.std


class MixtureEstimator(nn.Module):
    """What NPE(density_estimator="mdn").train() returns, as far as the export reads it, with its log density written independently."""

    def __init__(self, features, context, components=3, hidden=20):
        super().__init__()
        self.embedding_net = Standardize(torch.randn(context), 0.5 + torch.rand(context))
        self.net = MultivariateGaussianMDN(features, context, hidden, components)
        self.register_buffer("_transform_shift", torch.randn(1, features))
        self.register_buffer("_transform_scale", 0.5 + torch.rand(1, features))

    def log_prob(self, theta, x):
        """In standardized units z, precision U^T U; then the change of variables."""
        net, hidden = self.net, self.net._hidden_net(self.embedding_net(x))
        d, k = net._features, net._num_components
        z = (theta - self._transform_shift) / self._transform_scale
        root = torch.diag_embed(nn.functional.softplus(net._unconstrained_diagonal_layer(hidden)).reshape(-1, k, d))
        if d > 1:
            root[..., net._row_ix, net._column_ix] = net._upper_layer(hidden).reshape(-1, k, d * (d - 1) // 2)
        means = net._means_layer(hidden).reshape(-1, k, d)
        normal = torch.distributions.MultivariateNormal(means, precision_matrix=root.transpose(-1, -2) @ root)
        logs = torch.log_softmax(net._logits_layer(hidden), -1) + normal.log_prob(z.unsqueeze(1))
        return torch.logsumexp(logs, -1) - torch.log(self._transform_scale).sum()


class MaskedLinear(nn.Linear):
    def __init__(self, inputs, outputs, mask):
        super().__init__(inputs, outputs)
        self.register_buffer("mask", mask)

    def forward(self, x):
        return nn.functional.linear(x, self.weight * self.mask, self.bias)


class AutoregressiveFlow(nn.Module):
    """A masked autoregressive flow of two transforms with sbi's calling convention: log_prob(input [1, batch, d], condition [batch, n]) -> [1, batch]."""

    def __init__(self, features, context, hidden=16):
        super().__init__()
        degrees = torch.arange(hidden) % max(1, features - 1)
        into = (degrees[:, None] >= torch.arange(features)[None, :]).float()
        out = (torch.arange(features)[:, None] > degrees[None, :]).float().repeat(2, 1)
        self.layers = nn.ModuleList(nn.ModuleList([MaskedLinear(features, hidden, into), nn.Linear(context, hidden), MaskedLinear(hidden, 2 * features, out)]) for _ in range(2))

    def log_prob(self, input, condition):
        z, log = input[0], 0.0
        for first, along, last in self.layers:
            shift, scale = last(torch.tanh(first(z) + along(condition))).chunk(2, dim=-1)
            z = (z - shift) * torch.exp(-0.3 * torch.tanh(scale))
            log = log - 0.3 * torch.tanh(scale).sum(-1)
            z = z.flip(-1)
        return (log - 0.5 * (z * z).sum(-1) - 0.9189385332046727 * z.shape[-1]).unsqueeze(0)


class Classifier(nn.Module):
    """A ratio estimator with sbi's calling convention: (theta, x) -> logit [batch]."""

    def __init__(self, features, context, hidden=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features + context, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, theta, x):
        return self.net(torch.cat([theta, x], -1)).squeeze(-1)
