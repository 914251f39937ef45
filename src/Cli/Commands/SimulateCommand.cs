using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estimators;
using Estimators.Simulators;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary><c>certify simulate TASK --pairs N --out FILE</c>: pairs (theta, x) of a standard task, for claims that rest on pairs.</summary>
internal static class SimulateCommand
{
    private const int MostPairs = 100_000_000;

    public static CertifyCommand Create()
    {
        var task = new Argument<string>("TASK") { Description = $"{string.Join(", ", Catalogue.Tasks)}; NAME:SIZE for another size, such as gaussian_linear:10." };
        var pairs = new Option<int>("--pairs") { Description = "How many.", Required = true, HelpName = "NUMBER" };
        var table = new Option<string>("--out") { Description = "The table to write: comma-separated values, or a NumPy array where it is called .npy; columns theta_0, ..., x_0, ...", Required = true, HelpName = "FILE" };
        var use = new Option<string>("--use") { Description = "What they are for: another use gets other pairs. Training takes 'training'.", DefaultValueFactory = _ => "calibration", HelpName = "WORD" };
        var seed = new Option<int>("--seed") { Description = "Seed of prior and simulator.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        pairs.Takes($"a number of pairs from 1 to {MostPairs}", count => count is >= 1 and <= MostPairs);
        var command = new CertifyCommand("simulate", "Draws parameters from the prior of a standard task and data for each, the same on every machine.", "certify simulate two_moons --pairs 10000 --out simulations.csv")
        {
            task, pairs, table, use, seed, json,
        };
        command.Does((parsed, cancellation) =>
        {
            var (name, count, path) = (parsed.GetValue(task)!, parsed.GetValue(pairs), parsed.GetValue(table)!);
            var simulator = Catalogue.Task(name);
            var source = new SimulatedPairs(simulator, parsed.GetValue(seed), parsed.GetValue(use)!);
            var terminal = new Terminal();
            var isArray = Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase);
            WholeFile.Write(path, stream =>
            {
                stream.Write(isArray ? ArrayHeader(count, source.ParameterCount + source.DataCount) : Encoding.UTF8.GetBytes(Header(source)));
                foreach (var block in source.First(count))
                {
                    cancellation.ThrowIfCancellationRequested();
                    for (var row = 0; row < block.Count; row++)
                    {
                        stream.Write(isArray ? Numbers(block.Theta(row), block.X(row)) : Encoding.UTF8.GetBytes(Text(block.Theta(row), block.X(row))));
                    }

                    terminal.Show(string.Create(CultureInfo.InvariantCulture, $"{block.First + block.Count} of {count} pairs"));
                }
            });
            terminal.Clear();
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { table = path, task = name, pairs = count, parameters = source.ParameterCount, data = source.DataCount, seed = parsed.GetValue(seed), use = parsed.GetValue(use) })
                : $"{path}: {count} pairs of {name}, {source.ParameterCount} parameters and {source.DataCount} data");
            return ExitCode.Proved;
        });
        return command;
    }

    private static string Header(SimulatedPairs source) =>
        string.Join(',', Enumerable.Range(0, source.ParameterCount).Select(i => $"theta_{i}").Concat(Enumerable.Range(0, source.DataCount).Select(i => $"x_{i}"))) + "\n";

    private static string Text(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var line = new StringBuilder();
        foreach (var numbers in new[] { theta.ToArray(), x.ToArray() })
        {
            foreach (var value in numbers)
            {
                // What is a float32 is written as one.
                line.Append(line.Length > 0 ? "," : "").Append(((float)value).ToString("R", CultureInfo.InvariantCulture));
            }
        }

        return line.Append('\n').ToString();
    }

    private static byte[] Numbers(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var bytes = new byte[sizeof(float) * (theta.Length + x.Length)];
        for (var i = 0; i < theta.Length + x.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), (float)(i < theta.Length ? theta[i] : x[i - theta.Length]));
        }

        return bytes;
    }

    /// <summary>NPY format 1.0: the header fills a multiple of 64 bytes.</summary>
    private static byte[] ArrayHeader(int rows, int columns)
    {
        var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}";
        var length = (((10 + text.Length + 1) + 63) / 64 * 64) - 10;
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)(length & 255), (byte)(length >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n")];
    }
}
