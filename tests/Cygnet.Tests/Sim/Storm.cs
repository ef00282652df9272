// A hostile quarter of an hour for several gateways, then peace: everything must agree, carry traffic, and vanish when told to.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

/// <summary>One seed, one storm. <see cref="Run"/> throws with the seed in the message if an invariant breaks.</summary>
public sealed class Storm(ulong seed, Cygnet.Crypto.ICryptoDoor? crypto = null)
{
    sealed record Link(Gateway A, Gateway B, Connection OfA, Connection OfB, int NetA, int NetB);

    readonly Network _network = new(seed);
    readonly List<Link> _links = [];
    readonly List<Gateway> _gateways = [];
    readonly List<string> _script = [];
    Nat? _nat;
    int _inner;
    bool _peace;

    public string Trace => _network.Trace();
    public Network Network => _network;

    public void Run()
    {
        Build();
        foreach (var link in _links)
            _network.At(TimeSpan.FromMilliseconds(_network.Random.Below(3000)), () => KeepUp(link));
        _network.Run(TimeSpan.FromSeconds(5));
        Rage();
        MakePeace();
        CheckAgreement();
        CheckTraffic();
        CheckNothingStays();
    }

    void Build()
    {
        var random = _network.Random;
        var count = 2 + random.Below(3);
        for (var i = 0; i < count; i++)
        {
            var behindNat = i == 0 && random.Chance(0.3);
            if (behindNat) _nat = new Nat("203.0.113.9");
            _gateways.Add(_network.Add($"g{i}", behindNat ? "10.99.0.2" : $"192.0.2.{i + 1}", behindNat ? _nat : null));
            if (crypto is not null) _gateways[i].Crypto = crypto;
            _gateways[i].Engine.Settings = new Settings { DosProtection = random.Chance(0.5), CookieThreshold = random.Below(4), FragmentSize = random.Chance(0.2) ? 300 : 1280 };
        }
        for (var i = 0; i < count; i++)
            for (var j = i + 1; j < count; j++)
                if (i == 0 || random.Chance(0.5))
                    Connect(i, j, 1 + random.Below(3));
        _network.Loss = random.Below(31) / 100.0;
        _network.Duplication = random.Below(20) / 100.0;
        _network.MostDelay = 1 + random.Below(random.Chance(0.5) ? 50 : 3000);
        _script.Add($"{count} gateways, {_links.Count} links, loss {_network.Loss}, duplication {_network.Duplication}, delay to {_network.MostDelay} ms, NAT {_nat is not null}");
    }

    void Connect(int i, int j, int children)
    {
        var (a, b) = (_gateways[i], _gateways[j]);
        var rekeys = _network.Random.Chance(0.7);
        var rounds = Pair.Rounds(Math.Max(0, _network.Random.Below(5) - 2), optional: 1 + _network.Random.Below(3));
        Connection Change(Connection c) => rounds(c) with
        {
            DpdDelay = TimeSpan.FromSeconds(30),
            RekeyTime = rekeys ? TimeSpan.FromSeconds(120) : TimeSpan.Zero,
            RandTime = rekeys ? TimeSpan.FromSeconds(20) : TimeSpan.Zero,
            Children = [.. rounds(c).Children.Select(k => k with
            {
                Lifetimes = rekeys ? new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(10)) : k.Lifetimes,
            })],
        };
        var toB = Pair.Configure(a, b, i + 1, j + 1, children, Change, b.Address.ToString());
        var toA = Pair.Configure(b, a, j + 1, i + 1, children, Change, a.Nat is null ? a.Address.ToString() : "%any");
        _links.Add(new(a, b, toB, toA, i + 1, j + 1));
    }

    /// <summary>What auto=start with a watchful operator does: brings up what is missing.</summary>
    void KeepUp(Link link)
    {
        var both = _network.Random.Chance(0.2) && link.A.Nat is null;
        foreach (var (me, connection) in both ? new[] { (link.A, link.OfA), (link.B, link.OfB) } : [(link.A, link.OfA)])
            foreach (var child in connection.Children)
                if (!me.Engine.Snapshots().Any(s => s.Name == connection.Name && s.Children.Any(c => c.Name == child.Name)))
                    me.Do(new Wish.Initiate(connection, child, null));
        if (!_peace) _network.At(TimeSpan.FromSeconds(20), () => KeepUp(link));
    }

    void Rage()
    {
        var random = _network.Random;
        for (var step = 0; step < 40; step++)
        {
            var link = _links[random.Below(_links.Count)];
            // at once on both ends as often as not: that is where collisions come from
            foreach (var g in random.Chance(0.5) ? new[] { link.A, link.B } : [random.Chance(0.5) ? link.A : link.B]) Act(g, random.Below(20));
            for (var i = 0; i < 3; i++) SendSomewhere(_links[random.Below(_links.Count)]);
            if (_nat is not null && random.Chance(0.05))
            {
                _script.Add($"{_network.Now.Milliseconds}: NAT forgets");
                _nat.Forget();
            }
            _network.Run(TimeSpan.FromMilliseconds(random.Below(random.Chance(0.3) ? 100 : 20_000)));
        }
    }

    void Act(Gateway g, int what)
    {
        var sas = g.Engine.Snapshots().Where(s => s.State == IkeState.Established).ToArray();
        if (sas.Length == 0) return;
        var sa = sas[_network.Random.Below(sas.Length)];
        var child = sa.Children.IsEmpty ? null : sa.Children[_network.Random.Below(sa.Children.Length)];
        Wish? wish = what switch
        {
            < 7 => child is null ? null : new Wish.RekeyChild(child.UniqueId),
            < 14 => new Wish.RekeyIke(sa.UniqueId, false),
            < 16 => child is null ? null : new Wish.TerminateChild(child.UniqueId, null),
            16 => new Wish.TerminateIke(sa.UniqueId, false, null),
            17 => new Wish.RekeyIke(sa.UniqueId, true),
            _ => null,
        };
        if (wish is null) return;
        _script.Add($"{_network.Now.Milliseconds}: {g.Name} {wish.GetType().Name} {sa.UniqueId} {child?.UniqueId}");
        g.Do(wish);
    }

    void SendSomewhere(Link link)
    {
        var child = _network.Random.Below(link.OfA.Children.Length);
        link.A.SendInner(Pair.InnerPacket(link.NetA, link.NetB, child, ++_inner));
        link.B.SendInner(Pair.InnerPacket(link.NetB, link.NetA, child, ++_inner));
    }

    void MakePeace()
    {
        (_network.Loss, _network.Duplication, _network.MostDelay) = (0, 0, 5);
        // what was given up by one end alone is found by liveness checks; what is missing comes up again
        _network.Run(TimeSpan.FromMinutes(8));
        _peace = true;
        _network.Run(TimeSpan.FromMinutes(8));
        // rekeyings go on by their timers: wait for a moment in which none is under way
        Require(_network.RunUntil(IsQuiet, TimeSpan.FromMinutes(5)), "never came to rest");
    }

    bool IsQuiet() => _gateways.All(g => g.Engine.Snapshots().All(s => s.State == IkeState.Established && s.TasksActive.IsEmpty && s.TasksQueued.IsEmpty && s.TasksPassive.IsEmpty
        && s.Children.All(c => c.State == ChildState.Installed)));

    void CheckAgreement()
    {
        foreach (var link in _links)
        {
            var (ofA, ofB) = (Pictures(link.A, link.OfA), Pictures(link.B, link.OfB));
            Require(ofA.SequenceEqual(ofB), $"{link.A.Name} and {link.B.Name} disagree:\n  {string.Join("\n  ", ofA)}\nagainst\n  {string.Join("\n  ", ofB)}");
            Require(ofA.Length == 1, $"{link.A.Name} and {link.B.Name} have {ofA.Length} IKE_SAs: {string.Join(", ", ofA)}");
            foreach (var child in link.OfA.Children)
                Require(link.A.Engine.Snapshots().Any(s => s.Name == link.OfA.Name && s.Children.Any(c => c.Name == child.Name)), $"{link.OfA.Name} lacks {child.Name}");
        }
        foreach (var g in _gateways)
        {
            Require(g.Faults == 0, $"{g.Name} had {g.Faults} internal faults");
            Require(g.Plane.Leaks == 0, $"{g.Name} leaked {g.Plane.Leaks} packets in clear");
        }
    }

    void CheckTraffic()
    {
        foreach (var link in _links)
            for (var child = 0; child < link.OfA.Children.Length; child++)
            {
                var (there, back) = (Pair.InnerPacket(link.NetA, link.NetB, child, ++_inner), Pair.InnerPacket(link.NetB, link.NetA, child, ++_inner));
                link.A.SendInner(there);
                _network.Run(TimeSpan.FromMilliseconds(100)); // a new NAT mapping is learnt from what comes through it
                link.B.SendInner(back);
                _network.Run(TimeSpan.FromMilliseconds(100));
                Require(link.B.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)), $"{link.OfA.Name} child {child}: a packet to {link.B.Name} did not arrive");
                Require(link.A.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back)), $"{link.OfA.Name} child {child}: a packet to {link.A.Name} did not arrive");
            }
    }

    void CheckNothingStays()
    {
        foreach (var g in _gateways) g.Do(new Wish.TerminateAll());
        _network.Run(TimeSpan.FromMinutes(10));
        foreach (var g in _gateways)
        {
            Require(g.Engine.HeldCount == 0, $"{g.Name} still has {g.Engine.HeldCount} IKE_SAs");
            Require(g.Engine.HalfOpenCount == 0, $"{g.Name} still counts {g.Engine.HalfOpenCount} half-open IKE_SAs");
            Require(g.Plane.Engine.IsEmpty, $"{g.Name}'s data plane is not empty: {g.Plane.Engine.Census}");
        }
    }

    static string[] Pictures(Gateway g, Connection c) => [.. g.Engine.Snapshots().Where(s => s.Name == c.Name).Select(s =>
        $"{s.InitiatorSpi:x16} {s.ResponderSpi:x16}: {string.Join(' ', s.Children.Select(k => $"{k.Name} {Math.Min(k.SpiIn, k.SpiOut):x8}/{Math.Max(k.SpiIn, k.SpiOut):x8}").Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal)];

    void Require(bool holds, string what)
    {
        if (holds) return;
        if (Environment.GetEnvironmentVariable("SIM_LOG") is { Length: > 0 } file) File.WriteAllLines(file, _gateways.SelectMany(g => g.LogLines).OrderBy(l => l[..9], StringComparer.Ordinal));
        var logs = _gateways.SelectMany(g => g.LogLines).Order(StringComparer.Ordinal).TakeLast(120);
        throw new InvalidOperationException($"seed {seed}: {what}\nreplay: SIM_SEED={seed} ./test sim\n{string.Join('\n', _script)}\n{string.Join('\n', logs)}");
    }
}
