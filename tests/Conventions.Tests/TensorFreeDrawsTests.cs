using System.Diagnostics;
using System.Reflection;
using Estimators;
using Estimators.Simulators;
using Xunit;

namespace Conventions.Tests;

/// <summary>Whoever draws pairs, or the exact posterior of a task, loads no tensors: half a second and 600 MB.</summary>
public sealed class TensorFreeDrawsTests
{
    [Fact]
    public void Every_task_is_drawn_without_libtorch()
    {
        foreach (var name in Catalogue.Tasks)
        {
            var task = Catalogue.Task(name);
            var block = new SimulatedPairs(task, 1, "calibration").Block(0);
            _ = task.Posterior(block.X(0));
            _ = task.LogPosteriorUnnormalized(block.Theta(0), block.X(0));
        }

        var modules = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.ModuleName).ToArray();
        Assert.Contains(modules, name => name.Contains("coreclr", StringComparison.OrdinalIgnoreCase)); // the list is one of native libraries
        Assert.DoesNotContain(modules, name => name.Contains("torch", StringComparison.OrdinalIgnoreCase) && !name.Equals("TorchSharp.dll", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>No member of a simulator or distribution takes a tensor or holds one in a local variable; the training does both, so the look would see it.</summary>
    [Fact]
    public void Simulators_and_distributions_do_not_name_tensors()
    {
        Assert.Empty(NamesTensors("Estimators.Simulators"));
        Assert.Empty(NamesTensors("Estimators.Distributions"));
        Assert.NotEmpty(NamesTensors("Estimators.Training"));
    }

    private static string[] NamesTensors(string space)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var types = typeof(Simulator).Assembly.GetTypes().Where(type => type.Namespace == space).ToArray();
        Assert.NotEmpty(types);
        return
        [
            .. from type in types
               from method in type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all))
               from named in method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [])
               where named.ToString().Contains("TorchSharp", StringComparison.Ordinal)
               select $"{type.Name}.{method.Name}: {named}",
        ];
    }
}
