using BenchmarkDotNet.Attributes;
using Guarantees.Arithmetic;

namespace Benchmarks;

/// <summary>One lower and one upper bound of each elementary function at 1000 arguments, beside the plain function that promises no accuracy.</summary>
[MemoryDiagnoser]
public class ElementaryBenchmarks
{
    private const int Count = 1000;
    private readonly double[] arguments = [.. Enumerable.Range(0, Count).Select(i => -8 + (16 * (i + 0.5) / Count))];
    private readonly double[] positive = [.. Enumerable.Range(0, Count).Select(i => Math.Exp(-20 + (40 * (i + 0.5) / Count)))];

    [Benchmark(OperationsPerInvoke = Count)]
    public double MathExp() => Sum(arguments, Math.Exp, Math.Exp);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Exp() => Sum(arguments, Elementary.ExpLower, Elementary.ExpUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double MathLog() => Sum(positive, Math.Log, Math.Log);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Log() => Sum(positive, Elementary.LogLower, Elementary.LogUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Tanh() => Sum(arguments, Elementary.TanhLower, Elementary.TanhUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Sigmoid() => Sum(arguments, Elementary.SigmoidLower, Elementary.SigmoidUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Softplus() => Sum(arguments, Elementary.SoftplusLower, Elementary.SoftplusUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double NormalCdf() => Sum(arguments, Elementary.NormalCdfLower, Elementary.NormalCdfUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double Sqrt() => Sum(positive, Elementary.SqrtLower, Elementary.SqrtUpper);

    [Benchmark(OperationsPerInvoke = Count)]
    public double IntervalProduct()
    {
        var sum = 0.0;
        for (var i = 1; i < Count; i++)
        {
            sum += (new Interval(arguments[i - 1], arguments[i]) * new Interval(positive[i - 1], positive[i])).Upper;
        }

        return sum;
    }

    private static double Sum(double[] at, Func<double, double> lower, Func<double, double> upper)
    {
        var sum = 0.0;
        foreach (var x in at)
        {
            sum += upper(x) - lower(x);
        }

        return sum;
    }
}
