using System.Reflection;
using Xunit;

namespace Conventions.Tests;

/// <summary>What assemblies show to others, as lines of text that are pinned in files beside the tests.</summary>
internal static class Surface
{
    public static string Root { get; } = Find();

    /// <summary>Compares with a file of this project; <c>CERTIFY_RENEW=1</c> writes it instead.</summary>
    public static void AssertPinned(string file, string[] found, string filter)
    {
        var golden = Path.Combine(Root, "tests", "Conventions.Tests", file);
        if (Environment.GetEnvironmentVariable("CERTIFY_RENEW") == "1")
        {
            File.WriteAllText(golden, string.Join('\n', found) + "\n");
        }

        var pinned = File.ReadAllLines(golden);
        var (more, fewer) = (found.Except(pinned).ToArray(), pinned.Except(found).ToArray());
        Assert.True(
            more.Length + fewer.Length == 0,
            $"What {file} pins has changed.\n{string.Join('\n', more.Select(line => $"+ {line}").Concat(fewer.Select(line => $"- {line}")))}\n"
            + $"If it is meant, renew it and say why in the change: CERTIFY_RENEW=1 dotnet test tests/Conventions.Tests -c Release --filter {filter}");
    }

    /// <summary>A type and its members, as far as others may use or override them.</summary>
    public static IEnumerable<string> Lines(Type type)
    {
        var kind = type.IsEnum ? $"enum {{ {string.Join(", ", Enum.GetNames(type))} }}" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.BaseType == typeof(MulticastDelegate) ? "delegate" : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsSealed ? "sealed class" : "class";
        yield return $"{type.FullName}: {kind}";
        if (type.IsEnum || type.BaseType == typeof(MulticastDelegate))
        {
            yield break;
        }

        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(Declared))
        {
            var shown = member switch
            {
                MethodBase { IsPublic: true } or MethodBase { IsFamily: true } or MethodBase { IsFamilyOrAssembly: true } => !((MethodBase)member).Name.StartsWith('<'),
                FieldInfo field => field.IsPublic || field.IsFamily,
                _ => false, // properties by their accessors, types by themselves
            };
            if (shown)
            {
                yield return $"{type.FullName}: {member}";
            }
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests must be run from below the repository.");
        }

        return folder.FullName;
    }
}
