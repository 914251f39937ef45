using System.Diagnostics.CodeAnalysis;

namespace Fuzzing;

/// <summary>A reader with every fault that a batch must find, each at an input of its own.</summary>
internal sealed class PlantedTarget : Target
{
    public const string Word = "planted";

    private static readonly List<byte[]> Kept = [];

    public override string Name => Word;

    protected override IEnumerable<byte[]> Seeds => Enumerable.Range(0, 12).Select(i => new[] { (byte)i });

    public override bool Run(byte[] input)
    {
        switch (input[0])
        {
            case 2:
                throw new InvalidOperationException("planted");
            case 4:
                return Deep(0) > 0;
            case 6:
                for (var i = 0; i < 40; i++)
                {
                    Kept.Add(GC.AllocateUninitializedArray<byte>(50_000_000));
                }

                return true;
            case 8:
                while (true)
                {
                }

            case 10:
                return Refused(new FormatException("input.x: two\nlines"), "input.x");
            case 11:
                return Refused(new FormatException("no file"), "input.x");
            default:
                Kept.Clear();
                return input[0] % 2 == 0 && Refused(new FormatException("input.x:1: one line"), "input.x");
        }
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => parent;

    [SuppressMessage("Blocker", "S2190", Justification = "It is to overflow.")]
    private static int Deep(int n) => 1 + Deep(n + 1) + Deep(n + 2);
}
