"""Any torch module: to ONNX (opset 17), compared with torch, with the spec and the observations beside it."""

import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import torch

OPSET = 17
TOLERANCE = 1e-4


def export_module(module, observed, family, outputs, folder, simulated=None, share=0.01, metric="wasserstein2", name="posterior"):
    """Writes ``name.onnx``, ``observed.csv`` and ``spec.yaml`` for a module x -> parameters of a distribution.

    module     torch.nn.Module; takes x of shape [batch, n], returns a tensor or a tuple of tensors, batch first.
    observed   array [rows, n]: the observations that the claims are about.
    family     mapping as under ``family:`` in a spec, such as
               {"name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "log_sd"}; values name outputs.
    outputs    names of what the module returns, in order.
    simulated  array [rows, n]: data whose standard deviations give the radius of the balls; the observations where None.
    share      radius as a share of those standard deviations.
    metric     the metric of the robustness claims.
    Raises ValueError where something does not fit, or where the exported graph computes other numbers than torch.
    """
    observed = _table(observed, "observed")
    if "name" not in family:
        raise ValueError("family has no 'name'")
    module = module.eval()
    x = torch.as_tensor(observed, dtype=torch.float32)
    graph = _export(module, (x,), ["x"], outputs)
    _compare(graph, module, {"x": x}, outputs)
    radius = _radius(observed, simulated, share)
    lines = [
        "estimator:",
        f"  model: {name}.onnx",
        f"  family: {_flow(family)}",
        "claims:",
        f"  - robustness: {{ observations: observed.csv, norm: linf, radius: {_flow(radius)}, metric: {metric} }}",
    ]
    return _write(folder, name, graph, observed, lines)


def export_log_density(module, theta, observed, folder, box, simulated=None, share=0.01, name="posterior", output="log_density"):
    """Writes the three files for a module (theta, x) -> log density [batch]: a flow, or the logit of a ratio estimator.

    theta      array [rows, d]: parameters, only to compare with torch.
    observed   array [rows, n] of as many rows: the observations.
    box        pair of lists (lower, upper): where theta lies in the claims; a box that holds most of the posterior.
    """
    theta, observed = _table(theta, "theta"), _table(observed, "observed")
    if len(theta) != len(observed):
        raise ValueError(f"theta has {len(theta)} rows and observed {len(observed)}, expected as many")
    lower, upper = (np.asarray(end, dtype=float).reshape(-1) for end in box)
    if not (len(lower) == len(upper) == theta.shape[1] and np.all(lower < upper)):
        raise ValueError(f"box is {lower.tolist()} to {upper.tolist()}, expected {theta.shape[1]} numbers each, lower below upper")
    module = module.eval()
    inputs = {"theta": torch.as_tensor(theta, dtype=torch.float32), "x": torch.as_tensor(observed, dtype=torch.float32)}
    # One row at a time, as flows with data-dependent shapes need; the tool reads models of a fixed batch of one.
    graph = _export(module, tuple(value[:1] for value in inputs.values()), list(inputs), [output], batch=False)
    for row in range(len(observed)):
        _compare(graph, module, {key: value[row : row + 1] for key, value in inputs.items()}, [output])
    radius = _radius(observed, simulated, share)
    lines = [
        "estimator:",
        f"  model: {name}.onnx",
        f"  family: {{ name: log-density, parameters: theta, output: {output} }}",
        "claims:",
        "  - robustness:",
        f"      {{ observations: observed.csv, rows: 0, norm: linf, radius: {_flow(radius)}, metric: log-density,",
        f"        parameters: {{ lower: {_flow(lower.tolist())}, upper: {_flow(upper.tolist())} }} }}",
    ]
    return _write(folder, name, graph, observed, lines)


def _radius(observed, simulated, share):
    """A share of each column's standard deviation, to six digits."""
    if not 0 < share < np.inf:
        raise ValueError(f"share is {share}, expected a positive number")
    radius = share * np.std(observed if simulated is None else _table(simulated, "simulated", observed.shape[1]), axis=0)
    if not np.all(radius > 0):
        raise ValueError(f"column {int(np.argmin(radius > 0))} of the data has no spread; give 'simulated'")
    return [float(f"{value:.6g}") for value in radius]


def _table(values, what, columns=None):
    table = np.asarray(values.detach().cpu() if isinstance(values, torch.Tensor) else values, dtype=np.float64)
    table = table.reshape(1, -1) if table.ndim == 1 else table
    if table.ndim != 2 or table.shape[0] == 0 or (columns is not None and table.shape[1] != columns):
        raise ValueError(f"{what} has shape {table.shape}, expected [rows, {columns or 'n'}]")
    if not np.all(np.isfinite(table)):
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"{what} at row {row}, column {column} is {table[row, column]}, expected a finite number")
    return table


def _export(module, inputs, names, outputs, batch=True):
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        returned = module(*inputs)
        count = len(returned) if isinstance(returned, (tuple, list)) else 1
        if count != len(outputs):
            raise ValueError(f"the module returns {count} tensors, outputs names {len(outputs)}")
        path = os.path.join(folder, "model.onnx")
        axes = {name: {0: "batch"} for name in [*names, *outputs]} if batch else None
        torch.onnx.export(module, inputs, path, input_names=names, output_names=list(outputs), opset_version=OPSET, dynamic_axes=axes, dynamo=False)
        graph = onnx.load(path)
    onnx.checker.check_model(graph)
    return graph


def _compare(graph, module, inputs, outputs):
    """The exported graph, by onnx's reference evaluator, against torch."""
    with torch.no_grad():
        expected = module(*inputs.values())
    expected = expected if isinstance(expected, (tuple, list)) else (expected,)
    found = onnx.reference.ReferenceEvaluator(graph).run(None, {key: value.numpy() for key, value in inputs.items()})
    for name, one, other in zip(outputs, expected, found):
        one, other = one.numpy().reshape(-1).astype(float), np.asarray(other, dtype=float).reshape(-1)
        if one.shape != other.shape or not np.all(np.isfinite(one)):
            raise ValueError(f"output '{name}' has {one.size} numbers in torch and {other.size} in the exported graph, or is not finite")
        difference = np.max(np.abs(one - other) / (1 + np.abs(one)))
        if not difference <= TOLERANCE:
            raise ValueError(f"output '{name}' of the exported graph differs from torch by {difference:.3g} (relative), more than {TOLERANCE}")


def _flow(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return repr(float(value)) if isinstance(value, float) else str(value)


def _write(folder, name, graph, observed, lines):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = ",".join(f"x_{i}" for i in range(observed.shape[1])) + "\n" + "".join(",".join(repr(float(value)) for value in row) + "\n" for row in observed)
    for file, content in ((f"{name}.onnx", graph.SerializeToString()), ("observed.csv", table.encode()), ("spec.yaml", ("\n".join(lines) + "\n").encode())):
        part = folder / (file + ".partial")
        part.write_bytes(content)
        os.replace(part, folder / file)
    return folder / "spec.yaml"
