using System.Globalization;
using System.Text.Json;
using Certify.Search;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;
using Guarantees.Statistics;

// Program MODEL.onnx PAIRS.csv SHARE: does the coverage of conformal sets survive an adversary who moves every datum by at most SHARE of its standard deviation?
const double Alpha = 0.1;
var share = double.Parse(args[2], CultureInfo.InvariantCulture);
var network = OnnxImporter.Read(File.ReadAllBytes(args[0]), args[0]);
var family = FamilyDescription.Parse(JsonDocument.Parse(
    """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": { "diagonal": "precision_diagonal", "upper": "precision_upper" } }""").RootElement);
var estimator = new Estimator(network, family.Bind(network));

var table = Table.Read(args[1]);
var (ofX, ofTheta) = (table.Sequence("x_"), table.Sequence("theta_"));
(double[] Theta, double[] X)[] pairs = [.. Enumerable.Range(0, table.Rows).Select(row => (ofTheta.Select(j => table[row][j]).ToArray(), ofX.Select(j => table[row][j]).ToArray()))];
var (calibration, test) = (pairs[..(pairs.Length / 2)], pairs[(pairs.Length / 2)..]);

// Radii from all rows: a symmetric function of calibration and test, so that these stay exchangeable.
double[] radius = [.. Enumerable.Range(0, ofX.Length).Select(j => share * Deviation([.. pairs.Select(pair => pair.X[j])]))];
var scores = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]);

// The adversary knows theta and looks for the x of the ball at which its score -ln q(theta | x) is largest.
var attack = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]) { AttackStarts = 20, MostParts = 1 };
(double[] Theta, double[] X)[] moved = [.. test.Zip(attack.Largest(test), (pair, found) => (pair.Theta, found.Witness.Length > 0 ? found.Witness : pair.X))];

var plain = RobustConformal.AtInference([.. scores.At(calibration)], Alpha);
var (robust, _) = scores.Calibrate(calibration, Alpha);
Console.WriteLine(Line($"{calibration.Length} pairs calibrate, {test.Length} test; sets of {1 - Alpha:P0}; data moved by at most {share:P0} of their standard deviations"));
Console.WriteLine(Line($"{"",-34}as drawn  under attack"));
Console.WriteLine(Line($"{"plain sets hold theta in",-34}{Covered(plain, test),8:P1}{Covered(plain, moved),14:P1}"));
Console.WriteLine(Line($"{"sets calibrated over balls in",-34}{Covered(robust, test),8:P1}{Covered(robust, moved),14:P1}"));

double Covered(RobustThreshold threshold, (double[] Theta, double[] X)[] of) => scores.At(of).Count(threshold.Contains) / (double)of.Length;

static double Deviation(double[] values) => Math.Sqrt(values.Average(value => value * value) - (values.Average() * values.Average()));

static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
