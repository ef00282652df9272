// Shards: where a datagram goes, the order of inputs, timers, work, faults.
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Cygnet.Charon.Logging;
using Cygnet.Charon.Shards;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class ShardTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly Endpoint Local = new(Address.Parse("192.0.2.1"), 500), Remote = new(Address.Parse("192.0.2.2"), 500);

    readonly Log _log = new();
    readonly WorkPool _pool = new(2);
    readonly List<ScriptedEngine> _engines = [];
    readonly ShardSet _shards;

    public ShardTests()
    {
        _shards = new(4, new(new NoOutside(), new CountingDataPlane(), new SystemCrypto(), new SystemRandom(), _log, new(), _pool, new(), _ => []), new(),
            (host, number) =>
            {
                _engines.Add(new(host, number));
                return _engines[^1];
            });
        _shards.Start();
    }

    public void Dispose()
    {
        _shards.Dispose();
        _pool.Dispose();
        _log.Dispose();
    }

    static byte[] Header(ulong initiatorSpi, ulong responderSpi, byte flags)
    {
        var header = new byte[28];
        BinaryPrimitives.WriteUInt64BigEndian(header, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), responderSpi);
        header[19] = flags;
        return header;
    }

    [Theory]
    [InlineData(0x1234567812345678, 0x2000000000000001, 0x08, 2)] // from the initiator: our SPI is the responder's
    [InlineData(0x3000000000000001, 0x1000000000000001, 0x20, 3)] // from the responder: ours is the initiator's
    [InlineData(0x1000000000000001, 0, 0x20, 1)]                  // a COOKIE response has no responder SPI
    [InlineData(0x1234567812345678, 0xf000000000000001, 0x08, 3)] // an SPI that was never given out
    public void ADatagramGoesToTheShardInOurSpi(ulong initiator, ulong responder, byte flags, int shard) =>
        Assert.Equal(shard, _shards.ShardOf(Remote.Address, Header(initiator, responder, flags)));

    [Fact]
    public void FirstRequestsAreSpreadAndRepeatThemselves()
    {
        var counts = new int[4];
        for (ulong spi = 1; spi <= 1000; spi++)
        {
            var shard = _shards.ShardOf(Remote.Address, Header(spi, 0, 0x08));
            Assert.Equal(shard, _shards.ShardOf(Remote.Address, Header(spi, 0, 0x08)));
            counts[shard]++;
        }
        Assert.All(counts, c => Assert.InRange(c, 150, 350));
    }

    [Fact]
    public async Task InputsKeepTheirOrder()
    {
        for (byte i = 0; i < 100; i++) _shards.Shards[0].Receive(Local, Remote, [i]);
        var seen = await _shards.Shards[0].Ask((e, _) => ((ScriptedEngine)e).Datagrams.ToArray());
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), seen.Select(d => d.Single()));
    }

    /// <summary>Brings datagrams until the shard sleeps when one comes, so that this thread handles it and does <paramref name="act"/>; false if that never was.</summary>
    async Task<bool> Handle(Shard shard, byte datagram, Action? act = null)
    {
        await shard.Ask((_, _) => true);
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(1))
        {
            var (own, isHandled) = (Environment.CurrentManagedThreadId, false);
            _engines[shard.Number].OnReceive = () =>
            {
                if (Environment.CurrentManagedThreadId != own) return;
                isHandled = true;
                act?.Invoke();
            };
            shard.Receive(Local, Remote, [datagram], mayLinger: true);
            if (isHandled) return true;
            await shard.Ask((_, _) => true);
        }
        return false;
    }

    [Fact]
    public async Task ADatagramThatFindsTheShardAsleepIsHandledByWhoBringsIt()
    {
        Assert.True(await Handle(_shards.Shards[0], 1));
        // Not so without leave.
        var other = new TaskCompletionSource<int>();
        _engines[0].OnReceive = () => other.TrySetResult(Environment.CurrentManagedThreadId);
        var own = Environment.CurrentManagedThreadId;
        _shards.Shards[0].Receive(Local, Remote, [2]);
        Assert.NotEqual(own, await other.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task NobodyIsWithTheEngineBesideAnother()
    {
        var shard = _shards.Shards[0];
        var (inside, worst) = (0, 0);
        _engines[0].OnReceive = () =>
        {
            var now = Interlocked.Increment(ref inside);
            if (now > 1) Interlocked.Exchange(ref worst, now);
            Thread.SpinWait(200);
            Interlocked.Decrement(ref inside);
        };
        const int each = 1000;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                shard.Receive(Local, Remote, [(byte)n], mayLinger: true);
                // Between two bursts the shard goes to sleep.
                if (i % 50 == 0) await Task.Delay(1);
            }
        })));
        await shard.Ask((_, _) => true).WaitAsync(Patience);
        Assert.Equal(0, worst);
        Assert.Equal(4 * each, _engines[0].Datagrams.Count);
    }

    [Fact]
    public async Task ATimerThatWasArmedFromOutsideTicks()
    {
        var shard = _shards.Shards[3];
        var engine = _engines[3];
        var ticked = new TaskCompletionSource();
        // The shard sleeps for an hour when the datagram comes.
        await shard.Ask((_, now) =>
        {
            engine.Host.Arm(new(now.Milliseconds + 3_600_000));
            return true;
        });
        engine.OnTick = () => ticked.TrySetResult();
        Assert.True(await Handle(shard, 1, () => engine.Host.Arm(new(Shard.Now.Milliseconds + 20))));
        await ticked.Task.WaitAsync(Patience);
    }

    [Fact]
    public void AShortDatagramIsDropped()
    {
        _shards.Receive(Local, Remote, new byte[27]);
        Assert.All(_engines, e => Assert.Empty(e.Datagrams));
    }

    [Fact]
    public async Task AnArmedTimerTicks()
    {
        var ticked = new TaskCompletionSource();
        await _shards.Shards[1].Ask((e, now) =>
        {
            ((ScriptedEngine)e).OnTick = () => ticked.TrySetResult();
            ((ScriptedEngine)e).Host.Arm(new(now.Milliseconds + 20));
            return true;
        });
        await ticked.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task WorkComesBackOnTheShard(int microseconds)
    {
        var finished = new TaskCompletionSource<(int Run, int Finish)>();
        var shard = await _shards.Shards[2].Ask((e, _) =>
        {
            var run = 0;
            ((ScriptedEngine)e).Host.Start(new Work<int>(microseconds, () => run = Environment.CurrentManagedThreadId, () => true,
                _ => finished.SetResult((run, Environment.CurrentManagedThreadId)), finished.SetException));
            Assert.NotEqual(Environment.CurrentManagedThreadId, run); // never from inside the call
            return Environment.CurrentManagedThreadId;
        });
        var (run, finish) = await finished.Task.WaitAsync(Patience);
        Assert.Equal(shard, finish);
        Assert.Equal(microseconds < 100, run == shard);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task WorkThatATimerBeginsWaitsForNothingElse(int microseconds)
    {
        var finished = new TaskCompletionSource();
        await _shards.Shards[1].Ask((e, now) =>
        {
            var engine = (ScriptedEngine)e;
            engine.OnTick = () => engine.Host.Start(new Work<int>(microseconds, () => 0, () => true, _ => finished.TrySetResult(), finished.SetException));
            engine.Host.Arm(new(now.Milliseconds + 20));
            return true;
        });
        await finished.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task AFaultDoesNotEndTheShard()
    {
        _shards.Shards[0].Post((_, _) => throw new InvalidOperationException("fault"));
        Assert.Equal(1, await _shards.Shards[0].Ask((_, _) => 1).WaitAsync(Patience));
    }

    [Fact]
    public async Task ForwardedWishesReachTheShardThatHasTheSa()
    {
        _engines[3].Ids.Add(77);
        await _shards.Shards[0].Ask((e, _) =>
        {
            ((ScriptedEngine)e).Host.Forward(new Wish.RekeyIke(77, false));
            return true;
        });
        foreach (var shard in _shards.Shards) await shard.Ask((_, _) => true);
        Assert.Equal([0, 0, 0, 1], _engines.Select(e => e.Wishes.Count));
    }

    [Fact]
    public async Task AnInitiationGoesToTheShardThatServesElseHome()
    {
        var connection = new Connection { Name = "gw", Children = [new() { Name = "net" }] };
        var home = _shards.HomeOf(connection);
        var other = (home + 1) % _engines.Count;
        async Task<string> Forward(Wish wish)
        {
            await _shards.Shards[other].Ask((e, _) =>
            {
                ((ScriptedEngine)e).Host.Forward(wish);
                return true;
            });
            // one turn for each shard that is asked, and one for the last resort
            for (var turn = 0; turn <= _engines.Count; turn++)
                foreach (var shard in _shards.Shards) await shard.Ask((_, _) => true);
            var got = string.Join(' ', _engines.Where(e => e.Wishes.TryDequeue(out _)).Select(e => e.Number));
            Assert.All(_engines, e => Assert.Empty(e.Wishes));
            return got;
        }
        Assert.Equal($"{home}", await Forward(new Wish.Initiate(connection, connection.Children[0], null)));
        Assert.Equal($"{home}", await Forward(new Wish.Install(connection, connection.Children[0], null)));
        _engines[other].Serving = "gw";
        Assert.Equal($"{other}", await Forward(new Wish.Initiate(connection, connection.Children[0], null)));
        Assert.Equal($"{home}", await Forward(new Wish.Install(connection, connection.Children[0], null)));
    }

    [Fact]
    public async Task WorkThatWaitsForATokenHoldsUpNoOther()
    {
        object card = new(), hsm = new();
        using var hold = new ManualResetEventSlim();
        using var atCard = new CountdownEvent(3);
        // The test goes on beside the shard, not on it.
        var (atHsm, rest) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _shards.Shards[0].Ask((e, _) =>
        {
            var host = ((ScriptedEngine)e).Host;
            // More of them than the pool has threads.
            for (var i = 0; i < 3; i++) host.Start(new Work<int>(500_000, () => hold.Wait(Patience) ? 1 : 0, () => true, _ => atCard.Signal(), _ => { }) { Device = card });
            host.Start(new Work<int>(500_000, () => 0, () => true, _ => atHsm.TrySetResult(), atHsm.SetException) { Device = hsm });
            host.Start(new Work<int>(500_000, () => 0, () => true, _ => rest.TrySetResult(), rest.SetException));
            return true;
        });
        await Task.WhenAll(atHsm.Task, rest.Task).WaitAsync(Patience);
        Assert.Equal(3, atCard.CurrentCount);
        hold.Set();
        Assert.True(atCard.Wait(Patience));
    }

    [Fact]
    public async Task AnAcquireEndsAtTheShardThatHasTheTrap()
    {
        _engines[2].Ids.Add(7);
        _shards.Acquire(7, TrafficSelector.Dynamic, TrafficSelector.Dynamic);
        for (var turn = 0; turn <= _engines.Count; turn++)
            foreach (var shard in _shards.Shards) await shard.Ask((_, _) => true);
        Assert.Equal(["acquire", "acquire", "acquire", ""], _engines.Select(e => string.Join(' ', e.Events)));
    }

    [Fact]
    public async Task PlaneEventsGoByTheInboundSpi()
    {
        _shards.Expire(SaDirection.Inbound, 0x20000001, Remote.Address, true);
        _shards.MappingChanged(0x30000001, Remote);
        _shards.Expire(SaDirection.Outbound, 0x12345678, Remote.Address, false);
        foreach (var shard in _shards.Shards) await shard.Ask((_, _) => true);
        Assert.Equal(["expire", "expire", "expire expire", "mapping expire"], _engines.Select(e => string.Join(' ', e.Events)));
    }

    [Fact]
    public async Task AFloodIsDroppedNotQueued()
    {
        var hold = new ManualResetEventSlim();
        _shards.Shards[0].Post((_, _) => hold.Wait(Patience));
        for (var i = 0; i < 20_000; i++) _shards.Shards[0].Receive(Local, Remote, new byte[28]);
        Assert.True(_shards.Shards[0].Queued < 5000);
        Assert.True(_shards.Shards[0].Dropped > 15_000);
        hold.Set();
        Assert.Equal(1, await _shards.Shards[0].Ask((_, _) => 1).WaitAsync(Patience));
        Assert.NotEmpty(_engines[0].Datagrams);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(64, 2)]
    [InlineData(200, 4)]
    [InlineData(1000, 16)]
    public async Task SnapshotsComeInOrderAndInPages(int sas, int pages)
    {
        // Ids of the first two shards mixed, a run on the third, none on the fourth.
        for (var i = 1; i <= sas; i++) _engines[i % 2].Listed.Add(i);
        for (var i = 1; i <= sas; i++) _engines[2].Listed.Add(sas + i);
        Assert.Equal(Enumerable.Range(1, 2 * sas), (await _shards.Snapshots().ToListAsync()).Select(s => s.Ike.UniqueId));
        Assert.All(_engines.SelectMany(e => e.Pages), p => Assert.Equal(ShardSet.SnapshotsAtOnce, p.Most));
        Assert.InRange(_engines[2].Pages.Count, Math.Max(1, pages), pages + 1);
    }

    [Fact]
    public async Task AShardHandlesWhatWaitsBetweenTwoPages()
    {
        var engine = _engines[0];
        for (var i = 1; i <= 1000; i++) engine.Listed.Add(i);
        // With every page a datagram comes, and it is handled before the next page but one is made.
        var late = new ConcurrentQueue<int>();
        var sent = 0;
        engine.OnPage = () =>
        {
            if (engine.Datagrams.Count < sent - 1) late.Enqueue(sent);
            sent++;
            _shards.Shards[0].Receive(Local, Remote, [1]);
        };
        Assert.Equal(1000, await _shards.Snapshots().CountAsync());
        Assert.Empty(late);
        Assert.InRange(sent, 16, 17);
    }

    [Fact]
    public async Task WhatComesAndGoesMeanwhileDoesNotDisturbTheOthers()
    {
        var engine = _engines[0];
        for (var i = 2; i <= 2000; i += 2) engine.Listed.Add(i);
        var page = 0;
        engine.OnPage = () =>
        {
            // One that was listed goes, one that was not, and new ones come.
            engine.Listed.Remove(2);
            engine.Listed.Remove(2000 - 2 * page);
            engine.Listed.Add(3000 + page++);
        };
        var listed = (await _shards.Snapshots().ToListAsync()).Select(s => s.Ike.UniqueId).ToArray();
        Assert.Equal(listed.Order().Distinct(), listed);
        Assert.Subset(listed.ToHashSet(), Enumerable.Range(2, 900).Select(i => 2 * i).ToHashSet());
    }

    [Fact]
    public async Task AnEndedShardAnswersNobody()
    {
        _shards.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shards.Shards[0].Ask((_, _) => 1));
    }

    sealed class NoOutside : IOutside
    {
        public void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0) { }
        public void SendKeepalive(Endpoint local, Endpoint remote) { }
        public Address? SourceAddressFor(Address remote) => null;
        public bool IsLocalAddress(Address address) => false;
        public bool HasPath(Address local, Address remote) => false;
        public IReadOnlyList<Address> UsableAddresses() => [];
        public IReadOnlyList<Address> LocalAddresses() => [];
    }

    sealed class ScriptedEngine(IHost host, int number) : IEngine
    {
        public IHost Host { get; } = host;
        public int Number { get; } = number;
        public ConcurrentQueue<byte[]> Datagrams { get; } = new();
        public ConcurrentQueue<Wish> Wishes { get; } = new();
        public ConcurrentQueue<string> Events { get; } = new();
        public HashSet<int> Ids { get; } = [];
        public SortedSet<int> Listed { get; } = [];
        public ConcurrentQueue<(int After, int Most)> Pages { get; } = new();
        public Action? OnPage { get; set; }
        public Action? OnTick { get; set; }

        public Action? OnReceive { get; set; }

        public void Receive(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, Instant now)
        {
            Datagrams.Enqueue(datagram.ToArray());
            OnReceive?.Invoke();
        }

        public void Tick(Instant now) => OnTick?.Invoke();
        public void Accept(Wish wish, Instant now) => Wishes.Enqueue(wish);
        public void Finished(Work work, Instant now) => new IkeEngine(Host, new()).Finished(work, now);
        public void Configure(Configuration configuration) { }
        public bool Acquire(uint reqid, TrafficSelector local, TrafficSelector remote, Instant now)
        {
            Events.Enqueue("acquire");
            return Ids.Contains((int)reqid);
        }

        public void Expire(SaDirection direction, uint spi, Address remote, bool hard, Instant now) => Events.Enqueue("expire");
        public void MappingChanged(uint spi, Endpoint remote, Instant now) => Events.Enqueue("mapping");
        public void Roam(bool addressesChanged, Instant now) => Events.Enqueue("roam");
        public SnapshotPage Snapshots(int after, int most)
        {
            Pages.Enqueue((after, most));
            OnPage?.Invoke();
            int[] page = [.. Listed.Where(id => id > after).Take(most)];
            return new([.. page.Select(id => new IkeSnapshot { Name = "gw", UniqueId = id, State = IkeState.Established })], page.Length < most ? -1 : page[^1]);
        }
        public IkeSnapshot? Snapshot(int uniqueId) => null;
        public IReadOnlyList<PolicySnapshot> Policies(string? connection, string? child) => [];
        public int IkeCount => 0;
        public int HalfOpenCount => 0;
        public bool HasIke(int uniqueId) => Ids.Contains(uniqueId);
        public bool HasChild(int uniqueId) => false;
        public string Serving { get; set; } = "";
        public bool Serves(Connection connection) => connection.Name == Serving;
        public Settings Settings { get; set; } = new();
        public Counters Counters { get; } = new();
    }
}
