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

    [Fact]
    public void Equal_selectors_with_other_marks_have_a_reqid_of_their_own()
    {
        var (table, shared, ts) = (new ReqidTable(), new SharedState(), new[] { TrafficSelector.Single(Address.Parse("10.0.0.1")) });
        uint Acquire(ChildConfig c) => table.Acquire(ts, ts, Address.Parse("192.0.2.1"), ChildMarks.Of(c, shared));
        var plain = new ChildConfig { Name = "c" };
        var fives = plain with { MarkIn = new(5, uint.MaxValue), MarkOut = new(5, uint.MaxValue) };
        var unique = plain with { MarkIn = new(0, uint.MaxValue) { IsUnique = true }, MarkOut = new(0, uint.MaxValue) { IsUnique = true } };
        Assert.Equal([1u, 1, 2, 2, 3, 4, 5], new[] { plain, plain, fives, fives, fives with { IfIdOut = 9 }, unique, unique }.Select(Acquire));
        // one mark for both directions, or one for each
        var both = ChildMarks.Of(unique, shared)!;
        Assert.Equal((3u, 3u), (both.In.Value, both.Out.Value));
        var each = ChildMarks.Of(plain with { MarkIn = new(0, 255) { IsUniquePerDirection = true }, MarkOut = new(0, 255) { IsUniquePerDirection = true }, IfIdIn = ChildConfig.UniqueIfIdPerDirection, IfIdOut = ChildConfig.UniqueIfIdPerDirection }, shared)!;
        Assert.Equal((new Mark(4, 255), new Mark(5, 255), 1u, 2u), (each.In, each.Out, each.IfIdIn, each.IfIdOut));
    }
}
