// Two gateways of a storm and what connects them.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Tests.Sim;

/// <summary>A is the initiator where only one can be.</summary>
sealed class StormLink
{
    readonly int _netA, _netB;

    public StormLink(Gateway a, Gateway b, int netA, int netB, int children, StormTraits traits, SeededRandom random)
    {
        (A, B, _netA, _netB, Traits) = (a, b, netA, netB, traits);
        PoolName = $"road-{a.Name}-{b.Name}";
        var change = traits.Change(random, a, b, PoolName);
        OfA = Pair.Configure(a, b, netA, netB, children, c => AtAll(change(c), a, b), b.Address.ToString());
        OfB = Pair.Configure(b, a, netB, netA, children, c => AtAll(change(c), b, a), a.Nat is null && !traits.HasFlag(StormTraits.Roams) ? a.Address.ToString() : "%any");
    }

    public Gateway A { get; }
    public Gateway B { get; }
    public Connection OfA { get; }
    public Connection OfB { get; }
    public StormTraits Traits { get; }
    public string PoolName { get; }

    /// <summary>The name that a gateway has in a second round.</summary>
    public static string SecondName(Gateway g) => $"second.{g.Name}.example";

    /// <summary>Who has several addresses is served at, and from, any of them: MOBIKE and redirects go there.</summary>
    static Connection AtAll(Connection c, Gateway me, Gateway peer) => c with
    {
        LocalAddrs = me.Addresses.Count > 1 ? [.. me.Addresses.Select(x => x.ToString())] : c.LocalAddrs,
        RemoteAddrs = peer.Addresses.Count > 1 && c.RemoteAddrs is not ["%any"] ? [.. peer.Addresses.Select(x => x.ToString())] : c.RemoteAddrs,
    };

    public bool IsOneWay => Traits.IsOneWay() || A.Nat is not null;

    /// <summary>What B gives A an address from, fresh; null if it does not.</summary>
    public Pool? NewPool()
    {
        if (!Traits.HasFlag(StormTraits.VirtualAddress)) return null;
        Assert.True(AddressRange.TryParse($"10.3.{16 * _netA + _netB}.0/28", out var range, out _));
        return new(PoolName, new AddressPool(range));
    }

    public bool IsUp(Gateway at, ChildConfig child) =>
        at.Engine.Snapshots().Any(s => s.Name == (at == A ? OfA : OfB).Name && s.Children.Any(c => c.Name == child.Name));

    /// <summary>A packet through a child, from A or to it; null while A has no address of its own.</summary>
    public byte[]? Packet(int child, bool fromA, int mark)
    {
        if (child == 0 && Traits.HasFlag(StormTraits.Transport))
        {
            if (A.Addresses.Count == 0) return null;
            return fromA ? Pair.InnerPacket(A.Address, B.Address, mark) : Pair.InnerPacket(B.Address, A.Nat?.Outside ?? A.Address, mark);
        }
        var there = Address.Parse($"10.{_netB}.{child}.7");
        Address? here = Traits.HasFlag(StormTraits.VirtualAddress)
            ? A.Engine.Snapshots().Where(s => s.Name == OfA.Name && s.State is (IkeState.Established or IkeState.Rekeying)).SelectMany(s => s.LocalVips).Cast<Address?>().FirstOrDefault()
            : Address.Parse($"10.{_netA}.{child}.7");
        if (here is not { } at) return null;
        return fromA ? Pair.InnerPacket(at, there, mark) : Pair.InnerPacket(there, at, mark);
    }

    /// <summary>Whether the packet came out; modes without an inner header make that anew, so its content is what counts.</summary>
    public static bool HasArrived(Gateway at, byte[] packet) => at.Plane.Delivered.Any(p => p.Length == packet.Length && p.AsSpan(28).SequenceEqual(packet.AsSpan(28)));

    /// <summary>Both ends' IKE_SAs with their children, in a form that must be the same at both.</summary>
    public (string[] OfA, string[] OfB) Pictures() => (Pictures(A, OfA), Pictures(B, OfB));

    static string[] Pictures(Gateway g, Connection c) => [.. g.Engine.Snapshots().Where(s => s.Name == c.Name).Select(s =>
        $"{s.InitiatorSpi:x16} {s.ResponderSpi:x16}: {string.Join(' ', s.Children.Select(k => $"{k.Name} {Math.Min(k.SpiIn, k.SpiOut):x8}/{Math.Max(k.SpiIn, k.SpiOut):x8}").Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal)];

    public override string ToString() => $"{A.Name}-{B.Name} ({Traits})";
}
