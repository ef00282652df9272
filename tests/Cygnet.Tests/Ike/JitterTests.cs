// When SAs are rekeyed: within the span that rekeyfuzz leaves, and all over it, so that a thousand tunnels do not rekey in one second. ipsec-conf "rekey time".
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class JitterTests
{
    const int Seeds = 60;

    [Fact]
    public void Children_are_rekeyed_at_random_within_their_span()
    {
        var seconds = Seconds(c => c with { Children = [c.Children[0] with { Lifetimes = new(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(60)) }] }, "establishing CHILD_SA net0{2}");
        ShouldSpread(seconds, 40, 100);
    }

    [Fact]
    public void IKE_SAs_are_rekeyed_at_random_within_their_span() =>
        ShouldSpread(Seconds(c => c with { RekeyTime = TimeSpan.FromSeconds(100), RandTime = TimeSpan.FromSeconds(60) }, "rekeying to"), 40, 100);

    [Fact]
    public void Without_a_span_the_time_is_fixed() =>
        Assert.All(Seconds(c => c with { RekeyTime = TimeSpan.FromSeconds(100) }, "rekeying to"), s => Assert.InRange(s, 99.5, 101));

    /// <summary>When moon says the words, in seconds after it was established, for each seed; sun never begins.</summary>
    static List<double> Seconds(Func<Connection, Connection> change, string words)
    {
        List<double> all = [];
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var pair = Pair.Established(seed, change: c => c.Name == "moon-sun" ? change(c) : c);
            pair.Settle(110);
            all.Add(Time(pair, words) - Time(pair, "CHILD_SA net0{1} established"));
        }
        return all;
    }

    static double Time(Pair pair, string words)
    {
        var line = pair.Moon.LogLines.Find(l => l.Contains(words, StringComparison.Ordinal));
        Assert.True(line is not null, $"moon never said '{words}'");
        return int.Parse(line[..9]) / 1000.0;
    }

    static void ShouldSpread(List<double> seconds, double first, double last)
    {
        Assert.All(seconds, s => Assert.InRange(s, first - 0.5, last + 0.5));
        // sixty draws from a fair die: that none falls into an outer fifth has a chance of less than two in a million, and the seeds are fixed
        var fifth = (last - first) / 5;
        Assert.Contains(seconds, s => s < first + fifth);
        Assert.Contains(seconds, s => s > last - fifth);
    }
}
