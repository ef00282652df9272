// A gateway brought into every state in which a message may meet it, with the genuine message at hand and the keys to forge others.
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

/// <summary>What one end does on its own; First is the handshake.</summary>
public enum Deed { None, First, NewChild, RekeyChild, RekeyIke, DeleteChild, DeleteIke, Liveness }

/// <summary>
/// The victim is the initiator of the IKE_SA or not; it has done something that its peer did not hear of, or whose answer is on its way
/// (<see cref="IsResponse"/>); the peer sends something, or nothing is awaited. With additional key exchanges
/// (<see cref="IsMultiple"/>) the message is the first of these.
/// </summary>
public sealed record Situation(bool VictimInitiated, Deed Victim, Deed Peer, bool IsResponse = false, bool IsRekeyed = false, bool IsGhost = false, bool IsContested = false,
    bool IsMultiple = false)
{
    public bool IsInit => !IsMultiple && Victim == Deed.First && VictimInitiated && IsResponse && Peer == Deed.First || Victim == Deed.None && Peer == Deed.First && !IsResponse;
    public bool IsUnprotected => IsInit;

    public static IEnumerable<Situation> All()
    {
        Deed[] deeds = [Deed.NewChild, Deed.RekeyChild, Deed.RekeyIke, Deed.DeleteChild, Deed.DeleteIke];
        yield return new(false, Deed.None, Deed.First);
        yield return new(true, Deed.First, Deed.First, IsResponse: true);
        yield return new(false, Deed.First, Deed.None);                     // half open, IKE_AUTH request
        yield return new(true, Deed.First, Deed.None, IsResponse: true);    // IKE_AUTH response
        foreach (var initiated in (bool[])[true, false])
        {
            foreach (var peer in (Deed[])[.. deeds, Deed.Liveness])
            {
                yield return new(initiated, Deed.None, peer);
                foreach (var victim in deeds) yield return new(initiated, victim, peer);
                yield return new(initiated, Deed.None, peer, IsRekeyed: true);
                yield return new(initiated, Deed.None, peer, IsGhost: true);
                yield return new(initiated, Deed.None, peer, IsContested: true);
            }
            foreach (var victim in deeds) yield return new(initiated, victim, Deed.None, IsResponse: true);
            foreach (var deed in (Deed[])[Deed.First, Deed.NewChild, Deed.RekeyChild, Deed.RekeyIke])
            {
                var is1st = deed == Deed.First;
                if (!is1st || !initiated) yield return new(initiated, is1st ? deed : Deed.None, is1st ? Deed.None : deed, IsMultiple: true);
                if (!is1st || initiated) yield return new(initiated, deed, Deed.None, IsResponse: true, IsMultiple: true);
            }
        }
    }
}

sealed class RobustScene
{
    readonly List<byte[]> _held = [];
    readonly int _witnessId;
    Func<PacketKind, byte[], bool, bool>? _link; // whether the packet passes; true: towards the victim

    public RobustScene(ulong seed, bool multiple = false)
    {
        Network = new(seed);
        Victim = Network.Add("moon", "192.0.2.1");
        Peer = Network.Add("sun", "192.0.2.2");
        Witness = Network.Add("star", "192.0.2.3");
        // whole messages can be mutated whole
        Victim.Engine.Settings = Peer.Engine.Settings = new Settings { FragmentSize = multiple ? 4000 : 1280 };
        var rounds = Pair.Rounds(multiple ? 2 : 0);
        Pair.Configure(Victim, Peer, 1, 2, 2, c => rounds(c) with { Fragmentation = FragmentationPolicy.Yes, RemoteAddrs = ["192.0.2.2", "%any"] }, "192.0.2.2");
        Pair.Configure(Peer, Victim, 2, 1, 2, c => rounds(c) with { Fragmentation = FragmentationPolicy.Yes }, "192.0.2.1");
        Pair.Configure(Victim, Witness, 1, 3, 1, c => c, "192.0.2.3");
        Pair.Configure(Witness, Victim, 3, 1, 1, c => c, "192.0.2.1");
        Initiate(Witness, Witness.Connections[0], 0);
        Network.Run(TimeSpan.FromSeconds(1));
        _witnessId = Assert.Single(Victim.Engine.Snapshots()).UniqueId;
        Network.Filter = (kind, source, destination, data) =>
        {
            if (source.Address == Witness.Address || destination.Address == Witness.Address) return true;
            var inbound = destination.Address == Victim.Address;
            if (!inbound) Answers++;
            return _link is not { } link || link(kind, data, inbound);
        };
    }

    public Network Network { get; }
    public Gateway Victim { get; }
    public Gateway Peer { get; }
    public Gateway Witness { get; }
    public IkeSa? Target { get; private set; }

    /// <summary>The datagram that the victim awaits, as its peer sent it.</summary>
    public byte[] Datagram { get; private set; } = [];

    /// <summary>What it holds, decrypted.</summary>
    public Chain Genuine { get; private set; }

    /// <summary>Seals as the peer does.</summary>
    public IkeProtection? Seal { get; private set; }

    /// <summary>Packets that the victim sent to the peer's address.</summary>
    public long Answers { get; private set; }

    public long Sent { get; private set; }
    public int Rebuilt { get; private set; }

    static readonly Endpoint _here = new(Address.Parse("192.0.2.1"), 500), _there = new(Address.Parse("192.0.2.2"), 500);

    public void Deliver(byte[] datagram, Endpoint? from = null)
    {
        Sent++;
        Victim.Engine.Receive(_here, from ?? _there, datagram, Network.Now);
    }

    /// <summary>Lets work finish that the last datagram caused.</summary>
    public void Work() => Network.Run(TimeSpan.FromMilliseconds(25));

    /// <summary>Everything that an unauthenticated datagram must not change.</summary>
    public (Phase Phase, uint Expected, Exchange? InProgress, uint Next, Exchange? Pending, Endpoint Remote, int Children) Picture() => Target is not { } t ? default
        : (t.Phase, t.Receiving.Expected, t.Receiving.InProgress, t.Sending.Next, t.Sending.Pending, t.Remote, ChildrenHash(t));

    /// <summary>What decides whether the next mutant finds the situation that it is meant for.</summary>
    public (Phase, Exchange?, int, int) Mark() => Target is not { } t ? default
        : (t.Phase, t.Sending.Pending, t.Sending.Retransmitted, ChildrenHash(t));

    static int ChildrenHash(IkeSa sa)
    {
        var hash = sa.Children.Count;
        foreach (var child in sa.Children) hash = hash * 31 + child.UniqueId * 7 + (int)child.State;
        return hash;
    }

    public void Enter(Situation s)
    {
        Rebuilt++;
        Clear();
        if (Rebuilt % 64 == 0) Network.Run(TimeSpan.FromSeconds(40)); // ghosts leave
        _held.Clear();
        var (victim, peer) = (Victim.Connections[0], Peer.Connections[0]);
        if (s.Victim == Deed.None && s.Peer == Deed.First)
        {
            _link = Hold(ExchangeType.IkeSaInit);
            Initiate(Peer, peer, 0);
            Await(() => _held.Count > 0);
            Take(s, null);
            return;
        }
        if (s.Victim == Deed.First)
        {
            _link = Hold(s.Peer == Deed.First ? ExchangeType.IkeSaInit : s.IsMultiple ? ExchangeType.IkeIntermediate : ExchangeType.IkeAuth);
            Initiate(s.VictimInitiated ? Victim : Peer, s.VictimInitiated ? victim : peer, 0);
            Await(() => _held.Count > 0);
            Take(s, Ours().Single());
            return;
        }
        Initiate(s.VictimInitiated ? Victim : Peer, s.VictimInitiated ? victim : peer, 0);
        Await(() => Ours().Any(x => x.Phase == Phase.Established) && Theirs() is { Sending.Pending: null, Phase: Phase.Established });
        var target = Ours().Single();
        if (s.IsResponse)
        {
            _link = Hold(s.IsMultiple ? ExchangeType.IkeFollowupKe : null);
            Do(Victim, target, victim, s.Victim);
            Await(() => _held.Count > 0);
            Take(s, target);
            return;
        }
        if (s.IsContested)
        {
            _link = (_, _, inbound) => inbound;
            Do(Victim, target, victim, Deed.RekeyIke);
            Await(() => target.Sending.Datagrams is not null);
            _link = (_, _, _) => true;
            // the victim's own request is lost, the peer's is answered
            var lost = target.Sending.Datagrams!;
            _link = (_, data, inbound) => inbound || !lost.Contains(data);
            Do(Peer, Theirs()!, peer, Deed.RekeyIke);
            Await(() => target.RekeyedByPeer is not null);
            target = target.RekeyedByPeer!.New;
        }
        else if (s.IsRekeyed)
        {
            _link = (_, data, inbound) => !inbound || data[18] != (byte)ExchangeType.Informational;
            Do(Peer, Theirs()!, peer, Deed.RekeyIke);
            Await(() => target.Phase == Phase.Rekeyed);
        }
        else if (s.IsGhost)
        {
            Do(Peer, Theirs()!, peer, Deed.DeleteIke);
            Await(() => target.Phase == Phase.Ghost);
        }
        else if (s.Victim != Deed.None)
        {
            _link = (_, _, inbound) => inbound;
            Do(Victim, target, victim, s.Victim);
            Await(() => target.Sending.Datagrams is not null);
        }
        // what the peer would say: made by it if it can, else by a template with the same payloads
        if (s.IsRekeyed || s.IsGhost || s.IsContested || s.Peer == Deed.Liveness) Take(s, target, Template(s.Peer));
        else
        {
            _link = Hold(s.IsMultiple ? ExchangeType.IkeFollowupKe : null);
            Do(Peer, Theirs()!, peer, s.Peer);
            Await(() => _held.Count > 0);
            Take(s, target);
            if (!s.IsMultiple) _templates[s.Peer] = Genuine;
        }
    }

    /// <summary>The genuine message's header for a message that comes next.</summary>
    public byte[] NextHeader(Situation s)
    {
        var t = Target!;
        var header = new IkeHeader(t.InitiatorSpi, t.ResponderSpi, (ExchangeType)Datagram[18],
            (s.IsResponse ? HeaderFlags.Response : 0) | (t.IsInitiator ? 0 : HeaderFlags.Initiator), s.IsResponse ? t.Sending.Next - 1 : t.Receiving.Expected);
        return Message.EncodePlain(header, []);
    }

    /// <summary>The tunnel to the witness carries packets both ways.</summary>
    public bool Carries()
    {
        var (there, back) = (Pair.InnerPacket(1, 3, 0, 0x5eed), Pair.InnerPacket(3, 1, 0, 0xbac4));
        Victim.Plane.Delivered.Clear();
        Witness.Plane.Delivered.Clear();
        Victim.SendInner(there);
        Witness.SendInner(back);
        Network.Run(TimeSpan.FromMilliseconds(10));
        return Witness.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)) && Victim.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back));
    }

    /// <summary>Ends what concerns the peer and waits until nothing of it can be left.</summary>
    public void Rest()
    {
        Clear();
        _link = (_, _, _) => false;
        Network.Run(TimeSpan.FromMinutes(10));
        Forget();
    }

    public void Forget()
    {
        foreach (var g in (Gateway[])[Victim, Peer, Witness])
        {
            g.LogLines.Clear();
            g.Events.Clear();
        }
    }

    /// <summary>Ends the SAs with everybody but the witness, at once and without a word.</summary>
    public void Clear()
    {
        (Target, Seal) = (null, null);
        foreach (var g in (Gateway[])[Victim, Peer])
            foreach (var sa in g.Engine.Snapshots())
                if (g != Victim || sa.UniqueId != _witnessId) g.Do(new Wish.TerminateIke(sa.UniqueId, Force: true, null));
        _link = null;
        Forget();
    }

    readonly Dictionary<Deed, Chain> _templates = [];

    Chain Template(Deed deed)
    {
        if (deed == Deed.Liveness) return new(0, []);
        if (!_templates.TryGetValue(deed, out var chain))
        {
            // the peer of another, equal pair says it
            var other = new RobustScene(1);
            other.Enter(new(true, Deed.None, deed));
            _templates[deed] = chain = other.Genuine;
        }
        return chain;
    }

    void Take(Situation s, IkeSa? target, Chain? template = null)
    {
        Target = target;
        _link = (_, _, _) => false;
        if (s.IsUnprotected)
        {
            Datagram = _held[0];
            Genuine = new(Datagram[16], Datagram[28..]);
            return;
        }
        var (keys, t) = (target!.Keys!, target);
        byte[] Copy(byte[] key) => (byte[])key.Clone();
        var (encryption, integrity) = (t.Proposal!.First(TransformType.Encryption)!.Value, t.Proposal.First(TransformType.Integrity));
        Seal = t.IsInitiator ? new(encryption, integrity, Copy(keys.SkEr), Copy(keys.SkAr)) : new(encryption, integrity, Copy(keys.SkEi), Copy(keys.SkAi));
        if (template is { } chain)
        {
            Genuine = chain;
            Datagram = new byte[IkeHeader.Bytes];
            Datagram[18] = (byte)(s.Peer is Deed.DeleteChild or Deed.DeleteIke or Deed.Liveness ? ExchangeType.Informational : ExchangeType.CreateChildSa);
            Datagram = RobustMutants.Protect(Seal, NextHeader(s), chain);
            return;
        }
        Datagram = _held[0];
        var open = (byte[])Datagram.Clone();
        Assert.True(Seal.Open(open, IkeHeader.Bytes + 4, out var at, out var length));
        Genuine = new(Datagram[28], open[at..(at + length)]);
    }

    static void Initiate(Gateway g, Connection connection, int child) => g.Do(new Wish.Initiate(connection, connection.Children[child], null));

    static void Do(Gateway g, IkeSa sa, Connection connection, Deed deed) => g.Do(deed switch
    {
        Deed.NewChild => new Wish.Initiate(connection, connection.Children[1], null),
        Deed.RekeyChild => new Wish.RekeyChild(sa.Children[0].UniqueId),
        Deed.RekeyIke => new Wish.RekeyIke(sa.UniqueId, false),
        Deed.DeleteChild => new Wish.TerminateChild(sa.Children[0].UniqueId, null),
        Deed.DeleteIke => new Wish.TerminateIke(sa.UniqueId, false, null),
        _ => throw new ArgumentOutOfRangeException(nameof(deed)),
    });

    IEnumerable<IkeSa> Ours() => Victim.Engine.Snapshots().Where(s => s.UniqueId != _witnessId).Select(s => Victim.Engine.Find(s.UniqueId)!);

    IkeSa? Theirs() => Peer.Engine.Snapshots().Select(s => Peer.Engine.Find(s.UniqueId)).FirstOrDefault();

    Func<PacketKind, byte[], bool, bool> Hold(ExchangeType? exchange) => (kind, data, inbound) =>
    {
        if (!inbound || kind != PacketKind.Ike || exchange is { } e && data[18] != (byte)e) return true;
        _held.Add(data);
        return false;
    };

    void Await(Func<bool> condition) => Assert.True(Network.RunUntil(condition, TimeSpan.FromSeconds(3)), "the scene did not come about");
}
