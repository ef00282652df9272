// A hostile quarter of an hour for several gateways, then peace: everything must agree, carry traffic, and vanish when told to.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Tests.Sim;

/// <summary>One seed, one storm. <see cref="Run"/> throws with the seed in the message if an invariant breaks.</summary>
public sealed class Storm(ulong seed, Cygnet.Crypto.ICryptoDoor? crypto = null)
{
    static readonly byte[] _ppk = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    readonly Network _network = new(seed);
    readonly List<StormLink> _links = [];
    readonly List<Gateway> _gateways = [];
    readonly List<string> _script = [];
    readonly Dictionary<Gateway, Pool[]> _pools = [];
    readonly Dictionary<Gateway, StormCredentials> _credentials = [];
    readonly Dictionary<Gateway, List<StormWatcher>> _waiting = [];
    readonly Dictionary<Gateway, int> _eventsBefore = [];
    Nat? _nat;
    Gateway? _roamer;
    StormStranger? _stranger;
    int _inner, _moves;
    bool _peace;

    public string Trace => _network.Trace();
    public Network Network => _network;

    /// <summary>What all gateways logged, in order of time.</summary>
    public IEnumerable<string> Log => _gateways.SelectMany(g => g.LogLines).OrderBy(l => l[..9], StringComparer.Ordinal);

    public void Run()
    {
        try
        {
            Play();
        }
        finally
        {
            if (Environment.GetEnvironmentVariable("SIM_LOG") is { Length: > 0 } file) File.WriteAllLines(file, Log);
        }
    }

    void Play()
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
        CheckEvents();
        CheckAlerts();
    }

    void Build()
    {
        var random = _network.Random;
        var count = 2 + random.Below(3);
        var isIPv6 = random.Chance(0.2);
        for (var i = 0; i < count; i++)
        {
            var behindNat = i == 0 && !isIPv6 && random.Chance(0.3);
            if (behindNat) _nat = new Nat("203.0.113.9");
            _gateways.Add(_network.Add($"g{i}", behindNat ? "10.99.0.2" : isIPv6 ? $"2001:db8::{i + 1}" : $"192.0.2.{i + 1}", behindNat ? _nat : null));
            // another address to be found at, besides the one that everybody knows
            if (i > 0 && random.Chance(0.3)) _gateways[i].Add(Address.Parse($"{_gateways[i].Address}0"));
            if (crypto is not null) _gateways[i].Crypto = crypto;
            if (random.Chance(0.5)) _gateways[i].CrashTokens = new(Enumerable.Repeat((byte)(i + 1), CrashTokens.SecretBytes).ToArray());
            _gateways[i].Engine.Settings = new Settings
            {
                DosProtection = random.Chance(0.5), CookieThreshold = random.Below(4), FragmentSize = random.Chance(0.2) ? 300 : 1280, MakeBeforeBreak = random.Chance(0.5),
                TicketLifetime = random.Chance(0.5) ? TimeSpan.FromMinutes(10) : null,
            };
        }
        if (_nat is null && random.Chance(0.3)) _roamer = _gateways[0];
        for (var i = 0; i < count; i++)
            for (var j = i + 1; j < count; j++)
                if (i == 0 || random.Chance(0.5))
                    _links.Add(new(_gateways[i], _gateways[j], i + 1, j + 1, 1 + random.Below(3), StormTraitsOfLink.Draw(random, _gateways[i], _gateways[j], roams: _gateways[i] == _roamer), random));
        foreach (var g in _gateways)
        {
            _credentials[g] = new(g.Crypto, _ppk, $"{g.Name}.example", StormLink.SecondName(g));
            g.Radius = StormRadius.Server(lifetime: random.Chance(0.5) ? TimeSpan.FromSeconds(400) : null);
            Configure(g);
        }
        _network.Loss = random.Below(31) / 100.0;
        _network.Duplication = random.Below(20) / 100.0;
        _network.MostDelay = 1 + random.Below(random.Chance(0.5) ? 50 : 3000);
        if (seed % 5 == 3) _stranger = new(_network, seed);
        _script.Add($"{count} gateways, {string.Join(", ", _links)}, loss {_network.Loss}, duplication {_network.Duplication}, delay to {_network.MostDelay} ms, NAT {_nat is not null}, stranger {_stranger is not null}");
    }

    /// <summary>What the starter does: everything is loaded, traps are set.</summary>
    void Configure(Gateway g)
    {
        _pools[g] = [.. _links.Where(l => l.B == g).Select(l => l.NewPool()).OfType<Pool>()];
        g.Engine.Configure(new(g.Connections, _credentials[g]) { Pools = [.. _pools[g]] });
        foreach (var link in _links.Where(l => l.A == g && l.Traits.HasFlag(StormTraits.Traps)))
            foreach (var child in link.OfA.Children)
                g.Do(new Wish.Install(link.OfA, child, null));
    }

    /// <summary>What auto=start with a watchful operator does, or traffic that meets a trap: brings up what is missing.</summary>
    void KeepUp(StormLink link)
    {
        var both = _network.Random.Chance(0.2) && !link.IsOneWay;
        foreach (var (me, connection) in both ? new[] { (link.A, link.OfA), (link.B, link.OfB) } : [(link.A, link.OfA)])
            for (var i = 0; i < connection.Children.Length; i++)
            {
                if (link.IsUp(me, connection.Children[i])) continue;
                if (me == link.A && link.Traits.HasFlag(StormTraits.Traps)) me.SendInner(link.Packet(i, fromA: true, ++_inner)!);
                else me.Do(new Wish.Initiate(connection, connection.Children[i], Wait(me, $"up {connection.Children[i].Name}")));
            }
        if (!_peace) _network.At(TimeSpan.FromSeconds(20), () => KeepUp(link));
    }

    /// <summary>Somebody who waits for a wish, until the gateway crashes.</summary>
    StormWatcher Wait(Gateway g, string what)
    {
        var watcher = new StormWatcher($"{_network.Now.Milliseconds}: {what}");
        if (!_waiting.TryGetValue(g, out var waiting)) _waiting.Add(g, waiting = []);
        waiting.Add(watcher);
        return watcher;
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
            if (_roamer is not null && random.Chance(0.1)) Move(_roamer);
            if (link.Traits.HasFlag(StormTraits.Redirects) && random.Chance(0.3)) SendAway(link);
            if (random.Chance(0.01)) Reboot(_gateways[random.Below(_gateways.Count)]);
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
            < 16 => child is null ? null : new Wish.TerminateChild(child.UniqueId, Wait(g, $"down {child.Name}{{{child.UniqueId}}}")),
            16 => new Wish.TerminateIke(sa.UniqueId, false, Wait(g, $"down {sa.Name}[{sa.UniqueId}]")),
            < 19 => new Wish.RekeyIke(sa.UniqueId, true),
            _ => null,
        };
        if (wish is null) return;
        _script.Add($"{_network.Now.Milliseconds}: {g.Name} {wish.GetType().Name} {sa.UniqueId} {child?.UniqueId}");
        g.Do(wish);
    }

    void Move(Gateway g)
    {
        // at times out of reach for a while
        var isOut = g.Addresses.Count > 0 && _network.Random.Chance(0.2);
        var to = isOut ? default : Address.Parse(g.Address.IsIPv6 || _links[0].B.Address.IsIPv6 ? $"2001:db8:1::{++_moves:x}" : $"198.51.100.{++_moves}");
        _script.Add($"{_network.Now.Milliseconds}: {g.Name} moves to {(isOut ? "nowhere" : to)}");
        g.MoveTo(isOut ? [] : [to]);
    }

    /// <summary>To the one of B's addresses where the initiator is not.</summary>
    void SendAway(StormLink link)
    {
        if (link.B.Engine.Snapshots().FirstOrDefault(s => s.Name == link.OfB.Name && s.State == IkeState.Established) is not { } sa || link.B.Addresses.Find(x => x != sa.Local.Address) is var to && to.IsAny) return;
        _script.Add($"{_network.Now.Milliseconds}: {link.B.Name} redirects {sa.UniqueId} to {to}");
        link.B.Do(new Wish.Redirect(sa.UniqueId, Identity.Parse($"{to}")));
    }

    void Reboot(Gateway g)
    {
        if (g.Addresses.Count == 0) Move(g); // a trap needs to know its address
        _script.Add($"{_network.Now.Milliseconds}: {g.Name} reboots");
        g.Crash();
        _waiting.Remove(g);
        _eventsBefore[g] = g.Events.Count;
        g.Reboot();
        Configure(g);
    }

    void SendSomewhere(StormLink link)
    {
        var child = _network.Random.Below(link.OfA.Children.Length);
        if (link.Packet(child, fromA: true, ++_inner) is { } there) link.A.SendInner(there);
        if (link.Packet(child, fromA: false, ++_inner) is { } back) link.B.SendInner(back);
    }

    void MakePeace()
    {
        (_network.Loss, _network.Duplication, _network.MostDelay) = (0, 0, 5);
        _stranger?.Leave();
        if (_roamer is { Addresses.Count: 0 }) Move(_roamer);
        // what was given up by one end alone is found by liveness checks; what is missing comes up again
        _network.Run(TimeSpan.FromMinutes(8));
        _peace = true;
        _network.Run(TimeSpan.FromMinutes(8));
        // rekeyings go on by their timers: wait for a moment in which none is under way
        Require(_network.RunUntil(IsQuiet, TimeSpan.FromMinutes(5)), $"never came to rest: {string.Join(", ", Restless())}");
    }

    bool IsQuiet() => !Restless().Any();

    IEnumerable<string> Restless() => _gateways.SelectMany(g => g.Engine.Snapshots().Where(s => s.State != IkeState.Established || !s.TasksActive.IsEmpty || !s.TasksQueued.IsEmpty || !s.TasksPassive.IsEmpty
        || s.Children.Any(c => c.State != ChildState.Installed))
        .Select(s => $"{g.Name} {s.Name}[{s.UniqueId}] {s.State} {string.Join(' ', [.. s.TasksActive, .. s.TasksQueued, .. s.TasksPassive])} {string.Join(' ', s.Children.Where(c => c.State != ChildState.Installed).Select(c => $"{c.Name} {c.State}"))}"))
        // a rekeyed CHILD_SA receives for some seconds more
        .Concat(_gateways.Where(g => g.Engine.ChildCount != g.Engine.Snapshots().Sum(s => s.Children.Length)).Select(g => $"{g.Name} has {g.Engine.Census}"))
        // one that a reauthentication has replaced may stay for some seconds more, in case the peer was slower
        .Concat(_links.Where(l => l.Pictures().OfA.Length > 1).Select(l => $"{l.OfA.Name} {l.Pictures().OfA.Length} times"));

    void CheckAgreement()
    {
        foreach (var link in _links)
        {
            var (ofA, ofB) = link.Pictures();
            Require(ofA.SequenceEqual(ofB), $"{link.A.Name} and {link.B.Name} disagree:\n  {string.Join("\n  ", ofA)}\nagainst\n  {string.Join("\n  ", ofB)}");
            Require(ofA.Length == 1, $"{link.A.Name} and {link.B.Name} have {ofA.Length} IKE_SAs: {string.Join(", ", ofA)}");
            foreach (var child in link.OfA.Children)
                Require(link.IsUp(link.A, child), $"{link.OfA.Name} lacks {child.Name}");
        }
        foreach (var g in _gateways)
        {
            Require(g.Faults == 0, $"{g.Name} had {g.Faults} internal faults");
            Require(g.Plane.Leaks == 0, $"{g.Name} leaked {g.Plane.Leaks} packets in clear");
            Require(g.Plane.Engine.SaCount == 2 * g.Engine.ChildCount, $"{g.Name} has {g.Engine.Census}, its data plane {g.Plane.Engine.Census}");
            if (_waiting.GetValueOrDefault(g)?.Find(w => !w.IsDone) is { } forgotten) Require(false, $"{g.Name} never told how this ended: {forgotten.What}");
        }
    }

    void CheckTraffic()
    {
        foreach (var link in _links)
            for (var child = 0; child < link.OfA.Children.Length; child++)
            {
                // a reauthentication that breaks before it makes may lie right here: then it is tried once more when it is over
                if (Carries(link, child) is null) continue;
                Require(_network.RunUntil(IsQuiet, TimeSpan.FromMinutes(5)), $"did not come to rest again: {string.Join(", ", Restless())}");
                if (Carries(link, child) is { } lost) Require(false, lost);
            }
    }

    /// <summary>Null if a packet arrives each way.</summary>
    string? Carries(StormLink link, int child)
    {
        if (link.Packet(child, fromA: true, ++_inner) is not { } there || link.Packet(child, fromA: false, ++_inner) is not { } back)
            return $"{link.A.Name} has no virtual address of {link.B.Name}";
        link.A.SendInner(there);
        _network.Run(TimeSpan.FromMilliseconds(100)); // a new NAT mapping is learnt from what comes through it
        link.B.SendInner(back);
        _network.Run(TimeSpan.FromMilliseconds(100));
        return !StormLink.HasArrived(link.B, there) ? $"{link.OfA.Name} child {child}: a packet to {link.B.Name} did not arrive"
            : !StormLink.HasArrived(link.A, back) ? $"{link.OfA.Name} child {child}: a packet to {link.A.Name} did not arrive" : null;
    }

    void CheckNothingStays()
    {
        foreach (var link in _links.Where(l => l.Traits.HasFlag(StormTraits.Traps)))
            foreach (var child in link.OfA.Children) link.A.Do(new Wish.Uninstall(link.OfA.Name, child.Name, null));
        foreach (var g in _gateways) g.Do(new Wish.TerminateAll());
        _network.Run(TimeSpan.FromMinutes(10));
        foreach (var g in _gateways)
        {
            Require(g.Engine.HeldCount == 0, $"{g.Name} still has {g.Engine.HeldCount} IKE_SAs");
            Require(g.Engine.HalfOpenCount == 0, $"{g.Name} still counts {g.Engine.HalfOpenCount} half-open IKE_SAs");
            Require(!g.Host.Addresses.Any(), $"{g.Name} still has {string.Join(", ", g.Host.Addresses)}");
            Require(_pools[g].All(p => p.Addresses.OnlineCount == 0), $"{g.Name} still has leases online");
            Require(g.Engine.IsEmpty, $"{g.Name} still has {g.Engine.Census}");
            Require(g.Plane.Engine.IsEmpty, $"{g.Name}'s data plane is not empty: {g.Plane.Engine.Census}");
        }
    }

    // Everybody has the right secrets, certificates, proposals and selectors, and the network changes no packet: whatever is lost, late or begun twice, nobody is told otherwise.
    // (A token of RFC 6290 that comes unasked is no message that can be read.)
    static readonly HashSet<string> s_never =
    [
        AlertType.AuthorizationFailed, AlertType.ProposalMismatchIke, AlertType.ProposalMismatchChild, AlertType.ParseErrorHeader, AlertType.InstallChildSaFailed, AlertType.InstallChildPolicyFailed,
        AlertType.UniqueKeep, AlertType.CertExpired, AlertType.CertRevoked, AlertType.CertNoIssuer, AlertType.CertUntrustedRoot, AlertType.CertExceededPathLen, AlertType.CertPolicyViolation,
    ];

    // A ticket proves who one is only once, and who moves between two messages may mean another host by transport mode. Who was asked for a cookie signs the request that has it;
    // a repetition of the one without may still be under way, and come when no cookies are wanted any more.
    bool IsPossible(string alert) => alert switch
    {
        _ when _stranger is not null => AlertType.All.Contains(alert),
        AlertType.LocalAuthFailed or AlertType.PeerAuthFailed => _links.Any(l => l.Traits.HasFlag(StormTraits.Resumes))
            || _gateways.Any(g => g.LogLines.Any(line => line.Contains("N(COOKIE)", StringComparison.Ordinal))),
        AlertType.TsMismatch => _roamer is not null || _nat is not null,
        _ => !s_never.Contains(alert) && AlertType.All.Contains(alert),
    };

    /// <summary>Everything that came up by the events since the last crash went down by them again.</summary>
    void CheckEvents()
    {
        foreach (var g in _gateways)
        {
            var ledger = new StormLedger();
            foreach (var e in g.Events.Skip(_eventsBefore.GetValueOrDefault(g)))
                if (ledger.Add(e) is { } wrong) Require(false, $"{g.Name} tells that {wrong}");
            Require(!ledger.Sas.Any() && !ledger.Children.Any(), $"{g.Name} never told that these went down: IKE_SAs {string.Join(' ', ledger.Sas)}, CHILD_SAs {string.Join(' ', ledger.Children)}");
        }
    }

    void CheckAlerts()
    {
        foreach (var g in _gateways)
        {
            var alerts = g.Alerts.ToArray();
            if (alerts.FirstOrDefault(t => !IsPossible(t)) is { } wrong) Require(false, $"{g.Name} raised the alert {wrong}");
            Require(alerts.Count(t => t == AlertType.RetransmitSendCleared) <= alerts.Count(t => t == AlertType.RetransmitSend), $"{g.Name} had answers to more repetitions than it sent");
        }
    }

    void Require(bool holds, string what)
    {
        if (holds) return;
        var logs = _gateways.SelectMany(g => g.LogLines).Order(StringComparer.Ordinal).TakeLast(120);
        throw new InvalidOperationException($"seed {seed}: {what}\nreplay: SIM_SEED={seed} ./test sim\n{string.Join('\n', _script)}\n{string.Join('\n', logs)}");
    }
}
