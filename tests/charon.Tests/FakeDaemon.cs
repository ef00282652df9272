// A daemon without shards for tests of the control protocol: SAs as the test says, wishes are recorded.
using System.Collections.Immutable;
using System.Collections.Concurrent;
using Cygnet.Control;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

sealed class FakeDaemon : IDaemon
{
    public ConcurrentQueue<Wish> Wishes { get; } = new();
    public List<LocatedSa> Sas { get; } = [];
    public List<LocatedPolicy> Installed { get; } = [];
    public ConcurrentQueue<string> Lines { get; } = new();
    public List<Configuration> Published { get; } = [];

    /// <summary>What the engine does with a wish.</summary>
    public Action<Wish> OnWish { get; set; } = _ => { };

    public FakeDaemon() => Store = new(c => { lock (Published) Published.Add(c); });

    public string Version => "1.2.3";
    public string KernelRelease => "6.1";
    public string Machine => "x86_64";
    public Instant Started { get; set; } = new(1_000_000);
    public DateTimeOffset WallTime { get; set; } = DateTimeOffset.Now;
    public Instant Now { get; set; } = new(1_000_000);
    public ConfigurationStore Store { get; }
    public StatusCache Statuses { get; } = new();

    public ImmutableArray<string> Features => ["charon", "vici"];
    public int InitLimitHalfOpen { get; set; }
    public int HalfOpen { get; set; }
    public bool IsShutDown { get; private set; }

    /// <summary>How many SAs have been shown, to all that asked.</summary>
    public int Shown;

    public async IAsyncEnumerable<LocatedSa> Snapshots()
    {
        await Task.Yield();
        foreach (var sa in Sas)
        {
            Interlocked.Increment(ref Shown);
            yield return sa;
        }
    }

    public Task<IReadOnlyList<LocatedPolicy>> Policies(string? connection, string? child) => Task.FromResult<IReadOnlyList<LocatedPolicy>>(
        [.. Installed.Where(p => (connection is null || p.Policy.Connection == connection) && (child is null || p.Policy.Child == child))]);

    public Task<DaemonFigures> Figures() => Task.FromResult(new DaemonFigures(4, 3, [1, 0, 0, 0], [0, 0, 0, 0], 2, Sas.Count, HalfOpen));

    public int HomeShard(Connection connection) => 0;

    public void Wish(int shard, Wish wish)
    {
        Wishes.Enqueue(wish);
        OnWish(wish);
    }

    /// <summary>Those among <see cref="Wishes"/> that were left to the daemon to find a shard for.</summary>
    public ConcurrentQueue<Wish.Initiate> Initiated { get; } = new();

    public void Initiate(Wish.Initiate wish)
    {
        Initiated.Enqueue(wish);
        Wish(0, wish);
    }

    public string? ReloadSettings() => null;
    public IReadOnlyList<Address> LocalAddresses() => [Address.Parse("192.0.2.1")];
    public ITokens Tokens { get; set; } = NoTokens.Instance;

    public void SetLogLevel(LogGroup? group, int level) => Lines.Enqueue($"level {group} {level}");
    public void Log(LogGroup group, int level, string text) => Lines.Enqueue(text);
    public IDisposable WantLog(int level) => new MemoryStream();
    public Task<IReadOnlyDictionary<string, long[]>> Counters() =>
        Task.FromResult<IReadOnlyDictionary<string, long[]>>(new Dictionary<string, long[]> { [""] = new long[21], ["net"] = [.. Enumerable.Range(0, 21).Select(n => (long)n)] });
    public Refusals Kept { get; } = new();
    public Func<ChildConfig, PlaneRefusal?> OnRefuses { get; set; } = _ => null;
    public PlaneRefusal? Refuses(ChildConfig child) => OnRefuses(child);
    public void Keep(RefusalEntry refusal) => Kept.Add(refusal);
    public IReadOnlyList<RefusalEntry> Refusals(string? connection) => Kept.Of(connection);
    public Dictionary<string, byte[]> Files { get; } = [];

    public byte[]? ReadFile(string path, out string why)
    {
        why = $"'{path}' does not exist";
        return Files.GetValueOrDefault(path);
    }

    public void ResetCounters(string? connection, bool all) => Lines.Enqueue($"reset {connection} {all}");
    public void Shutdown() => IsShutDown = true;
}
