using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <content>What a training that goes on after a kill starts from.</content>
public sealed partial record PosteriorTraining
{
    /// <summary>All that changes while training goes on.</summary>
    private sealed class State : IDisposable
    {
        private readonly Parameter[] parameters;
        private readonly Tensor[] best;
        private readonly Tensor[] averages;
        private readonly double averaging;

        public State(AmortizedNetwork network, double weightDecay, double clip, double averaging)
        {
            (Network, this.averaging) = (network, averaging);
            parameters = [.. network.parameters()];
            best = Copies();
            averages = averaging > 0 ? Copies() : [];
            Optimizer = new AdamW(parameters) { WeightDecay = weightDecay, Clip = clip };
        }

        public AmortizedNetwork Network { get; }

        public AdamW Optimizer { get; }

        public List<EpochMetrics> Past { get; } = [];

        public EpochMetrics? BestEpoch { get; private set; }

        /// <summary>average += (1 - share) (weight - average) after a step, with the share shortened at first so that early weights do not linger.</summary>
        public void Average()
        {
            using var constant = no_grad();
            var share = Math.Min(averaging, (double)Optimizer.Steps / (9 + Optimizer.Steps));
            for (var i = 0; i < averages.Length; i++)
            {
                averages[i].lerp_(parameters[i], 1 - share);
            }
        }

        /// <summary>Exchanges weights and averages, where there are averages.</summary>
        public void SwapAverages()
        {
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            for (var i = 0; i < averages.Length; i++)
            {
                var weight = parameters[i].detach().clone();
                parameters[i].copy_(averages[i]);
                averages[i].copy_(weight);
            }
        }

        /// <summary>Adds an epoch; its weights are kept where it counts and is the best so far.</summary>
        public void Add(EpochMetrics metrics, bool counts)
        {
            Past.Add(metrics);
            foreach (var parameter in parameters)
            {
                parameter.grad = null;
            }

            if (counts && (BestEpoch is null || metrics.Validation < BestEpoch.Validation))
            {
                BestEpoch = metrics;
                Copy(parameters, best);
            }
        }

        public void UseBest() => Copy(best, parameters);

        public void Write(BinaryWriter writer)
        {
            writer.Write(Past.Count);
            writer.Write(BestEpoch?.Epoch ?? 0);
            foreach (var one in Past)
            {
                foreach (var number in (double[])[one.Training, one.Validation, one.Surprise, one.Rate])
                {
                    writer.Write(number);
                }
            }

            StoredTensors.Write(writer, [.. parameters, .. best, .. averages]);
            Optimizer.Write(writer);
        }

        public void Read(BinaryReader reader)
        {
            var (count, chosen) = (reader.ReadInt32(), reader.ReadInt32());
            for (var epoch = 1; epoch <= count; epoch++)
            {
                Past.Add(new EpochMetrics(epoch, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()));
            }

            BestEpoch = chosen == 0 ? null : chosen > 0 && chosen <= count ? Past[chosen - 1] : throw new InvalidDataException($"its best epoch is {chosen} of {count}");
            StoredTensors.Read(reader, [.. parameters, .. best, .. averages]);
            Optimizer.Read(reader);
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            foreach (var tensor in best.Concat(averages))
            {
                tensor.Dispose();
            }
        }

        private Tensor[] Copies() => [.. parameters.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];

        private static void Copy(IReadOnlyList<Tensor> from, IReadOnlyList<Tensor> to)
        {
            using var constant = no_grad();
            for (var i = 0; i < from.Count; i++)
            {
                to[i].copy_(from[i]);
            }
        }
    }
}
