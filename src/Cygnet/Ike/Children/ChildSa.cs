// A CHILD_SA: a pair of ESP SAs with their policies, and the timers of its life. RFC 7296 2.8, 2.17; RFC 4301 4.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class ChildSa
{
    SaParameters? _waitingOutbound;
    PolicyParameters? _policy;
    Address _peer, _outboundPeer; // the outer addresses under which the data plane knows our SAs
    bool _hasInbound, _hasOutbound, _spiReserved, _holdsReqid;

    public ChildSa(IkeSa ike, ChildConfig config)
    {
        Ike = ike;
        (Config, Mode) = (config, config.Mode);
        UniqueId = ike.Engine.Host.Shared.NextChildId();
        Deadlines.Fill(Instant.Never);
    }

    /// <summary>The IKE_SA that it belongs to; changes when that is rekeyed.</summary>
    public IkeSa Ike { get; private set; }
    public ChildConfig Config { get; }
    public int UniqueId { get; }
    public ChildState State { get; set; } = ChildState.Created;
    public uint Reqid { get; private set; }

    /// <summary>As configured until it is agreed on; a peer may want tunnel mode instead.</summary>
    public ChildMode Mode { get; set; }

    /// <summary>ESP, or AH where the configuration says so.</summary>
    public SecurityProtocol Protocol => Config.Proposals is [var first, ..] ? first.Protocol : SecurityProtocol.Esp;

    /// <summary>Both ends have one if packets are compressed; 0 is none. RFC 7296 2.22.</summary>
    public ushort CpiIn { get; private set; }
    public ushort CpiOut { get; set; }

    /// <summary>Netfilter marks and XFRM interfaces; null if it has none.</summary>
    public ChildMarks? Marks { get; private set; }

    /// <summary>The peer did not refuse TFC padding.</summary>
    public bool PeerTakesTfc { get; set; } = true;
    public uint SpiIn { get; private set; }
    public uint SpiOut { get; set; }
    public Proposal? Proposal { get; set => field = value is null ? null : Ike.Engine.Interned(value); }

    /// <summary>The key exchange made for this SA alone; 0 without one.</summary>
    public ushort KeMethod { get; set; }
    // What is agreed is often what is configured: then it is the same object.
    public ImmutableArray<TrafficSelector> LocalTs { get; set => field = Config.LocalTs.SequenceEqual(value) ? Config.LocalTs : value; } = [];
    public ImmutableArray<TrafficSelector> RemoteTs { get; set => field = Config.RemoteTs.SequenceEqual(value) ? Config.RemoteTs : value; } = [];
    public IWatcher? Watcher { get; set; }

    /// <summary>The packet that met a trap and led to this SA.</summary>
    public Acquired? Acquired { get; init; }

    /// <summary>The peer rekeyed this SA and we answered: what is needed to decide a collision with our own request.</summary>
    public PeerRekey? RekeyedByPeer { get; set; }

    /// <summary>The SA that the peer made in its place; sends once this one is deleted.</summary>
    public ChildSa? Replacement { get; set; }

    public Instant Installed { get; private set; }

    /// <summary>The data plane took its SAs, but not its policies.</summary>
    public bool LacksPolicy { get; private set; }

    /// <summary>Our request made it, ours or that of its rekeying.</summary>
    public bool WeInitiated { get; private set; }

    /// <summary>The words that follow its name in the log if its reqid is known beforehand.</summary>
    public string Of => Acquired is { } acquired ? $" reqid {acquired.Reqid}" : "";

    string Name => $"{Config.Name}{{{UniqueId}}}";

    public override string ToString() => Name;

    /// <summary>Chooses an inbound SPI that carries the shard's number and reserves it in the data plane.</summary>
    public uint ReserveSpi()
    {
        if (_spiReserved) return SpiIn;
        do SpiIn = Ike.Engine.NewEspSpi();
        while (!Ike.Engine.Host.DataPlane.TryReserveSpi(Protocol, SpiIn));
        _spiReserved = true;
        Ike.Engine.Register(this);
        return SpiIn;
    }

    /// <summary>Reserves a CPI, if the data plane compresses and has one left.</summary>
    public bool ReserveCpi()
    {
        const int tries = 16;
        var plane = Ike.Engine.Host.DataPlane;
        for (var i = 0; i < tries && plane.SupportsIpComp && CpiIn == 0; i++)
        {
            // RFC 3173 3.3: below are well-known ones, above those for private use
            var cpi = (ushort)(256 + Ike.Engine.RandomBelow(61440 - 256));
            if (plane.TryReserveCpi(cpi)) CpiIn = cpi;
        }
        return CpiIn != 0;
    }

    public void ReleaseCpi()
    {
        if (CpiIn != 0) Ike.Engine.Host.DataPlane.ReleaseCpi(CpiIn);
        CpiIn = CpiOut = 0;
    }

    /// <summary>As the other, with what a CREATE_CHILD_SA exchange and those that followed it have agreed on.</summary>
    public string? Install(KeyInput input, bool weInitiated, ChildSa? rekeyed, bool delayOutbound) =>
        Install(input.Secret, input.Ni, input.Nr, weInitiated, rekeyed, delayOutbound, input.Additional.Octets);

    /// <summary>
    /// Derives the keys and installs both directions and the policies. With <paramref name="delayOutbound"/> (the responder of a rekeying)
    /// the old SA goes on sending until the peer deletes it, as the peer may not have its new inbound SA yet.
    /// Returns the reason if the data plane refuses; nothing stays behind then.
    /// </summary>
    public string? Install(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> ni, ReadOnlySpan<byte> nr, bool weInitiated, ChildSa? rekeyed, bool delayOutbound,
        ReadOnlySpan<byte> additional = default)
    {
        var encryption = Proposal!.First(TransformType.Encryption);
        var integrity = Proposal.First(TransformType.Integrity);
        var keys = ChildKeys.Derive(Ike.Prf!, Ike.Keys!.SkD, sharedSecret, ni, nr, encryption, integrity, additional);
        // what it is between may have moved while it was agreed on
        if (Mode == ChildMode.Transport) (LocalTs, RemoteTs) = (ChildNotifies.Between(LocalTs, Ike.Local.Address), ChildNotifies.Between(RemoteTs, Ike.Remote.Address));
        Marks = rekeyed is null ? ChildMarks.Of(Config, Ike.Engine.Host.Shared, Ike.IfIds) : rekeyed.Marks;
        AcquireReqid(rekeyed);
        Installed = Ike.Engine.Now;
        _peer = _outboundPeer = Ike.Remote.Address;
        var (rekeyBytes, rekeyPackets) = SoftLimits();
        var inbound = new SaParameters
        {
            Direction = SaDirection.Inbound, Spi = SpiIn, Local = Ike.Local, Remote = Ike.Remote, UdpEncapsulation = Ike.HasNat, Reqid = Reqid,
            Protocol = Protocol, Mode = Mode, Cpi = CpiOut == 0 ? (ushort)0 : CpiIn, Encryption = encryption, Integrity = integrity,
            EncryptionKey = weInitiated ? keys.EncryptionR : keys.EncryptionI,
            IntegrityKey = weInitiated ? keys.IntegrityR : keys.IntegrityI,
            ExtendedSequenceNumbers = UsesEsn, ReplayWindow = Config.ReplayWindow ?? Ike.Engine.Settings.ReplayWindow, Sha256_96 = Config.Sha256_96, LocalTs = LocalTs, RemoteTs = RemoteTs,
            Mark = Config.MarkInSa ? Marks?.In ?? default : default, SetMark = ChildMarks.Set(Config.SetMarkIn, Marks?.In ?? default), IfId = Marks?.IfIdIn ?? 0,
            CopyDf = Config.CopyDf, CopyEcn = Config.CopyEcn, CopyDscp = Config.CopyDscp,
            SoftBytes = rekeyBytes, HardBytes = Config.Lifetimes.LifeBytes, SoftPackets = rekeyPackets, HardPackets = Config.Lifetimes.LifePackets,
        };
        var outbound = inbound with
        {
            Direction = SaDirection.Outbound, Spi = SpiOut, Cpi = CpiOut, TfcPadding = PeerTakesTfc ? Config.TfcPadding : 0,
            Mark = Marks?.Out ?? default, SetMark = ChildMarks.Set(Config.SetMarkOut, Marks?.Out ?? default), IfId = Marks?.IfIdOut ?? 0,
            EncryptionKey = weInitiated ? keys.EncryptionI : keys.EncryptionR,
            IntegrityKey = weInitiated ? keys.IntegrityI : keys.IntegrityR,
        };
        var plane = Ike.Engine.Host.DataPlane;
        if (plane.InstallSa(inbound) is { } whyIn) return Undo(whyIn);
        _hasInbound = true;
        if (delayOutbound) _waitingOutbound = outbound;
        else if (plane.InstallSa(outbound) is { } whyOut) return Undo(whyOut);
        else _hasOutbound = true;
        if (Config.InstallsPolicy)
        {
            var policy = new PolicyParameters
            {
                Reqid = Reqid, LocalTs = LocalTs, RemoteTs = RemoteTs, Mode = Mode, Protocol = Protocol, IsCompressed = CpiOut != 0,
                MarkIn = Marks?.In ?? default, MarkOut = Marks?.Out ?? default, IfIdIn = Marks?.IfIdIn ?? 0, IfIdOut = Marks?.IfIdOut ?? 0, Priority = Config.Priority, Interface = Config.Interface,
                LocalAddress = Ike.Local.Address, RemoteAddress = Ike.Remote.Address,
            };
            if (plane.InstallPolicy(policy) is { } whyPolicy)
            {
                LacksPolicy = true;
                return Undo(whyPolicy);
            }
            _policy = policy;
        }
        State = ChildState.Installed;
        Ike.Children.Add(this);
        WeInitiated = weInitiated;
        ArmLifetimes();
        ArmInactivity(rekeyed);
        return null;
    }

    /// <summary>The peer has its new inbound SA for sure: switch sending over.</summary>
    public void InstallWaitingOutbound()
    {
        if (_waitingOutbound is not { } outbound) return;
        _waitingOutbound = null;
        outbound = outbound with { Local = Ike.Local, Remote = Ike.Remote, UdpEncapsulation = Ike.HasNat };
        _outboundPeer = Ike.Remote.Address;
        if (Ike.Engine.Host.DataPlane.InstallSa(outbound) is not { } why) _hasOutbound = true;
        else
        {
            Ike.Log(LogGroup.Chd, 1, $"installing outbound SA of CHILD_SA {Name} failed: {why}");
            Ike.Alert(AlertType.InstallChildSaFailed);
        }
    }

    /// <summary>Stops sending on this SA, and receiving after the given time, for what is still on its way. RFC 7296 2.8.</summary>
    public void Retire(TimeSpan linger)
    {
        TellDown();
        BequeathLastUse();
        State = ChildState.Deleted;
        CancelLifetimes();
        RemoveOutbound();
        RemovePolicy();
        if (linger <= TimeSpan.Zero) OnLingered();
        else Ike.Engine.Timers.Set(_linger, Ike.Engine.Now + linger);
    }

    /// <summary>Takes everything back: SAs, policies, SPI, reqid, timers, and what was told of it. Idempotent.</summary>
    public void Remove()
    {
        TellDown();
        BequeathLastUse();
        _heir = null;
        Ike.Engine.Timers.Forget(this);
        RemovePolicy();
        RemoveOutbound();
        if (_hasInbound) Ike.Engine.Host.DataPlane.RemoveSa(SaDirection.Inbound, SpiIn, _peer, Protocol);
        else if (_spiReserved) Ike.Engine.Host.DataPlane.ReleaseSpi(Protocol, SpiIn);
        ReleaseCpi();
        Ike.Engine.Forget(this);
        _hasInbound = _spiReserved = false;
        if (_holdsReqid) Ike.Engine.Host.Shared.Reqids.Release(Reqid);
        _holdsReqid = false;
        Ike.Children.Remove(this);
        State = ChildState.Destroying;
    }

    /// <summary>Tells who waits for this child; only the first call counts.</summary>
    public void Report(string? error)
    {
        Ike.Report(Watcher, error);
        Watcher = null;
    }

    /// <summary>The IKE_SA moved to other endpoints, or to other encapsulation (NAT rebinding, MOBIKE): SAs and policies follow.</summary>
    public void MoveEndpoints()
    {
        var plane = Ike.Engine.Host.DataPlane;
        if (_hasInbound && plane.UpdateSa(SaDirection.Inbound, SpiIn, _peer, Ike.Local, Ike.Remote, Ike.HasNat, Protocol) is { } whyIn)
            Ike.Log(LogGroup.Chd, 1, $"moving inbound SA of CHILD_SA {Name} failed: {whyIn}");
        else _peer = Ike.Remote.Address;
        if (_hasOutbound)
        {
            if (plane.UpdateSa(SaDirection.Outbound, SpiOut, _outboundPeer, Ike.Local, Ike.Remote, Ike.HasNat, Protocol) is { } whyOut)
                Ike.Log(LogGroup.Chd, 1, $"moving outbound SA of CHILD_SA {Name} failed: {whyOut}");
            else _outboundPeer = Ike.Remote.Address;
        }
        if (_policy is not { } old || (old.LocalAddress, old.RemoteAddress) == (Ike.Local.Address, Ike.Remote.Address)) return;
        (LocalTs, RemoteTs) = (Following(LocalTs, old.LocalAddress, Ike.Local.Address), Following(RemoteTs, old.RemoteAddress, Ike.Remote.Address));
        if (_waitingOutbound is { } waiting) _waitingOutbound = waiting with { LocalTs = LocalTs, RemoteTs = RemoteTs };
        if (_hasInbound) plane.UpdateSelectors(SaDirection.Inbound, SpiIn, _peer, LocalTs, RemoteTs);
        if (_hasOutbound) plane.UpdateSelectors(SaDirection.Outbound, SpiOut, _outboundPeer, LocalTs, RemoteTs);
        // the new one first, so that nothing leaves in between
        var moved = old with { LocalTs = LocalTs, RemoteTs = RemoteTs, LocalAddress = Ike.Local.Address, RemoteAddress = Ike.Remote.Address };
        if (plane.InstallPolicy(moved) is { } whyPolicy)
        {
            Ike.Log(LogGroup.Chd, 1, $"moving the policies of CHILD_SA {Name} failed: {whyPolicy}");
            return;
        }
        plane.RemovePolicy(old);
        _policy = moved;
    }

    /// <summary>A selector that is the outer address itself, as <c>dynamic</c> becomes without virtual ones, moves with it; so it does in the reference.</summary>
    static ImmutableArray<TrafficSelector> Following(ImmutableArray<TrafficSelector> selectors, Address from, Address to) => from == to ? selectors
        : [.. selectors.Select(t => t.From == t.To && t.IsIPv6 == from.IsIPv6 && t.From == from.Bits ? new TrafficSelector(to.IsIPv6, to.Bits, to.Bits, t.Protocol, t.FromPort, t.ToPort) : t)];

    /// <summary>Goes over to the successor of its IKE_SA. RFC 7296 2.18.</summary>
    public void MoveTo(IkeSa successor)
    {
        Ike.Children.Remove(this);
        Ike = successor;
        successor.Children.Add(this);
        if (_peer != successor.Remote.Address) MoveEndpoints();
    }

    public SaCounters Counters(SaDirection direction) => direction == SaDirection.Inbound
        ? _hasInbound ? Ike.Engine.Host.DataPlane.Query(direction, SpiIn, _peer, Protocol) : default
        : _hasOutbound ? Ike.Engine.Host.DataPlane.Query(direction, SpiOut, _outboundPeer, Protocol) : default;

    public bool UsesEsn => Proposal?.First(TransformType.ExtendedSequenceNumbers) is { Id: 1 };

    public ChildSnapshot Snapshot() => new()
    {
        Name = Config.Name, UniqueId = UniqueId, Reqid = Reqid, State = State, Mode = Mode, Protocol = Protocol, CpiIn = CpiOut == 0 ? (ushort)0 : CpiIn, CpiOut = CpiOut, Marks = Marks, UdpEncapsulation = Ike.HasNat, SpiIn = SpiIn, SpiOut = SpiOut,
        Proposal = Proposal, KeMethod = KeMethod, ExtendedSequenceNumbers = UsesEsn, In = Counters(SaDirection.Inbound), Out = Counters(SaDirection.Outbound),
        RekeyAt = _rekey.IsSet ? _rekey.Deadline : null, ExpiresAt = _expire.IsSet ? _expire.Deadline : null, Installed = Installed,
        LocalTs = LocalTs, RemoteTs = RemoteTs, Updown = Config.Updown, HostAccess = Config.HostAccess,
    };

    void AcquireReqid(ChildSa? rekeyed)
    {
        var reqids = Ike.Engine.Host.Shared.Reqids;
        if (rekeyed is not null)
        {
            Reqid = rekeyed.Reqid;
            _holdsReqid = Config.Reqid == 0 && reqids.TryHold(Reqid);
        }
        else if (Config.Reqid != 0) Reqid = Config.Reqid;
        else if (Acquired is { } acquired && reqids.TryHold(acquired.Reqid))
        {
            Reqid = acquired.Reqid;
            _holdsReqid = true;
        }
        else
        {
            Reqid = reqids.Acquire(LocalTs, RemoteTs, Ike.Remote.Address, Marks);
            _holdsReqid = true;
        }
    }

    string Undo(string why)
    {
        Remove();
        return why;
    }

    void RemoveOutbound()
    {
        _waitingOutbound = null;
        if (!_hasOutbound) return;
        _hasOutbound = false;
        Ike.Engine.Host.DataPlane.RemoveSa(SaDirection.Outbound, SpiOut, _outboundPeer, Protocol);
    }

    void RemovePolicy()
    {
        if (_policy is null) return;
        Ike.Engine.Host.DataPlane.RemovePolicy(_policy);
        _policy = null;
    }

    void OnLingered()
    {
        Ike.Log(LogGroup.Chd, 2, $"removing retired CHILD_SA {Name}");
        Remove();
    }
}

