#!/usr/bin/env python3.11
"""Writes tests/Guarantees.Tests/Data/elementary.csv: values of elementary functions to 40 significant digits.

Independent of the C# under test: Python's decimal module (libmpdec) supplies exp and ln, everything else is built
from those or from a power series, with guard digits chosen so that the printed digits are correct.
Arguments are doubles, written as C99 hexadecimal, so that no reader rounds them. Deterministic: the seed is fixed.

Usage: python3.11 eng/tables/make_elementary_tables.py
"""

import math
import random
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from pathlib import Path

DIGITS = 40
WORKING = 70
OUTPUT = Path(__file__).resolve().parents[2] / "tests" / "Guarantees.Tests" / "Data" / "elementary.csv"
RANDOM = random.Random(20261123)
SMALLEST = math.ulp(0.0)
LARGEST = math.nextafter(math.inf, 0)
NORMAL = 2.0**-1022


def exp(x):
    return x.exp()


def expm1(x):
    if abs(x) > Decimal("0.5"):
        return x.exp() - 1
    total = term = x
    n = 1
    while abs(term) > abs(total) * Decimal(10) ** -WORKING:
        n += 1
        term = term * x / n
        total += term
    return total


def log(x):
    return x.ln()


def log1p(x):
    if abs(x) > Decimal("0.5"):
        return (1 + x).ln()
    s = x / (2 + x)
    total, power, n = s, s, 1
    while power and abs(power) > abs(total) * Decimal(10) ** -WORKING:
        n += 2
        power *= s * s
        total += power / n
    return 2 * total


def tanh(x):
    if abs(x) > 200:
        return Decimal(1 if x > 0 else -1)
    m = expm1(2 * x)
    return m / (m + 2)


def sigmoid(x):
    return 1 / (1 + (-x).exp())


def softplus(x):
    return max(x, Decimal(0)) + log1p((-abs(x)).exp())


def erf_series(x):
    """erf x = 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!: terms of one sign."""
    total = term = x
    n = 0
    while abs(term) > abs(total) * Decimal(10) ** -getcontext().prec:
        n += 1
        term = term * 2 * x * x / (2 * n + 1)
        total += term
    return 2 / pi().sqrt() * (-x * x).exp() * total


def erf(x):
    if abs(x) > 11:
        return Decimal(1 if x > 0 else -1)
    with localcontext() as context:
        context.prec = WORKING + 10
        return erf_series(x)


def normal_cdf(x):
    if x > 15:
        return Decimal(1)
    with localcontext() as context:
        # For x < 0 the subtraction loses the leading digits of e^(-x^2/2).
        context.prec = WORKING + 10 + int(x * x * Decimal("0.25"))
        return (1 + erf_series(x / Decimal(2).sqrt())) / 2


def sqrt(x):
    return x.sqrt()


def reciprocal(x):
    return 1 / x


def scale_divergence(t):
    """t^2 + 2 t - 2 ln(1 + t) = t^2 + 2 sum over n >= 2 of (-t)^n / n."""
    if abs(t) > Decimal("0.1"):
        return t * t + 2 * t - 2 * (1 + t).ln()
    total, power, n = t * t / 2, t * t, 2
    while abs(power) > total * Decimal(10) ** -WORKING:
        n += 1
        power *= -t
        total += power / n
    return t * t + 2 * total


PI_CACHE = {}


def pi():
    """Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)."""
    precision = getcontext().prec
    if precision not in PI_CACHE:
        with localcontext() as context:
            context.prec = precision + 10

            def arctan_inverse(m):
                total, power, n, sign = Decimal(0), Decimal(1) / m, 1, 1
                while power > Decimal(10) ** -(precision + 8):
                    total += sign * power / n
                    power /= m * m
                    n += 2
                    sign = -sign
                return total

            PI_CACHE[precision] = 16 * arctan_inverse(5) - 4 * arctan_inverse(239)
    return +PI_CACHE[precision]


def around(x):
    """x and its neighbours."""
    return [math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)]


def both(values):
    return [s * v for v in values for s in (1.0, -1.0)]


def uniform(low, high, count):
    return [RANDOM.uniform(low, high) for _ in range(count)]


def scattered(low, high, count):
    """Positive, uniform in the exponent."""
    return [math.ldexp(RANDOM.uniform(1, 2), RANDOM.randint(low, high)) for _ in range(count)]


TINY = [SMALLEST, 3 * SMALLEST, math.nextafter(NORMAL, 0), NORMAL, 2.0**-1000, 1e-200, 2.0**-540, 1e-100, 1e-20,
        *around(2.0**-60), 1e-15, 2.0**-53, 2.0**-52, 2.0**-27, 1e-5, 2.0**-10]
REDUCTION = [v for k in (1, 2, 3, 4, 5, 7, 10, 31, 60, 101, 201, 511, 1001, 1401) for v in around(k * math.log(2) / 2)]
POWERS = [2.0**k for k in range(-9, 9)]


def arguments():
    whole_line = both(TINY + REDUCTION + POWERS)
    yield "exp", exp, whole_line + uniform(-745.2, 709.8, 90) + uniform(-1, 1, 50) + [
        *around(709.782712893384), *around(-708.3964185322641), *around(-745.1332191019412), -744.5, -720.0, 710.0, 1000.0, -746.0, -1000.0]
    yield "expm1", expm1, whole_line + uniform(-50, 710, 60) + uniform(-1.5, 1.5, 80) + both(scattered(-70, -1, 20)) + [
        *around(709.782712893384), *around(44.0), -60.0, 1000.0, -1000.0]
    yield "log", log, TINY + [1 / v for v in TINY if v > 1e-300] + around(1.0) + [1 + v for v in both(POWERS) if v > -1] + [
        w for k in range(-6, 7) for w in around(2.0**k * math.sqrt(2))] + scattered(-1074, 1023, 120) + uniform(0.6, 1.6, 100) + [
        1 + v for v in both(scattered(-52, -2, 20))] + [LARGEST, 2.0**1023]
    yield "log1p", log1p, both(TINY) + [v for v in both(POWERS) if v > -1] + scattered(-70, 1023, 60) + uniform(-1, 2, 100) + [
        -v for v in scattered(-70, -1, 40)] + [w for v in (math.sqrt(2), math.sqrt(0.5)) for w in around(v - 1)] + [
        math.nextafter(-1, 0), -1 + 2.0**-30, LARGEST, 2.0**53, 2.0**53 + 2, 2.0**54]
    yield "tanh", tanh, both(TINY + POWERS + [v / 2 for v in REDUCTION if v < 60]) + uniform(-25, 25, 60) + uniform(-1, 1, 80) + both(
        scattered(-70, 0, 40)) + both([*around(22.0), 19.06, 1000.0, LARGEST])
    yield "sigmoid", sigmoid, whole_line + uniform(-745.2, 40, 90) + uniform(-3, 3, 60) + both([36.7, 37.0, 700.0, 708.4, 745.2, 800.0, 1000.0])
    yield "softplus", softplus, whole_line + uniform(-745.2, 40, 80) + uniform(-3, 3, 60) + uniform(-45, -40, 8) + both(
        [36.7, 41.5, 41.6, 700.0, 708.4, 745.2, 800.0]) + [1e10, LARGEST]
    yield "normal-cdf", normal_cdf, both(TINY + POWERS[:-3]) + uniform(-38.6, 0, 90) + uniform(-9, 9, 110) + [
        s * w for k in (1, 3, 5, 9, 17, 33, 61, 63) for w in around(k / 8) for s in (1, -1)] + [
        *around(-8.0), *around(-37.5193793471445), -38.0, -38.4, -38.48, -39.0, -45.0, 8.2, 8.3, 9.0, 37.0, 1000.0]
    yield "erf", erf, both(TINY + POWERS) + uniform(-6.5, 6.5, 90) + uniform(-1, 1, 110) + both(
        [*around(0.375), 5.9, 5.95, 6.0, 1000.0]) + both(scattered(-70, -1, 30)) + both([k / (4 * math.sqrt(2)) for k in range(2, 30, 3)])
    yield "sqrt", sqrt, TINY + scattered(-1074, 1023, 80) + POWERS + [k * k / 1024 for k in range(1, 20)] + [w for k in (2, 4, 9) for w in around(k)] + [LARGEST]
    yield "reciprocal", reciprocal, both([v for v in TINY] + scattered(-1074, 1023, 50) + POWERS + [3.0, 7.0, 10.0, LARGEST, 2.0**1022, 2.0**1023])
    yield "scale-divergence", scale_divergence, both(TINY) + [v for v in both(POWERS) if v > -1] + scattered(-600, 512, 60) + uniform(-1, 3, 110) + uniform(
        -0.45, 0.45, 60) + both(scattered(-70, -2, 50)) + [w for v in (math.sqrt(2), math.sqrt(0.5)) for w in around(v - 1)] + [
        math.nextafter(-1, 0), -1 + 2.0**-30, *around(2.0**100), *around(2.0**-540), 1.3e154, 1.4e154, 2.0**512, LARGEST]


def main():
    getcontext().prec = WORKING
    check_identities()
    lines = ["function,x,value"]
    for name, function, xs in arguments():
        for x in sorted({float(v) for v in xs}):
            lines.append(f"{name},{hexadecimal(x)},{exact_digits(name, x) or decimal_digits(function(Decimal(x)))}")
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{len(lines) - 1} rows, {OUTPUT.stat().st_size} bytes: {OUTPUT}")


def hexadecimal(x):
    """C99 hexadecimal without trailing zeros."""
    mantissa, exponent = x.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}" if "." in mantissa else x.hex()


def decimal_digits(value):
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def exact_digits(name, x):
    """All digits where the result is itself a double: a bound may then be equal to it, and a digit less would be a wrong answer."""
    match name:
        case "sqrt":
            exact = Fraction(math.sqrt(x)) ** 2 == Fraction(x)
            return format(Decimal(math.sqrt(x)), "e") if exact else None
        case "reciprocal":
            exact = abs(x) > 2.0**-1024 and Fraction(1 / x) * Fraction(x) == 1
            return format(Decimal(1 / x), "e") if exact else None


def check_identities():
    """Two roads to the same number, so that a slip in a series does not become the reference."""
    tolerance = Decimal(10) ** -(DIGITS + 10)
    for x in (Decimal("0.3"), Decimal("-0.45"), Decimal("0.499")):
        assert abs(expm1(x) / (x.exp() - 1) - 1) < tolerance
        assert abs(log1p(x) / (1 + x).ln() - 1) < tolerance
        direct = x * x + 2 * x - 2 * (1 + x).ln()
        assert abs(scale_divergence(x / 10) / ((x / 10) ** 2 + x / 5 - 2 * (1 + x / 10).ln()) - 1) < tolerance, direct
    for y in (Decimal(5), Decimal(12), Decimal(38)):
        fraction = Decimal(0)
        for n in range(3000, 0, -1):
            fraction = n / (y + fraction)
        tail = (-y * y / 2).exp() / (2 * pi()).sqrt() / (y + fraction)
        assert abs(normal_cdf(-y) / tail - 1) < tolerance


if __name__ == "__main__":
    main()
