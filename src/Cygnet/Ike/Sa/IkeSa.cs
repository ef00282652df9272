// An IKE_SA: keys, two windows, timers, children; nothing else while it is idle. RFC 7296 1, 2.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    public IkeSa(IkeEngine engine, bool isInitiator, Endpoint local, Endpoint remote)
    {
        Engine = engine;
        IsInitiator = IsOriginalInitiator = isInitiator;
        Local = local;
        Remote = remote;
        UniqueId = engine.Host.Shared.NextIkeId();
        CancelTimers();
        Created = LastInbound = LastOutbound = engine.Now;
    }

    public IkeEngine Engine { get; }
    public int UniqueId { get; }

    /// <summary>We sent the first message of the first exchange; decides header flags and which keys are ours.</summary>
    public bool IsInitiator { get; }
    public ulong InitiatorSpi { get; set; }
    public ulong ResponderSpi { get; set; }
    public ulong OwnSpi => IsInitiator ? InitiatorSpi : ResponderSpi;
    public Endpoint Local { get; private set; }
    public Endpoint Remote { get; private set; }
    public Connection? Connection { get; set; }
    public IkeState State { get; set; } = IkeState.Created;
    public Phase Phase { get; set; } = Phase.Init;
    public Identity? LocalId { get; set; }
    public Identity? RemoteId { get; set; }

    /// <summary>Who the peer is to EAP, if that authenticated it.</summary>
    public Identity? RemoteEapId { get; set; }

    /// <summary>What the authentication server behind EAP granted the peer.</summary>
    public Eap.EapGrant? Grant { get; set; }

    /// <summary>The addresses to which the peer's certificate limits its traffic selectors; null: it does not. RFC 3779.</summary>
    public IReadOnlyList<TrafficSelector>? PeerAddressBlocks { get; set; }

    /// <summary>The name under which the peer's leases, uniqueness and accounts are kept.</summary>
    public Identity? RemoteAccount => RemoteEapId ?? RemoteId;
    public Proposal? Proposal { get; set; }
    public Prf? Prf { get; private set; }
    public IkeKeys? Keys { get; private set; }
    public SendWindow Sending;
    public ReceiveWindow Receiving;
    public List<ChildSa> Children { get; } = new(1);
    List<IWatcher>? _watchers;
    public List<IWatcher> Watchers => _watchers ??= [];

    /// <summary>What the peer announced.</summary>
    public bool PeerFragments { get; set; }
    public bool PeerIsChildless { get; set; }

    /// <summary>The peer said that it means the same as strongSwan by private numbers.</summary>
    public bool PeerSentVendorId { get; set; }

    /// <summary>Both ends said so.</summary>
    public bool PeerIsStrongSwan { get; set; }

    /// <summary>Both ends announced USE_PPK, RFC 8784.</summary>
    public bool PeerUsesPpk { get; set; }

    /// <summary>Its keys, or those of the SA whose place it took, have taken a PPK in.</summary>
    public bool UsesPpk { get; set; }
    public bool LocalBehindNat { get; set; }
    public bool RemoteBehindNat { get; set; }
    public bool NatFaked { get; set; }

    /// <summary>ESP of the children goes in UDP. RFC 7296 2.23.</summary>
    public bool HasNat => LocalBehindNat || RemoteBehindNat || NatFaked;

    /// <summary>Material of the first exchanges, dropped once the SA is established.</summary>
    public Handshake? Handshake { get; set; } = new();

    public Instant Created { get; }
    public Instant Established { get; private set; }
    bool _inPeerTable;
    public Instant LastInbound { get; set; }
    public Instant LastOutbound { get; set; }

    /// <summary>The successor after a rekeying, while this one waits for its delete.</summary>
    public IkeSa? Successor { get; set; }

    /// <summary>The peer asked to rekey this IKE_SA while our own request is unanswered, and we answered.</summary>
    public PeerIkeRekey? RekeyedByPeer { get; set; }
    public bool RekeyAnswered => RekeyedByPeer is { New: not null };

    /// <summary>A CREATE_CHILD_SA exchange that we answered, and whose additional key exchanges the peer has yet to begin. RFC 9370 2.2.4.</summary>
    public AwaitedKe? Awaited { get; set; }

    /// <summary>How often in a row the peer did not know which key exchanges we continue.</summary>
    public int StatesNotFound { get; set; }

    /// <summary>The peer made this SA to rekey that one, and it is open yet whether this or ours stands.</summary>
    public IkeSa? Contested { get; set; }

    /// <summary>Attempts of the first exchange so far, against keyingtries.</summary>
    public int Tries { get; set; } = 1;

    /// <summary>The connection, or, before the peer's identity is known, the one that its address speaks for.</summary>
    public Connection? Provisional => Connection ?? Handshake?.Candidates.FirstOrDefault();

    public string Name => Connection?.Name ?? "(unnamed)";

    public override string ToString() => $"{Name}[{UniqueId}]";

    public bool IsAlive => Phase is not (Phase.Dead or Phase.Ghost);

    /// <summary>Takes the negotiated suite and keys into use. RFC 7296 2.14, 2.18.</summary>
    public void UseKeys(Proposal proposal, Prf prf, IkeKeys keys)
    {
        Proposal = Engine.Interned(proposal);
        Prf = prf;
        Keys = keys;
        var encryption = proposal.First(TransformType.Encryption)!.Value;
        var integrity = proposal.First(TransformType.Integrity);
        var initiator = new IkeProtection(encryption, integrity, keys.SkEi, keys.SkAi);
        var responder = new IkeProtection(encryption, integrity, keys.SkEr, keys.SkAr);
        (Outgoing, Incoming) = IsInitiator ? (initiator, responder) : (responder, initiator);
    }

    /// <summary>SK_d, SK_pi and SK_pr with a PPK mixed in; messages go on under the keys that they have. RFC 8784 3.</summary>
    public void UseMixedKeys(IkeKeys keys)
    {
        Keys!.ForgetDerivation();
        Keys = keys;
    }

    /// <summary>
    /// The same suite with the keys that follow an additional key exchange. The request that brought them may be repeated, with the old keys, until
    /// the next one is answered. RFC 9370 2.2.2.
    /// </summary>
    public void ChangeKeys(IkeKeys keys)
    {
        Outgoing!.Dispose();
        if (IsInitiator) Incoming!.Dispose();
        else Receiving.Before = Incoming;
        Keys!.ForgetDerivation();
        UseKeys(Proposal!, Prf!, keys);
    }

    public IkeProtection? Outgoing { get; private set; }
    public IkeProtection? Incoming { get; private set; }

    /// <summary>Authenticated: timers of the established SA start. RFC 7296 2.4, 2.8.</summary>
    public void BecomeEstablished(bool announce)
    {
        Phase = Phase.Established;
        State = IkeState.Established;
        Established = Engine.Now;
        _quietUntil = default;
        Timers.Cancel(_halfOpen);
        if (Handshake is { CountsAsHalfOpen: true }) Engine.EndHalfOpen(this);
        Handshake = null;
        Keys!.ForgetAuthentication();
        if (announce)
            Log(LogGroup.Ike, 0, $"IKE_SA {this} established between {Local.Address}[{LocalId}]...{Remote.Address}[{RemoteId}]");
        if (announce) (_firstSpi, _begun, _authenticated) = (InitiatorSpi, Created, Established);
        JoinPeerTable();
        ArmLifetimes();
        if (announce && Grant?.AuthLifetime is { } granted) LimitAuthentication(granted);
        ArmLiveness();
        ArmKeepalive();
        if (announce) TellUp();
    }

    /// <summary>
    /// Ends the SA at once, without a word to the peer: children and timers go, exchanges and waiting wishes end with
    /// <paramref name="reason"/> (null: that is what they wished for). Idempotent.
    /// </summary>
    public void Destroy(string? reason)
    {
        if (Phase == Phase.Dead) return;
        if (Phase != Phase.Ghost) TearDown(reason);
        Phase = Phase.Dead;
        Engine.Timers.Forget(this);
        Outgoing?.Dispose();
        Incoming?.Dispose();
        Receiving.ForgetOldKeys();
        Keys?.Dispose();
        Engine.Forget(this);
    }

    /// <summary>
    /// As <see cref="Destroy"/>, but the last response can still be repeated for half a minute: a peer whose delete we answered
    /// must not wait for its time-out because one packet got lost.
    /// </summary>
    public void BecomeGhost(string? reason)
    {
        if (!IsAlive) return;
        TearDown(reason);
        Phase = Phase.Ghost;
        Engine.Timers.Set(_halfOpen, Engine.Now + TimeSpan.FromSeconds(30));
    }

    void TearDown(string? reason)
    {
        TellDown();
        LeavePeerTable();
        if (Successor is { IsAlive: true } successor) PassRoamingTo(successor);
        Phase = Phase.Dead; // what is told below must not find it alive
        State = IkeState.Destroying;
        CancelTimers();
        if (Handshake is { CountsAsHalfOpen: true }) Engine.EndHalfOpen(this);
        Sending.Pending?.Abandon(reason);
        Sending.Pending = null;
        Sending.Datagrams = null;
        Receiving.InProgress?.Abandon(reason);
        Receiving.InProgress = null;
        foreach (var exchange in TakeQueue()) exchange.Abandon(reason);
        foreach (var child in Children.ToArray())
        {
            child.Report(reason);
            child.Remove();
        }
        foreach (var watcher in _watchers?.ToArray() ?? []) watcher.Done(reason);
        _watchers = null;
        Virtual?.Release(this);
        Handshake?.Dispose();
        Handshake = null;
        Awaited?.Drop();
        RekeyedByPeer?.New?.Destroy(reason);
        RekeyedByPeer = null;
    }

    void LeavePeerTable()
    {
        if (_inPeerTable) Engine.Host.Shared.Peers.Remove(PeerKey, UniqueId);
        _inPeerTable = false;
    }

    void JoinPeerTable()
    {
        Engine.Host.Shared.Peers.Add(PeerKey, PeerEntry);
        _inPeerTable = true;
    }

    /// <summary>The table of peers keeps up with an SA that moves.</summary>
    void ChangeEndpoints(Endpoint local, Endpoint remote)
    {
        var wasInTable = _inPeerTable;
        LeavePeerTable();
        (Local, Remote) = (local, remote);
        if (wasInTable) JoinPeerTable();
    }

    public PeerKey PeerKey => new(LocalId!, RemoteAccount!, Remote.Address.IsIPv6);

    public PeerEntry PeerEntry => new(UniqueId, IsOriginalInitiator, _firstSpi, _begun, _authenticated, PeerEntry.Hash(Remote), Name);

    // of the first of the series: rekeying changes nothing of it
    ulong _firstSpi;
    Instant _begun, _authenticated;

    /// <summary>The SA that serves now, after any number of rekeyings.</summary>
    public IkeSa Current => Successor?.Current ?? this;

    /// <summary>Tells who waits for a wish how it ended; only the first call for a watcher counts.</summary>
    public void Report(IWatcher? watcher, string? error)
    {
        if (watcher is not null && Watchers.Remove(watcher)) watcher.Done(error);
    }

    /// <summary>Datagrams of one peer, or of all that are not authenticated together, that a second's log tells of.</summary>
    public const int LoggedPerSecond = 50;

    LogAllowance _logAllowance;
    Instant _quietUntil;
    int _quietLevel;

    /// <summary>
    /// A datagram came that will be logged. Past the allowance the SA is quiet for a second: wholly if the peer is a stranger still,
    /// else but for what ends or begins SAs.
    /// </summary>
    public void TakeLogAllowance()
    {
        _quietUntil = default;
        var isStranger = !IsInitiator && Phase < Phase.Established;
        var isFirstRefused = false;
        if (isStranger ? Engine.TakeStrangersLogAllowance() : _logAllowance.Take(Engine.Now, LoggedPerSecond, out isFirstRefused)) return;
        if (isFirstRefused) Log(LogGroup.Net, 1, $"more than {LoggedPerSecond} messages in a second, not logging the others");
        (_quietUntil, _quietLevel) = (Engine.Now + TimeSpan.FromSeconds(1), isStranger ? 0 : 1);
    }

    /// <summary>Past the allowance: what happens now is not told.</summary>
    bool IsQuiet => _quietUntil != default && Engine.Now < _quietUntil;

    /// <summary>Whether anybody wants a line of that group and level; watchers take what they are told and choose themselves.</summary>
    public bool WantsLog(LogGroup group, int level) =>
        _watchers?.Exists(w => w.WantsLog) == true || (level < _quietLevel || Engine.Now >= _quietUntil) && Engine.Host.WantsLog(group, level);

    public void Log(LogGroup group, int level, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("", "group", "level")] LogText text)
    {
        if (text.IsWanted) Write(group, level, text.ToStringAndClear());
    }

    public void Write(LogGroup group, int level, string text)
    {
        var line = new LogLine(group, level, Connection?.Name, UniqueId, text);
        Engine.Host.Log(line);
        foreach (var watcher in _watchers ?? []) watcher.Log(line);
    }

    public IkeSnapshot Snapshot() => new()
    {
        Name = Name, UniqueId = UniqueId, State = State, Local = Local, Remote = Remote, LocalId = LocalId, RemoteId = RemoteId ?? (Sending.Pending as Exchanges.IkeAuth)?.Wanted, RemoteEapId = RemoteEapId, IsInitiator = IsInitiator,
        InitiatorSpi = InitiatorSpi, ResponderSpi = ResponderSpi, NatLocal = LocalBehindNat, NatRemote = RemoteBehindNat, NatFake = NatFaked,
        IfIdIn = IfIds.In, IfIdOut = IfIds.Out, UsesPpk = UsesPpk,
        Proposal = Proposal, Established = State == IkeState.Established ? Established : null,
        RekeyAt = _rekey.IsSet ? _rekey.Deadline : null, ReauthAt = _reauth.IsSet ? _reauth.Deadline : null,
        LocalAuth = Connection is null ? [] : [.. Connection.Local.Select(r => r.Class)],
        TasksQueued = [.. (_queue ?? []).Select(e => e.Task)],
        TasksActive = Sending.Pending is { } active ? [.. active.Tasks] : [],
        TasksPassive = !IsInitiator && Phase is Phase.Intermediate or Phase.Keyed ? [.. FirstTasks.Answering] : Receiving.InProgress is { } passive ? [passive.Task] : [],
        LocalVips = LocalVips, RemoteVips = RemoteVips, NameServers = Virtual?.NameServers ?? [], Grant = Grant,
        Children = [.. Children.Where(c => c.State is not (ChildState.Deleted or ChildState.Created)).Select(c => c.Snapshot())],
    };
}

