namespace Estimators.Tests.Simulators;

/// <summary>MT19937 (M. Matsumoto, T. Nishimura, 1998; from memory) with 53-bit uniform numbers, as NumPy's RandomState.</summary>
internal sealed class Twister
{
    private readonly uint[] words = new uint[624];
    private int next = 624;

    public Twister(uint seed)
    {
        words[0] = seed;
        for (uint i = 1; i < 624; i++)
        {
            words[i] = unchecked((1812433253 * (words[i - 1] ^ (words[i - 1] >> 30))) + i);
        }
    }

    public double Next() => (((Word() >> 5) * 67108864.0) + (Word() >> 6)) / 9007199254740992;

    private uint Word()
    {
        if (next == 624)
        {
            for (var k = 0; k < 624; k++)
            {
                var mixed = (words[k] & 0x80000000) | (words[(k + 1) % 624] & 0x7fffffff);
                words[k] = words[(k + 397) % 624] ^ (mixed >> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908b0df);
            }

            next = 0;
        }

        var y = words[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }
}
