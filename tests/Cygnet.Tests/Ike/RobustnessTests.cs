// A million mutated datagrams at the daemon's door: nothing throws, nothing grows, other tunnels stay up. RFC 7296 2.21.
using System.Collections.Concurrent;
using Cygnet.Ike;
using Cygnet.Tests.Sim;
using Xunit.Abstractions;

namespace Cygnet.Tests.Ike;

[Trait("Category", "sim")]
public sealed class RobustnessTests(ITestOutputHelper output)
{
    // Random mutants for each situation; the systematic ones come on top. Together about a million.
    const int RandomRaw = 4_500, RandomSealed = 60;

    [Fact]
    public void A_million_mutants_in_every_situation()
    {
        var failures = new ConcurrentQueue<string>();
        long raw = 0, authentic = 0, rebuilt = 0;
        Parallel.ForEach(Situation.All().Index(), new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, x =>
        {
            var scene = new RobustScene((ulong)x.Index + 1, x.Item.IsMultiple);
            var attack = new RobustAttack(scene, x.Item, (ulong)x.Index, failures);
            try
            {
                attack.Raw(RandomRaw);
                Interlocked.Add(ref raw, scene.Sent);
                var before = scene.Sent;
                attack.Authentic(RandomSealed);
                Interlocked.Add(ref authentic, scene.Sent - before);
                attack.Aftermath();
            }
            catch (Exception e) { failures.Enqueue($"{x.Item}: {e}"); }
            Interlocked.Add(ref rebuilt, scene.Rebuilt);
        });
        output.WriteLine($"{raw} raw and {authentic} authenticated mutants, {rebuilt} situations made, {failures.Count} failures");
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Take(12)));
        Assert.InRange(raw + authentic, 950_000, long.MaxValue);
        Assert.InRange(authentic, 60_000, long.MaxValue); // else they stop at the integrity check
    }
}
