// Counters of messages: one message counts once, in however many fragments it goes and however often it is repeated. docs/vici.md.
using Cygnet.Ike;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class CounterTests
{
    [Fact]
    public void AMessageCountsOnce()
    {
        var pair = new Pair();
        pair.Moon.Engine.Settings = pair.Sun.Engine.Settings = new() { FragmentSize = 220 };
        var first = true;
        pair.Network.Filter = (kind, _, _, data) =>
        {
            if (kind != PacketKind.Ike || !first || data[18] == 34) return true;
            first = false; // the first fragment of IKE_AUTH is lost, so all of them come again
            return false;
        };
        Assert.Null(pair.Up().Error);
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("splitting IKE message", StringComparison.Ordinal));
        Assert.Contains(pair.Moon.LogLines, l => l.Contains("retransmit 1 of request", StringComparison.Ordinal));
        var name = pair.Moon.Engine.Counters.ByConnection.Keys.Single();
        foreach (var counters in (long[][])[pair.Moon.Engine.Counters.Global, pair.Moon.Engine.Counters.ByConnection[name]])
            Assert.Equal((1, 1, 1, 1), (Of(counters, Counter.InitOutRequest), Of(counters, Counter.InitInResponse), Of(counters, Counter.AuthOutRequest), Of(counters, Counter.AuthInResponse)));
        var sun = pair.Sun.Engine.Counters.Global;
        Assert.Equal((1, 1, 1, 1), (Of(sun, Counter.InitInRequest), Of(sun, Counter.InitOutResponse), Of(sun, Counter.AuthInRequest), Of(sun, Counter.AuthOutResponse)));

        static long Of(long[] counters, Counter counter) => counters[(int)counter];
    }
}
