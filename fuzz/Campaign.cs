// Runs mutants of one target for a time, watches time and memory of each, and keeps what is worth it.
using System.Diagnostics;
using System.Security.Cryptography;

namespace Cygnet.Fuzz;

sealed class Campaign(Target target, string folder)
{
    const int MostOutcomes = 4000;
    static readonly TimeSpan _slow = TimeSpan.FromSeconds(2);
    const long MuchMemory = 256L << 20;

    readonly List<byte[]> _corpus = [.. target.Corpus];
    readonly HashSet<string> _outcomes = [];
    readonly HashSet<string> _known = [];

    public long Tried { get; private set; }
    public int Findings => _known.Count;
    public int Outcomes => _outcomes.Count;

    public void Run(TimeSpan span, int seed)
    {
        var mutator = new Mutator(seed, target.Dictionary);
        foreach (var genuine in target.Corpus) Try(genuine);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < span;) Try(mutator.Next(_corpus));
    }

    public void Try(byte[] input)
    {
        Tried++;
        var (start, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        string outcome;
        try { outcome = target.Run(input); }
        catch (Exception e)
        {
            // the first line of our own code tells faults apart
            var where = e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Cygnet.", StringComparison.Ordinal))?.Trim() ?? "";
            Keep(input, e is Fault ? e.Message : $"{e.GetType().Name} {where}", e.ToString());
            return;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated > MuchMemory) Keep(input, "much memory", $"{allocated >> 20} MiB for {input.Length} bytes");
        // a pause of the machine is no finding: slow twice is
        if (Stopwatch.GetElapsedTime(start) > _slow)
        {
            start = Stopwatch.GetTimestamp();
            target.Run(input);
            if (Stopwatch.GetElapsedTime(start) > _slow) Keep(input, "slow", $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s for {input.Length} bytes");
        }
        if (_outcomes.Count < MostOutcomes && input.Length < 16_384 && _outcomes.Add(WithoutNumbers(outcome))) _corpus.Add(input);
    }

    void Keep(byte[] input, string kind, string details)
    {
        if (!_known.Add(kind)) return;
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        Console.WriteLine($"{target.Name}: {kind}\n  replay: fuzz {target.Name} {file}\n  {details.ReplaceLineEndings("\n  ")}");
    }

    static string WithoutNumbers(string text) => new([.. text.Where(c => !char.IsAsciiDigit(c)).Take(120)]);
}

/// <summary>What the target itself found wrong; faults with the same message are one finding.</summary>
sealed class Fault(string kind) : Exception(kind);
