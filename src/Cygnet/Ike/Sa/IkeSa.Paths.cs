// Between which addresses an IKE_SA lives, and how it finds other ones. RFC 4555 3.5, 3.6, 3.10; RFC 7296 2.23.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

sealed partial class IkeSa
{
    const int MostPaths = 32;

    /// <summary>While it searches a path: the interval and the number of attempts are the reference's.</summary>
    static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(2.5);
    const int MostProbes = 10;

    /// <summary>An exchange repeated so often goes over every path: the present one may have failed further away.</summary>
    const int RetransmitsBeforeWidening = 3;

    int _moves;

    /// <summary>Both ends speak MOBIKE.</summary>
    public bool UsesMobike { get; set; }

    /// <summary>
    /// We began the first IKE_SA of the series, whoever rekeyed since: so it is we who choose the addresses (RFC 4555 1.3), and who can always
    /// authenticate anew.
    /// </summary>
    public bool IsOriginalInitiator { get; private set; }

    /// <summary>The peer sent NAT detection: it can do UDP encapsulation.</summary>
    public bool PeerTraversesNat { get; set; }

    /// <summary>Where the peer says that it can be reached, the address that it said so from included; kept if it is for us to choose.</summary>
    public ImmutableArray<Address> PeerAddresses { get; set; } = [];

    /// <summary>What the peer saw as our address when it last said so, hashed; to notice a NAT mapping that changed. RFC 4555 3.8.</summary>
    public byte[]? SeenByPeer { get; set; }

    /// <summary>Updates in a row that the peer refused.</summary>
    public int RefusedUpdates { get; set; }

    /// <summary>The peer has this SA for sure. Of one that it asked for by rekeying it may not know yet: our answer can have got lost.</summary>
    public bool IsConfirmed { get; set; } = true;

    /// <summary>There is no way to the peer at the moment.</summary>
    public bool IsStale { get; private set; }

    /// <summary>
    /// Whether requests are held back until there is a route again, however long that takes. Not by an SA that is to go: nobody would end it.
    /// Looks for itself: an SA of which the peer may not know yet is not told of new addresses.
    /// </summary>
    bool StillWaitsForPath()
    {
        if (!UsesMobike || !IsStale || Phase is not (Phase.Established or Phase.Rekeying) || HasTask<Exchanges.DeleteIke>(_ => true)) return false;
        if (Paths(all: false).Count > 0) IsStale = false;
        return IsStale;
    }

    /// <summary>The path is lost: requests go over every path that there may be, and the first answer decides.</summary>
    public bool IsSearching { get; private set; }

    /// <summary>The last message of the peer came by another path than ours to it; null if not.</summary>
    public Path? HeardElsewhere { get; private set; }

    /// <summary>The peer's address as the last authenticated ESP or IKE message has it. RFC 7296 2.23.</summary>
    public void MoveRemote(Endpoint remote) => Move(Local, remote);

    /// <summary>The IKE_SA and its children live between these endpoints from now on. <paramref name="encapsulationChanged"/>: NAT detection came out otherwise than before.</summary>
    public void Move(Endpoint local, Endpoint remote, bool encapsulationChanged = false)
    {
        var moves = local != Local || remote != Remote;
        if (!moves && !encapsulationChanged) return;
        if (moves)
        {
            Engine.Host.Raise(new SaEvent.IkeUpdate(Snapshot(), local, remote));
            if (local != Local) Log(LogGroup.Ike, 1, $"local endpoint changed from {Local} to {local}");
            if (remote != Remote) Log(LogGroup.Ike, 1, $"remote endpoint changed from {Remote} to {remote}");
            ChangeEndpoints(local, remote);
            HeardElsewhere = null;
            _moves++;
        }
        foreach (var child in Children) child.MoveEndpoints();
        ArmKeepalive();
    }

    /// <summary>Our addresses, or the routes to the peer, have changed.</summary>
    public void Roam(bool addressesChanged)
    {
        if (Phase < Phase.Established && IsInitiator && Connection is not null && Remote.Port != 0)
        {
            BeginAgainFrom(Engine.Host.SourceAddressFor(Remote.Address));
            return;
        }
        if (Phase is not (Phase.Established or Phase.Rekeying or Phase.Rekeyed) || !IsConfirmed || Successor is { IsConfirmed: true }) return;
        if (!UsesMobike && IsConfigured(Local.Address))
        {
            Log(LogGroup.Ike, 2, $"keeping statically configured path {Local.Address} - {Remote.Address}");
            return;
        }
        if (!IsSearching && HasPath())
        {
            Keep(addressesChanged);
            return;
        }
        if (Paths(all: false).Count == 0)
        {
            Log(LogGroup.Ike, 1, $"no route found to reach {Remote.Address}, MOBIKE update deferred");
            IsStale = true;
            return;
        }
        IsStale = false;
        if (UsesMobike)
        {
            if (IsOriginalInitiator) Log(LogGroup.Ike, 1, $"requesting address change using MOBIKE");
            else Log(LogGroup.Ike, 1, $"sending address list update using MOBIKE, implicitly requesting an address change");
            Search();
            return;
        }
        if (!IsOriginalInitiator)
        {
            IsStale = true; // it is for the peer to reauthenticate
            return;
        }
        Log(LogGroup.Ike, 1, $"reauthenticating IKE_SA due to address change");
        if (Paths(all: false) is [var first, ..]) Move(first.Local, Remote);
        OnReauthDue();
    }

    void Keep(bool addressesChanged)
    {
        Log(LogGroup.Ike, 2, $"keeping connection path {Local.Address} - {Remote.Address}");
        Resume();
        if (UsesMobike && addressesChanged)
        {
            Log(LogGroup.Ike, 1, $"sending address list update using MOBIKE");
            EnqueueOnce(Exchanges.MobikeKind.Addresses);
        }
        else if (Engine.Settings.CheckCurrentPath && Sending.Pending is null)
        {
            Log(LogGroup.Ike, 1, $"checking if current path still works using DPD");
            Enqueue(new Exchanges.Liveness(this));
        }
    }

    /// <summary>Looks for a path that works, and tells the peer of it. What is unanswered goes over all of them at once.</summary>
    public void Search(Address? also = null)
    {
        if (also is { } hint && hint != Remote.Address && !PeerAddresses.Contains(hint)) PeerAddresses = [hint, .. PeerAddresses];
        IsSearching = true;
        Sending.Retransmitted = 0;
        if (Sending.Pending is null) EnqueueFirst(new Exchanges.Mobike(this, IsOriginalInitiator ? Exchanges.MobikeKind.Probe : Exchanges.MobikeKind.Addresses));
        else if (Sending.Datagrams is not null)
        {
            Log(LogGroup.Ike, 1, $"old path is not available anymore, try to find another");
            TransmitRequest();
            ArmRetransmit();
        }
        Pump();
    }

    /// <summary>A response came while all paths were tried: this one works.</summary>
    void FoundPath(Endpoint local, Endpoint remote)
    {
        if (!IsSearching && (!IsWidened || !IsOriginalInitiator || (local, remote) == (Local, Remote))) return;
        if (!IsOriginalInitiator) remote = Remote; // that one changes when the initiator says so
        var moved = (local, remote) != (Current.Local, Current.Remote);
        IsSearching = false;
        Move(local, remote);
        Current.Move(local, remote); // the peer may have rekeyed this IKE_SA meanwhile
        // a request that went over several paths has told the peer nothing yet: RFC 4555 3.6 wants a new one
        if (IsOriginalInitiator && (moved || Sending.Pending is Exchanges.Mobike { Kind: Exchanges.MobikeKind.Update })) Known.EnqueueOnce(Exchanges.MobikeKind.Update);
        else if (!IsOriginalInitiator && Sending.Pending is not Exchanges.Mobike { Kind: Exchanges.MobikeKind.Addresses }) Known.EnqueueOnce(Exchanges.MobikeKind.Addresses);
    }

    /// <summary>Begins this kind of exchange next, unless one waits to begin already.</summary>
    public void EnqueueOnce(Exchanges.MobikeKind kind)
    {
        if (_queue is null || !_queue.Any(e => e is Exchanges.Mobike waiting && waiting.Kind == kind)) EnqueueFirst(new Exchanges.Mobike(this, kind));
        Pump();
    }

    bool IsWidened => UsesMobike && Phase is Phase.Established or Phase.Rekeying && Sending.Retransmitted >= RetransmitsBeforeWidening;

    bool HasPath() => HasPath(Local.Address, Remote.Address);

    bool HasPath(Address local, Address remote) => Engine.Settings.PreferBestPath
        ? Engine.Host.SourceAddressFor(remote) == local : Engine.Host.HasPath(local, remote);

    /// <summary>A path came back while requests were held back for want of one.</summary>
    void Resume()
    {
        if (!IsStale) return;
        IsStale = false;
        if (Sending.Datagrams is null) return;
        TransmitRequest();
        ArmRetransmit();
    }

    /// <summary>
    /// Every pair of addresses worth trying, the likeliest first: with the source that routing chooses for each address of the peer, then, for
    /// <paramref name="all"/>, with each other source of ours.
    /// </summary>
    List<Path> Paths(bool all)
    {
        List<Path> paths = [];
        // among the initiator's addresses we do not choose, but where it was heard last it may be
        Address[] remotes = UsesMobike && IsOriginalInitiator ? [Remote.Address, .. PeerAddresses] : [Remote.Address];
        if (UsesMobike && !IsOriginalInitiator && HeardElsewhere is { } path && HasPath(path.Local.Address, path.Remote.Address)) paths.Add(path);
        foreach (var remote in remotes.Distinct())
            if (Engine.Host.SourceAddressFor(remote) is { } source) Add(source, remote);
        if (all)
            foreach (var remote in remotes.Distinct())
                foreach (var local in Engine.Host.LocalAddresses().Where(a => a.IsIPv6 == remote.IsIPv6))
                    Add(local, remote);
        return paths;

        void Add(Address local, Address remote)
        {
            // an address that was used keeps its port, which a NAT may have chosen
            var port = remote == Remote.Address ? Remote.Port : Local.Port == Engine.Settings.Port ? (ushort)500 : (ushort)4500;
            var path = new Path(Local with { Address = local }, new(remote, port));
            if (paths.Count < MostPaths && !paths.Contains(path)) paths.Add(path);
        }
    }

    /// <summary>The local end is one that the configuration names, not one that routing chose.</summary>
    bool IsConfigured(Address local) => Connection is { } c && c.LocalAddrs.Any(text => Address.TryParse(text, out var a) && a == local);

    /// <summary>The first exchanges have not come to their end, and the address they began from is gone.</summary>
    void BeginAgainFrom(Address? source)
    {
        if (source is not { } from || HasPath() || IsConfigured(Local.Address) || Sending.Pending is not { } pending) return;
        Log(LogGroup.Ike, 0, $"reinitiating IKE_SA {this}");
        SetLocal(Local with { Address = from });
        Restart(pending);
    }

    /// <summary>The last SA of the series that the peer has for sure.</summary>
    public IkeSa Known => Successor is { IsAlive: true, IsConfirmed: true } s ? s.Known : this;

    /// <summary>What this SA still had to find out, or to tell about addresses, becomes the successor's matter.</summary>
    void PassRoamingTo(IkeSa successor)
    {
        successor.IsConfirmed = true; // the peer deleted this one, or has answered our rekeying
        var kinds = (_queue ?? []).Append(Sending.Pending).OfType<Exchanges.Mobike>().Select(m => m.Kind).Distinct().ToArray();
        if (IsSearching) successor.Search();
        else
            foreach (var kind in kinds) successor.EnqueueOnce(kind);
        IsSearching = false;
    }

    /// <summary>The successor lives where this one does, and knows what it knows about the peer's addresses.</summary>
    void TakePathsOf(IkeSa old)
    {
        (UsesMobike, IsOriginalInitiator, PeerTraversesNat) = (old.UsesMobike, old.IsOriginalInitiator, old.PeerTraversesNat);
        (PeerAddresses, IsStale, _moves) = (old.PeerAddresses, old.IsStale, old._moves);
    }

    /// <summary>The old one moved while its rekeying was under way: its successor follows.</summary>
    void FollowMovesOf(IkeSa old)
    {
        (LocalBehindNat, RemoteBehindNat, NatFaked) = (old.LocalBehindNat, old.RemoteBehindNat, old.NatFaked);
        PeerAddresses = old.PeerAddresses;
        if (old._moves <= _moves) return;
        ChangeEndpoints(old.Local, old.Remote);
        _moves = old._moves;
    }
}
