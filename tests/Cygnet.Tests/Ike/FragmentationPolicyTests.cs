// fragmentation= in every combination of both ends, fragment_size and max_packet. RFC 7383.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class FragmentationPolicyTests
{
    static bool Logged(Gateway g, string words) => g.LogLines.Any(l => l.Contains(words, StringComparison.Ordinal));

    public static TheoryData<FragmentationPolicy, FragmentationPolicy> Policies()
    {
        var data = new TheoryData<FragmentationPolicy, FragmentationPolicy>();
        foreach (var moon in Enum.GetValues<FragmentationPolicy>())
            foreach (var sun in Enum.GetValues<FragmentationPolicy>())
                data.Add(moon, sun);
        return data;
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Announced_unless_no_and_sent_unless_accept_or_no(FragmentationPolicy moon, FragmentationPolicy sun)
    {
        var pair = new Pair(change: c => c with { Fragmentation = c.Name.StartsWith("moon", StringComparison.Ordinal) ? moon : sun });
        pair.Moon.Engine.Settings = pair.Sun.Engine.Settings = new() { FragmentSize = 220 };
        Assert.Null(pair.Up().Error);
        var both = moon != FragmentationPolicy.No && sun != FragmentationPolicy.No;
        Assert.Equal(moon != FragmentationPolicy.No, Logged(pair.Sun, "parsed IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP)"));
        Assert.Equal(both, Logged(pair.Moon, "parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP)"));
        Assert.Equal(both && moon != FragmentationPolicy.Accept, Logged(pair.Moon, "splitting IKE message"));
        Assert.Equal(both && sun != FragmentationPolicy.Accept, Logged(pair.Sun, "splitting IKE message"));
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(0, 576 - 28), InlineData(1, 200 - 28), InlineData(400, 400 - 28)]
    public void No_datagram_is_longer_than_fragment_size(int size, int longest)
    {
        var pair = new Pair(change: Pair.Rounds(3));
        pair.Moon.Engine.Settings = pair.Sun.Engine.Settings = new() { FragmentSize = size };
        var most = 0;
        pair.Network.Filter = (kind, _, _, data) =>
        {
            if (kind == PacketKind.Ike && data[18] != 34) most = Math.Max(most, data.Length); // IKE_SA_INIT cannot be split
            return true;
        };
        Assert.Null(pair.Up().Error);
        Assert.InRange(most, longest - 24, longest);
        Assert.True(pair.Carries());
    }

    /// <summary>One end alone: of the other the fragments grow past what it takes.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public void Nothing_longer_than_max_packet_is_taken(bool fragments)
    {
        var pair = new Pair(change: c => Pair.Rounds(3)(c) with { Fragmentation = fragments ? FragmentationPolicy.Yes : FragmentationPolicy.No });
        pair.Sun.Engine.Settings = new() { MaxPacket = 800 };
        pair.Moon.Engine.Settings = new() { FragmentSize = 576 };
        Assert.NotNull(pair.Up().Error);
        Assert.NotEqual(0, pair.Sun.Engine.Counters.Drops[(int)DropReason.TooLarge]);
        Assert.Equal(fragments, Logged(pair.Sun, "fragmented IKE message is too large"));
        pair.Settle(60);
        Assert.Equal(0, pair.Sun.Engine.HeldCount);
    }
}
