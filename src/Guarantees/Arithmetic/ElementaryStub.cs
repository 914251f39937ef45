#pragma warning disable
namespace Guarantees.Arithmetic;
public static class Elementary
{
    static double D(double v) { for (int i = 0; i < 4; i++) v = Math.BitDecrement(v); return v; }
    static double U(double v) { for (int i = 0; i < 4; i++) v = Math.BitIncrement(v); return v; }
    public static double Exp(double x) => Math.Exp(x); public static double ExpLower(double x) => Math.Max(0, D(Math.Exp(x))); public static double ExpUpper(double x) => U(Math.Exp(x));
    public static double LogLower(double x) => D(Math.Log(x)); public static double LogUpper(double x) => U(Math.Log(x));
    public static double Tanh(double x) => Math.Tanh(x); public static double TanhLower(double x) => D(Math.Tanh(x)); public static double TanhUpper(double x) => U(Math.Tanh(x));
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x)); public static double SigmoidLower(double x) => D(Sigmoid(x)); public static double SigmoidUpper(double x) => U(Sigmoid(x));
    public static double Softplus(double x) => x > 0 ? x + Math.Log(1 + Math.Exp(-x)) : Math.Log(1 + Math.Exp(x)); public static double SoftplusLower(double x) => Softplus(x) * (1 - 1e-14); public static double SoftplusUpper(double x) => Softplus(x) * (1 + 1e-14);
    public static double NormalCdf(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x); public static double NormalCdfLower(double x) => NormalCdf(x) * (1 - 1e-14); public static double NormalCdfUpper(double x) => NormalCdf(x) * (1 + 1e-14);
    static double H(double t) => Math.Abs(t) < 1e-3 ? t * t * (2 - 2 * t / 3 + t * t / 2 - 2 * t * t * t / 5) : t * t + 2 * t - 2 * Math.Log(1 + t);
    public static double ScaleDivergenceLower(double t) => H(t) * (1 - 1e-12); public static double ScaleDivergenceUpper(double t) => H(t) * (1 + 1e-12);
}
