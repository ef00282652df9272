// Floods of strangers and babble of peers leave no memory behind and a log that can be read. RFC 7296 2.6, 2.21.
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Xunit.Abstractions;

namespace Cygnet.Tests.Ike;

/// <summary>Memory is measured for the whole process: no other test runs meanwhile.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

[Trait("Category", "sim")]
[Collection("alone")]
public sealed class RobustMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public void Strangers_fill_neither_memory_nor_the_log()
    {
        var scene = new RobustScene(9);
        scene.Enter(new(false, Deed.None, Deed.First));
        var (init, random) = (scene.Datagram, new SeededRandom(9));
        scene.Clear();
        void Flood(int count)
        {
            for (var i = 0; i < count; i++)
            {
                // from anywhere, with any SPI: some are refused, some answered, some meet cookies and limits
                var datagram = random.Chance(0.5) ? RobustMutants.Random(init, random) : (byte[])init.Clone();
                if (datagram.Length > 8) random.Fill(datagram.AsSpan(0, 8));
                scene.Deliver(datagram, new(new Address((uint)(0x0a630000 + random.Below(50)), false), (ushort)random.Below(65536)));
                if (i % 100 == 0) scene.Network.Run(TimeSpan.FromMilliseconds(10));
            }
        }
        long Kept()
        {
            scene.Rest();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
        Flood(100_000);
        var before = Kept();
        var start = scene.Network.Now;
        Flood(100_000);
        var (lines, seconds) = (scene.Victim.LogLines.Count, (scene.Network.Now - start).TotalSeconds);
        Assert.InRange(lines, 1, (int)(seconds + 1) * 1000);
        Assert.InRange(scene.Victim.Engine.HalfOpenCount, 1, 300);
        var after = Kept();
        output.WriteLine($"{lines} lines in {seconds} s; {after - before} bytes more");
        Assert.InRange(after - before, long.MinValue, 256 * 1024);
        Assert.Equal(1, scene.Victim.Engine.IkeCount);
        Assert.Equal(0, scene.Victim.Engine.HalfOpenCount);
        Assert.Equal(0, scene.Victim.Faults);
        Assert.True(scene.Carries());
    }

    [Fact]
    public void A_peer_that_repeats_and_babbles_fills_neither_memory_nor_the_log()
    {
        foreach (var s in (Situation[])[new(false, Deed.First, Deed.None), new(true, Deed.None, Deed.Liveness), new(false, Deed.None, Deed.NewChild)])
        {
            var scene = new RobustScene(10);
            scene.Enter(s);
            // a message that its state forbids, a fragment that never becomes whole, an answered request again
            var forbidden = scene.NextHeader(s);
            forbidden[18] = 99;
            byte[][] babble =
            [
                RobustMutants.Protect(scene.Seal!, forbidden, scene.Genuine),
                RobustMutants.Protect(scene.Seal!, scene.NextHeader(s), new(scene.Genuine.First, [.. scene.Genuine.Bytes, 1]), 1, 3),
                scene.Datagram,
            ];
            void Babble(int count)
            {
                for (var i = 0; i < count; i++)
                {
                    scene.Deliver(babble[i % 3]);
                    if (i % 1000 == 0) scene.Work();
                }
            }
            Babble(3_000);
            scene.Forget();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var start = scene.Network.Now;
            Babble(60_000);
            var (lines, seconds) = (scene.Victim.LogLines.Count, (scene.Network.Now - start).TotalSeconds);
            Assert.InRange(lines, 0, (int)(seconds + 1) * 200);
            scene.Forget();
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 256 * 1024);
            Assert.Equal(0, scene.Victim.Faults);
            Assert.True(scene.Carries());
        }
    }
}
