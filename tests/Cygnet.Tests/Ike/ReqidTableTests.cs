// Request ids: equal selectors share one, whatever differs gets its own.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Ike;

public sealed class ReqidTableTests
{
    static readonly Address Peer = Address.Parse("192.0.2.2");

    static TrafficSelector Net(string text) => TrafficSelector.Subnet(Address.Parse(text), 24);

    [Fact]
    public void Equal_selectors_share_one_until_the_last_gives_it_back()
    {
        var table = new ReqidTable();
        Assert.Equal(1u, table.Acquire([Net("10.1.0.0")], [Net("10.2.0.0")], Peer));
        Assert.Equal(1u, table.Acquire([Net("10.1.0.0")], [Net("10.2.0.0")], Peer));
        table.Release(1);
        Assert.Equal(1u, table.Acquire([Net("10.1.0.0")], [Net("10.2.0.0")], Peer));
        Assert.True(table.TryHold(1));
        Assert.False(table.TryHold(9));
        for (var i = 0; i < 3; i++) table.Release(1);
        Assert.Equal(2u, table.Acquire([Net("10.1.0.0")], [Net("10.2.0.0")], Peer));
    }

    [Fact]
    public void Whatever_differs_gets_its_own()
    {
        var (a, b, table) = (Net("10.1.0.0"), Net("10.2.0.0"), new ReqidTable());
        (TrafficSelector[] Local, TrafficSelector[] Remote, Address Peer)[] all =
        [
            ([a], [b], Peer), ([b], [a], Peer), ([a, b], [], Peer), ([], [a, b], Peer), ([a], [b], Address.Parse("192.0.2.3")), ([a], [b], Address.Parse("::c000:202")),
            ([a with { Protocol = 6 }], [b], Peer), ([a with { FromPort = 80 }], [b], Peer), ([a with { ToPort = 80 }], [b], Peer), ([a with { IsIPv6 = true }], [b], Peer),
            ([a with { IsDynamic = true }], [b], Peer), ([a], [b, b], Peer), ([.. Enumerable.Repeat(a, 40)], [b], Peer), ([.. Enumerable.Repeat(a, 41)], [b], Peer),
        ];
        Assert.Equal(Enumerable.Range(1, all.Length).Select(n => (uint)n), all.Select(s => table.Acquire(s.Local, s.Remote, s.Peer)));
        Assert.Equal(Enumerable.Range(1, all.Length).Select(n => (uint)n), all.Select(s => table.Acquire(s.Local, s.Remote, s.Peer)));
    }
}
