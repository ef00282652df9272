// The protocol engine of one shard: inputs in, effects out through IHost. Deterministic: time and randomness come in by the door.
using System.Buffers.Binary;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>
/// All IKE_SAs of one shard. Not thread safe: every input comes from the shard's thread, carries the time, and runs to its end.
/// </summary>
public sealed partial class IkeEngine
{
    readonly Dictionary<ulong, IkeSa> _bySpi = [];
    readonly SaList _sas = new();
    readonly Dictionary<uint, ChildSa> _children = [];
    readonly byte[] _scratch = new byte[65_536];
    readonly ushort _shard;
    readonly int _shardBits;
    readonly EspSpiRange _espSpis;
    readonly IkeSpiLabel _ikeSpis;
    Instant _armed = Instant.Never;

    public IkeEngine(IHost host, Settings settings, ushort shard = 0, int shardBits = 0)
    {
        Host = host;
        Settings = settings;
        _shard = shard;
        _shardBits = shardBits;
        (_espSpis, _ikeSpis) = (settings.EspSpis, settings.IkeSpis);
        _cookies = new(host.Random);
    }

    public IHost Host { get; }
    public Settings Settings { get; set; }
    public Counters Counters { get; } = new();

    /// <summary>The time of the input that is being worked on.</summary>
    public Instant Now { get; private set; }

    /// <summary>The path by which the authenticated message came that is being worked on.</summary>
    internal Path Arrived { get; set; } = new(default, default);

    internal Timers Timers { get; } = new();
    internal Configuration? Configuration { get; private set; }

    /// <summary>IKE_SAs that live.</summary>
    public int IkeCount => _sas.All.Count(s => s.IsAlive);

    /// <summary>IKE_SAs in memory, those included that are over and only repeat their last response for a while.</summary>
    public int HeldCount => _sas.Count;

    /// <summary>
    /// The outcomes of negotiations are few, and every SA holds one: equal ones become the same object. A peer that varies what it offers
    /// fills the table and costs no more than before.
    /// </summary>
    internal Proposal Interned(Proposal chosen)
    {
        foreach (var known in _chosen)
            if (known.Equals(chosen)) return known;
        if (_chosen.Count < MostInterned) _chosen.Add(chosen);
        return chosen;
    }

    const int MostInterned = 32;
    readonly List<Proposal> _chosen = [];

    /// <summary>Replaces the configuration; established SAs keep theirs.</summary>
    public void Configure(Configuration configuration)
    {
        Configuration = configuration;
        _announcements.Clear();
    }

    readonly Dictionary<Connection, byte[]> _announcements = new(ReferenceEqualityComparer.Instance);

    /// <summary>SUPPORTED_AUTH_METHODS for a peer that one of these connections will serve; made once for a connection that stands alone.</summary>
    internal byte[] Announcement(List<Connection> candidates)
    {
        if (candidates is not [var only]) return Auth.AuthAnnouncement.Encode(candidates.SelectMany(c => c.Remote), Settings.SignatureAuthenticationConstraints);
        if (!_announcements.TryGetValue(only, out var made)) _announcements[only] = made = Auth.AuthAnnouncement.Encode(only.Remote, Settings.SignatureAuthenticationConstraints);
        return made;
    }

    public void Tick(Instant now)
    {
        Now = now;
        while (Timers.TakeDue(now) is { } timer)
        {
            var owner = timer.Owner;
            try { timer.Fire(); }
            catch (Exception e) when (owner is not null) { Fault(owner, e); }
        }
        _armed = Instant.Never;
        Rearm();
    }

    /// <summary>The result of a work that an SA waits for.</summary>
    public void Finished(Work work, Instant now)
    {
        Now = now;
        work.Finish();
        Rearm();
    }

    /// <summary>A byte or packet limit of an SA.</summary>
    public void Expire(SaDirection direction, uint spi, Address remote, bool hard, Instant now)
    {
        Now = now;
        var child = direction == SaDirection.Inbound
            ? _children.GetValueOrDefault(spi)
            : _children.Values.FirstOrDefault(c => c.SpiOut == spi && c.Ike.Remote.Address == remote);
        child?.OnExpired(hard);
        Rearm();
    }

    /// <summary>Authenticated ESP came from a new endpoint: the peer's NAT mapping changed. RFC 7296 2.23.</summary>
    public void MappingChanged(uint spi, Endpoint remote, Instant now)
    {
        Now = now;
        if (_children.GetValueOrDefault(spi)?.Ike is { LocalBehindNat: false, RemoteBehindNat: true } ike) ike.MoveRemote(remote);
        Rearm();
    }

    /// <summary>Pictures of all SAs, by ascending unique id.</summary>
    public IReadOnlyList<IkeSnapshot> Snapshots() =>
        [.. _sas.All.Where(IsShown).Select(s => s.Snapshot())];

    /// <summary>
    /// Pictures of the SAs with higher unique ids than <paramref name="after"/>, ascending; at most so many at a time, for whoever lists many
    /// must not hold the shard.
    /// </summary>
    public SnapshotPage Snapshots(int after, int most)
    {
        var page = _sas.Page(after, most, out var next);
        return new([.. page.Where(IsShown).Select(s => s.Snapshot())], next);
    }

    static bool IsShown(IkeSa sa) => sa.Phase is not (Phase.Ghost or Phase.Dead);

    /// <summary>The child of that name as it is configured now: in its connection, or in the one that it was moved to.</summary>
    internal (Connection Connection, ChildConfig Child)? Configured(string connection, string child)
    {
        if (Configuration?.Connections is not { } all) return null;
        var found = all.First(connection, child);
        if (found.Child is null) found = all.First(null, child);
        return found is ({ } c, { } k) ? (c, k) : null;
    }

    public IkeSnapshot? Snapshot(int uniqueId) => _sas.Find(uniqueId) is { IsAlive: true } sa ? sa.Snapshot() : null;

    internal void Fault(IkeSa sa, Exception e)
    {
        Host.Log(new(LogGroup.Ike, 0, sa.Connection?.Name, sa.UniqueId, $"internal fault, destroying IKE_SA {sa}: {e}"));
        try { sa.Destroy($"internal fault: {e.Message}"); }
        catch (Exception second)
        {
            Host.Log(new(LogGroup.Ike, 0, null, sa.UniqueId, $"internal fault while destroying: {second}"));
            sa.Phase = Phase.Dead;
            Forget(sa);
        }
    }

    internal void Register(IkeSa sa)
    {
        _sas.Add(sa);
        _bySpi[sa.OwnSpi] = sa;
    }

    /// <summary>A new own SPI for a fresh attempt.</summary>
    internal void Rename(IkeSa sa)
    {
        _bySpi.Remove(sa.OwnSpi);
        sa.InitiatorSpi = NewIkeSpi();
        sa.ResponderSpi = 0;
        _bySpi[sa.OwnSpi] = sa;
    }

    internal void Forget(IkeSa sa)
    {
        _sas.Remove(sa.UniqueId);
        _bySpi.Remove(sa.OwnSpi);
    }

    internal void Register(ChildSa child) => _children[child.SpiIn] = child;

    /// <summary>The SA with that unique id, ghosts included.</summary>
    internal IkeSa? Find(int uniqueId) => _sas.Find(uniqueId);

    internal void Forget(ChildSa child)
    {
        if (_children.GetValueOrDefault(child.SpiIn) == child) _children.Remove(child.SpiIn);
    }

    /// <summary>A copy of the datagram that may be decrypted in place; valid until the next call.</summary>
    internal Span<byte> Scratch(ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_scratch);
        return _scratch.AsSpan(0, datagram.Length);
    }

    /// <summary>Counts a datagram that goes no further, and tells those who watch if it could not be read or is for no IKE_SA of ours.</summary>
    internal void Drop(DropReason reason, IkeSa? sa = null)
    {
        Counters.Drops[(int)reason]++;
        if (reason == DropReason.UnknownSpi) Counters.Add(Counter.InvalidSpi, null);
        else if (reason is DropReason.Malformed or DropReason.Header or DropReason.Version) Counters.Add(Counter.Invalid, null);
        if (AlertOf(reason) is not { } alert || !Host.WantsAlerts) return;
        if (sa is not null) sa.Alert(alert, isStrangers: true);
        else if (TakeAlertAllowance()) Host.Raise(new SaEvent.Alert(alert, null));
    }

    static string? AlertOf(DropReason reason) => reason switch
    {
        DropReason.UnknownSpi => AlertType.InvalidIkeSpi,
        DropReason.Header => AlertType.ParseErrorHeader,
        DropReason.Malformed or DropReason.Integrity => AlertType.ParseErrorBody,
        _ => null,
    };

    /// <summary>SPIs of ours that a peer was told and that belong to no IKE_SA yet: about these nobody gets a token.</summary>
    internal HashSet<ulong> PromisedSpis { get; } = [];

    internal ulong NewIkeSpi()
    {
        Span<byte> bytes = stackalloc byte[8];
        while (true)
        {
            Host.Random.Fill(bytes);
            var spi = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            spi = _ikeSpis.Apply(spi, _shard, _shardBits);
            if (spi != 0 && !_bySpi.ContainsKey(spi)) return spi;
        }
    }

    /// <summary>32 bytes: at least half the key of every PRF that we offer. RFC 7296 2.10.</summary>
    internal byte[] NewNonce()
    {
        var nonce = new byte[32];
        Host.Random.Fill(nonce);
        return nonce;
    }

    internal uint NewEspSpi()
    {
        while (true)
        {
            var spi = _espSpis.Choose(_shard, _shardBits, RandomBits());
            if (spi >= _espSpis.Least && !_children.ContainsKey(spi)) return spi;
        }
    }

    internal uint RandomBelow(uint limit) => limit == 0 ? 0 : RandomBits() % limit;

    internal ulong RandomUpTo(ulong limit) => ((ulong)RandomBits() << 32 | RandomBits()) % (limit == ulong.MaxValue ? limit : limit + 1);

    internal TimeSpan RandomUpTo(TimeSpan limit) =>
        limit <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(RandomUpTo((ulong)limit.TotalMilliseconds));

    uint RandomBits()
    {
        Span<byte> bytes = stackalloc byte[4];
        Host.Random.Fill(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    void Rearm()
    {
        var next = Timers.Next;
        if (next >= _armed) return;
        _armed = next;
        Host.Arm(next);
    }
}
