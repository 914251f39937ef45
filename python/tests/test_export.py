"""python3 -m unittest discover python/tests"""

import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import torch

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
import guarantees_export.export as exporting  # noqa: E402
from guarantees_export import export_flow, export_mdn, export_module, export_ratio  # noqa: E402
from networks import AutoregressiveFlow, Classifier, MixtureEstimator  # noqa: E402


class ExportTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def run_model(self, **inputs):
        return onnx.reference.ReferenceEvaluator(str(self.path / "posterior.onnx")).run(None, {key: np.asarray(value, np.float32) for key, value in inputs.items()})

    def test_the_density_of_the_exported_mixture_is_the_estimators(self):
        for features, context in ((1, 2), (2, 3), (4, 5)):
            estimator, x = MixtureEstimator(features, context), torch.randn(6, context)
            export_mdn(estimator, x, self.path)
            logits, means, diagonal, *upper = (np.asarray(value, float) for value in self.run_model(x=x))
            theta = torch.randn(6, features)
            with torch.no_grad():
                expected = estimator.log_prob(theta, x).numpy()
            for row in range(6):
                density = 0.0
                for k, weight in enumerate(np.exp(logits[row]) / np.exp(logits[row]).sum()):
                    root = np.diag(diagonal[row, k])
                    if upper:
                        root[np.triu_indices(features, 1)] = upper[0][row, k]
                    z = root @ (theta[row].numpy() - means[row, k])
                    density += weight * np.prod(diagonal[row, k]) * np.exp(-0.5 * z @ z) / (2 * np.pi) ** (features / 2)
                self.assertAlmostEqual(np.log(density), expected[row], delta=1e-4 * (1 + abs(expected[row])))
            spec = (self.path / "spec.yaml").read_text()
            self.assertIn("name: gaussian-mixture", spec)
            self.assertEqual("upper: precision_upper" in spec, features > 1)
            self.assertEqual((self.path / "observed.csv").read_text().splitlines()[0], ",".join(f"x_{i}" for i in range(context)))

    def test_flows_and_ratios_keep_their_values_row_by_row(self):
        theta, x = torch.randn(4, 2), torch.randn(4, 3)
        for export, estimator in ((export_flow, AutoregressiveFlow(2, 3)), (export_ratio, Classifier(2, 3))):
            export(estimator, theta, x, self.path, ([-2, -2], [2, 2]), simulated=torch.randn(50, 3))
            with torch.no_grad():
                expected = estimator.log_prob(theta.unsqueeze(0), condition=x)[0] if export is export_flow else estimator(theta, x)
            for row in range(4):
                self.assertAlmostEqual(float(np.ravel(self.run_model(theta=theta[row : row + 1], x=x[row : row + 1])[0])[0]), float(expected[row]), delta=1e-4)

    def test_any_module_with_its_family_and_radius(self):
        simulated = np.random.default_rng(1).normal(size=(1000, 2)) * [1, 10]
        module = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
        export_module(module, [0.5, 1.0], {"name": "vector"}, ["y"], self.path, simulated=simulated, share=0.05, metric="l2")
        radius = (self.path / "spec.yaml").read_text().split("radius: [")[1].split("]")[0].split(", ")
        np.testing.assert_allclose([float(value) for value in radius], 0.05 * simulated.std(axis=0), rtol=1e-5)

    def test_what_does_not_fit_is_told_and_leaves_nothing(self):
        module, family = torch.nn.Linear(2, 1), {"name": "vector"}
        for message, call in {
            "row 0, column 1 is nan": lambda: export_module(module, [[0, np.nan], [1, 2]], family, ["y"], self.path),
            "column 0 of the data has no spread": lambda: export_module(module, [[0, 1], [0, 2]], family, ["y"], self.path),
            "share is -1": lambda: export_module(module, [[0, 1], [1, 2]], family, ["y"], self.path, share=-1),
            "outputs names 2": lambda: export_module(module, [[0, 1], [1, 2]], family, ["y", "z"], self.path),
            "expected [rows, 2]": lambda: export_module(module, [[0, 1], [1, 2]], family, ["y"], self.path, simulated=[[1, 2, 3]]),
            "family has no 'name'": lambda: export_module(module, [[0, 1], [1, 2]], {}, ["y"], self.path),
            "no mixture density network of sbi": lambda: export_mdn(module, [[0, 1], [1, 2]], self.path),
            "lower below upper": lambda: export_ratio(Classifier(1, 2), [[0.0]], [[0.0, 1]], self.path, ([1], [0])),
            "theta has 2 rows and observed 1": lambda: export_ratio(Classifier(1, 2), [[0.0], [1]], [[0.0, 1]], self.path, ([0], [1])),
        }.items():
            with self.subTest(message), self.assertRaises(ValueError) as raised:
                call()
            self.assertIn(message, str(raised.exception))
        self.assertEqual(list(self.path.iterdir()), [])

    def test_a_graph_that_computes_something_else_is_refused(self):
        module, other = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        x = torch.randn(3, 2)
        graph = exporting._export(module.eval(), (x,), ["x"], ["y"])
        exporting._compare(graph, module, {"x": x}, ["y"])
        with self.assertRaisesRegex(ValueError, "differs from torch"):
            exporting._compare(graph, other, {"x": x}, ["y"])


if __name__ == "__main__":
    unittest.main()
