namespace Reports.Figures;

/// <summary>What a stroke or a fill stands for. A figure is drawn in the light colour; the class name lets a style sheet repaint it.</summary>
/// <param name="Name">Suffix of the class: <c>s-NAME</c> for strokes, <c>f-NAME</c> for fills.</param>
/// <param name="Light">Colour on a light page, unique among the inks: it is how a drawn element is recognised.</param>
/// <param name="Dark">Colour on a dark page.</param>
internal sealed record Ink(string Name, string Light, string Dark)
{
    /// <summary>What was proved.</summary>
    public static readonly Ink Certified = new("certified", "#1E5FA9", "#7DB4F2");

    /// <summary>What an attack reached.</summary>
    public static readonly Ink Attack = new("attack", "#B4500B", "#F0A35E");

    /// <summary>Between the two: where the true value lies.</summary>
    public static readonly Ink Between = new("between", "#DCE7F4", "#203349");

    /// <summary>What the claim asks for.</summary>
    public static readonly Ink Goal = new("goal", "#3D4654", "#D0D6DE");

    /// <summary>An exact value, known in closed form.</summary>
    public static readonly Ink Truth = new("truth", "#0B7368", "#5CCFC0");

    /// <summary>Axis lines and tick marks.</summary>
    public static readonly Ink Axis = new("axis", "#8A94A1", "#66717E");

    /// <summary>Grid lines.</summary>
    public static readonly Ink Grid = new("grid", "#E2E6EB", "#2A323C");

    /// <summary>Tick labels and titles.</summary>
    public static readonly Ink Label = new("label", "#4A5462", "#B0B9C4");

    /// <summary>The page, for halos around markers.</summary>
    public static readonly Ink Paper = new("paper", "#FEFEFD", "#12161B");

    /// <summary>Every ink.</summary>
    public static IReadOnlyList<Ink> All { get; } = [Certified, Attack, Between, Goal, Truth, Axis, Grid, Label, Paper];

    /// <summary>The ink as ScottPlot's colour.</summary>
    public ScottPlot.Color Color => ScottPlot.Color.FromHex(Light);

    /// <summary>The style sheet that every figure carries, so that it also reads on its own; a dark screen repaints it, paper does not.</summary>
    public static string StyleSheet { get; } =
        ".fig text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums}"
        + Rules(ink => ink.Light)
        + "@media screen and (prefers-color-scheme:dark){" + Rules(ink => ink.Dark) + "}";

    private static string Rules(Func<Ink, string> colour) =>
        string.Concat(All.Select(ink => $".fig .s-{ink.Name}{{stroke:{colour(ink)}}}.fig .f-{ink.Name}{{fill:{colour(ink)}}}"));
}
