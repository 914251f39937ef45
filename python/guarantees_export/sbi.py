"""Estimators of the sbi library: mixture density networks, flows, ratio estimators. sbi itself is not imported."""

import torch
from torch import nn

from .export import export_log_density, export_module


class MixtureHead(nn.Module):
    """x -> logits [K], means [K, D], and U of each precision U^T U: its positive diagonal [K, D] and strict upper triangle [K, D(D-1)/2], row by row; theta in its own units.

    estimator: what ``NPE(density_estimator="mdn").train()`` returns (sbi 0.23 to 0.27). sbi adds 1e-4 to the diagonal of each precision when it samples or evaluates; the exported outputs do not.
    """

    def __init__(self, estimator):
        super().__init__()
        missing = [name for name in ("_hidden_net", "_logits_layer", "_means_layer", "_unconstrained_diagonal_layer", "_num_components", "_features") if not hasattr(getattr(estimator, "net", None), name)]
        if missing:
            raise ValueError(f"this is no mixture density network of sbi: estimator.net has no {', '.join(missing)}")
        self.embedding = getattr(estimator, "embedding_net", None) or nn.Identity()
        self.net = estimator.net
        self.components, self.features = self.net._num_components, self.net._features
        buffers = dict(estimator.named_buffers())
        self.register_buffer("shift", buffers.get("_transform_shift", torch.zeros(self.features)).reshape(-1).clone())
        self.register_buffer("columns", torch.as_tensor(self.net._column_ix, dtype=torch.long).clone())
        self.register_buffer("scale", buffers.get("_transform_scale", torch.ones(self.features)).reshape(-1).clone())

    @property
    def output_names(self):
        return ["logits", "means", "precision_diagonal", "precision_upper"][: 4 if self.net._upper_layer is not None else 3]

    def forward(self, x):
        hidden = self.net._hidden_net(self.embedding(x))
        shape = (-1, self.components, self.features)
        means = self.net._means_layer(hidden).reshape(shape) * self.scale + self.shift
        diagonal = nn.functional.softplus(self.net._unconstrained_diagonal_layer(hidden)).reshape(shape) / self.scale
        outputs = [self.net._logits_layer(hidden), means, diagonal]
        if self.net._upper_layer is not None:
            upper = self.net._upper_layer(hidden).reshape(-1, self.components, self.features * (self.features - 1) // 2)
            outputs.append(upper / self.scale[self.columns])
        return tuple(outputs)


class LogDensity(nn.Module):
    """(theta, x) -> ln q(theta | x), one number a row, of any density estimator of sbi (``log_prob(input, condition)``)."""

    def __init__(self, estimator):
        super().__init__()
        self.estimator = estimator

    def forward(self, theta, x):
        return self.estimator.log_prob(theta.unsqueeze(0), condition=x).squeeze(0)


class Ratio(nn.Module):
    """(theta, x) -> ln r(theta, x), one number a row, of a ratio estimator of sbi: what ``NRE().train()`` returns."""

    def __init__(self, estimator):
        super().__init__()
        self.estimator = estimator

    def forward(self, theta, x):
        return self.estimator(theta, x).reshape(-1)


def export_mdn(estimator, observed, folder, **options):
    """Writes the files for an sbi mixture density network; options as of ``export_module``."""
    head = MixtureHead(estimator)
    names = head.output_names
    factor = {"diagonal": "precision_diagonal", **({"upper": "precision_upper"} if len(names) == 4 else {})}
    return export_module(head, observed, {"name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": factor}, names, folder, **options)


def export_flow(estimator, theta, observed, folder, box, **options):
    """Writes the files for a flow of sbi (``maf``, ``nsf`` where its operators are read); options as of ``export_log_density``."""
    return export_log_density(LogDensity(estimator), theta, observed, folder, box, **options)


def export_ratio(estimator, theta, observed, folder, box, **options):
    """Writes the files for a ratio estimator of sbi; options as of ``export_log_density``."""
    return export_log_density(Ratio(estimator), theta, observed, folder, box, output="log_ratio", **options)
