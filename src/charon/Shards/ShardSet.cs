// All shards of a daemon, and which input goes to which: by the shard number in the SPIs that we chose, else by hash.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Control;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

sealed class ShardSet : IDataPlaneEvents, IDisposable
{
    /// <summary>So many bits of every SPI of ours, IKE and ESP, hold the shard's number.</summary>
    public const int ShardBits = IkeSpiLabel.MostShardBits;

    const int IkeHeaderBytes = 28;
    const byte InitiatorFlag = 0x08;

    readonly ImmutableArray<Shard> _shards;
    readonly ulong _seed;
    readonly Logging.Log _log;
    readonly EspSpiRange _espSpis;
    readonly IkeSpiLabel _ikeSpis;

    /// <param name="settings">Those that the engines begin with: they say how our SPIs look.</param>
    public ShardSet(int count, ShardSurroundings around, Settings settings, Func<IHost, ushort, IEngine> createEngine)
    {
        (_log, _espSpis, _ikeSpis) = (around.Log, settings.EspSpis, settings.IkeSpis);
        // A wish that an engine cannot grant goes to the shard that has the SA.
        void Forward(Wish wish)
        {
            switch (wish)
            {
                case Wish.Install w: Wish(HomeOf(w.Connection), w); break;
                case Wish.Initiate w: Initiate(w); break;
                default: Wish(wish); break;
            }
        }
        _shards = [.. Enumerable.Range(0, count).Select(n => new Shard(n, around, Forward, host => createEngine(host, (ushort)n)))];
        // Strangers must not be able to aim at one shard.
        Span<byte> seed = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(seed);
        _seed = BinaryPrimitives.ReadUInt64BigEndian(seed);
    }

    public int Count => _shards.Length;

    public ImmutableArray<Shard> Shards => _shards;

    public void Start()
    {
        foreach (var shard in _shards) shard.Start();
    }

    /// <summary>Takes an IKE datagram, without the non-ESP marker. <paramref name="mayLinger"/>: as <see cref="Shard.Receive"/>.</summary>
    public void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, bool mayLinger = false)
    {
        if (datagram.Length < IkeHeaderBytes) return;
        _shards[ShardOf(remote.Address, datagram)].Receive(local, remote, datagram, mayLinger);
    }

    /// <summary>RFC 7296 3.1: the initiator of the IKE_SA sets the I flag, so our SPI is the other one.</summary>
    internal int ShardOf(Address remote, ReadOnlySpan<byte> datagram)
    {
        var initiatorSpi = BinaryPrimitives.ReadUInt64BigEndian(datagram);
        var ours = (datagram[19] & InitiatorFlag) != 0 ? BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]) : initiatorSpi;
        return ours != 0 ? Bounded(_ikeSpis.ShardOf(ours, ShardBits)) : (int)(Mix(remote, initiatorSpi) % (ulong)_shards.Length);
    }

    /// <summary>For whichever shard has the SA that the wish names.</summary>
    public void Wish(Wish wish)
    {
        foreach (var shard in _shards)
            shard.Post((engine, now) =>
            {
                if (Has(engine, wish)) engine.Accept(wish, now);
            });
    }

    public void Wish(int shard, Wish wish) => _shards[shard].Post((engine, now) => engine.Accept(wish, now));

    /// <summary>One shard after the other is asked: the first with an IKE_SA that serves the connection gets the wish, else the connection's home.</summary>
    public void Initiate(Wish.Initiate wish) => AskEach((engine, now) =>
    {
        if (!engine.Serves(wish.Connection)) return false;
        engine.Accept(wish, now);
        return true;
    }, () => Wish(HomeOf(wish.Connection), wish));

    void AskEach(Func<IEngine, Instant, bool> does, Action otherwise, int at = 0)
    {
        if (at == _shards.Length) otherwise();
        else
            _shards[at].Post((engine, now) =>
            {
                if (!does(engine, now)) AskEach(does, otherwise, at + 1);
            });
    }

    public int HomeOf(Connection connection)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in connection.Name) hash = (hash ^ c) * 1099511628211UL;
        return (int)(hash % (ulong)_shards.Length);
    }

    public void Configure(Configuration configuration)
    {
        foreach (var shard in _shards) shard.Post((engine, _) => engine.Configure(configuration));
    }

    /// <summary>Our addresses or routes changed.</summary>
    public void Roam(bool addressesChanged)
    {
        foreach (var shard in _shards) shard.Post((engine, now) => engine.Roam(addressesChanged, now));
    }

    public void Use(Settings settings)
    {
        foreach (var shard in _shards) shard.Post((engine, _) => engine.Settings = settings);
    }

    /// <summary>SAs that a shard makes pictures of before it looks at its queue again: a fraction of a millisecond.</summary>
    public const int SnapshotsAtOnce = 64;

    /// <summary>The SAs of all shards by ascending unique id, a page of each shard at a time.</summary>
    public async IAsyncEnumerable<LocatedSa> Snapshots()
    {
        var pages = await Task.WhenAll(_shards.Select(s => Page(s, 0))).ConfigureAwait(false);
        var at = new int[pages.Length];
        while (true)
        {
            var lowest = -1;
            for (var shard = 0; shard < pages.Length; shard++)
            {
                while (at[shard] == pages[shard].Sas.Count && pages[shard].Next >= 0)
                    (pages[shard], at[shard]) = (await Page(_shards[shard], pages[shard].Next).ConfigureAwait(false), 0);
                if (at[shard] < pages[shard].Sas.Count && (lowest < 0 || Id(shard) < Id(lowest))) lowest = shard;
            }
            if (lowest < 0) yield break;
            yield return new(lowest, pages[lowest].Sas[at[lowest]++]);
        }

        int Id(int shard) => pages[shard].Sas[at[shard]].UniqueId;
    }

    static Task<SnapshotPage> Page(Shard shard, int after) => shard.Ask((engine, _) => engine.Snapshots(after, SnapshotsAtOnce));

    /// <summary>The picture of one IKE_SA; null if no shard has it, or the shards have ended.</summary>
    public async Task<IkeSnapshot?> Snapshot(int uniqueId)
    {
        try
        {
            var all = await Task.WhenAll(_shards.Select(s => s.Ask((engine, _) => engine.Snapshot(uniqueId)))).ConfigureAwait(false);
            return Array.Find(all, s => s is not null);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<LocatedPolicy>> Policies(string? connection, string? child)
    {
        var all = await Task.WhenAll(_shards.Select(s => s.Ask((engine, _) => engine.Policies(connection, child)))).ConfigureAwait(false);
        return [.. all.SelectMany((policies, shard) => policies.Select(p => new LocatedPolicy(shard, p))).OrderBy(p => p.Policy.UniqueId)];
    }

    public async Task<(int Ike, int HalfOpen)> Counts()
    {
        var all = await Task.WhenAll(_shards.Select(s => s.Ask((engine, _) => (engine.IkeCount, engine.HalfOpenCount)))).ConfigureAwait(false);
        return (all.Sum(c => c.IkeCount), all.Sum(c => c.HalfOpenCount));
    }

    /// <summary>Counters of all shards together, by connection; the empty name is the whole daemon.</summary>
    public async Task<IReadOnlyDictionary<string, long[]>> Counters()
    {
        var all = await Task.WhenAll(_shards.Select(s => s.Ask((engine, _) => engine.Counters.ByConnection
            .Append(new("", engine.Counters.Global))
            .Select(c => (Name: c.Key, Values: (long[])c.Value.Clone())).ToArray()))).ConfigureAwait(false);
        return all.SelectMany(a => a).GroupBy(c => c.Name)
            .ToDictionary(g => g.Key, g => g.Select(c => c.Values).Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]), StringComparer.Ordinal);
    }

    public void ResetCounters(string? connection, bool all)
    {
        foreach (var shard in _shards)
            shard.Post((engine, _) =>
            {
                if (connection is not null) engine.Counters.Reset(connection);
                else if (all) engine.Counters.ResetNamed();
                else engine.Counters.ResetGlobal();
            });
    }

    /// <summary>Deletes every SA; done when each shard has handed its datagrams to the sockets.</summary>
    public Task TerminateAll() => Task.WhenAll(_shards.Select(s => s.Ask((engine, now) =>
    {
        engine.Accept(new Wish.TerminateAll(), now);
        return true;
    })));

    // A trap is installed by one shard, and which one only the engines know.
    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => AskEach((engine, now) => engine.Acquire(reqid, local, remote, now),
        () => _log.Write(LogGroup.Cfg, 1, $"trap not found, unable to acquire reqid {reqid}"));

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard)
    {
        // Only inbound SPIs are ours; an outbound one the shards that do not know it pass over.
        var shards = direction == SaDirection.Inbound ? [_shards[ShardOfEsp(spi)]] : _shards;
        foreach (var shard in shards) shard.Post((engine, now) => engine.Expire(direction, spi, remote, hard, now));
    }

    public void MappingChanged(uint spi, Endpoint remote) => _shards[ShardOfEsp(spi)].Post((engine, now) => engine.MappingChanged(spi, remote, now));

    static bool Has(IEngine engine, Wish wish) => wish switch
    {
        Wish.TerminateIke w => engine.HasIke(w.UniqueId),
        Wish.RekeyIke w => engine.HasIke(w.UniqueId),
        Wish.Redirect w => engine.HasIke(w.UniqueId),
        Wish.Reauthorize w => engine.HasIke(w.UniqueId),
        Wish.TerminateChild w => engine.HasChild(w.UniqueId),
        Wish.RekeyChild w => engine.HasChild(w.UniqueId),
        _ => true,
    };

    int ShardOfEsp(uint spi) => Bounded(_espSpis.ShardOf(spi, ShardBits));

    // An SPI that we never gave out may name a shard that does not exist.
    int Bounded(int shard) => shard < _shards.Length ? shard : shard % _shards.Length;

    ulong Mix(Address remote, ulong spi)
    {
        var h = _seed ^ spi;
        h = (h ^ (ulong)remote.Bits) * 0x9e3779b97f4a7c15;
        h = (h ^ (h >> 29) ^ (ulong)(remote.Bits >> 64)) * 0xbf58476d1ce4e5b9;
        return h ^ (h >> 32);
    }

    public void Dispose()
    {
        foreach (var shard in _shards) shard.Dispose();
    }
}
