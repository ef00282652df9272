// The daemon as the commands see it.
using System.Collections.Immutable;
using Cygnet.Charon.Logging;
using Cygnet.Charon.Shards;
using Cygnet.Control;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Charon;

sealed partial class Daemon : IDaemon
{
    const int LongestCertificate = 1 << 20;

    readonly Lock _reload = new();

    public string Version => OwnVersion;

    public string KernelRelease => Uname.Release;

    public string Machine => Uname.Machine;

    public Instant Started { get; } = Shard.Now;

    public DateTimeOffset WallTime => DateTimeOffset.Now;

    public Instant Now => Shard.Now;

    public ConfigurationStore Store { get; }

    ImmutableArray<string> IDaemon.Features => Modules.Names;

    public StatusCache Statuses => _around.Shared.Statuses;

    public int InitLimitHalfOpen => (int)_conf.Number("init_limit_half_open", 0);

    public IAsyncEnumerable<LocatedSa> Snapshots() => _shards.Snapshots();

    public Task<IReadOnlyList<LocatedPolicy>> Policies(string? connection, string? child) => _shards.Policies(connection, child);

    public async Task<DaemonFigures> Figures()
    {
        var (ike, halfOpen) = await _shards.Counts().ConfigureAwait(false);
        var (busy, shards) = (_pool.Busy, _shards.Shards);
        // Shards are what the reference calls critical, the pool is its medium.
        return new(_pool.Threads + shards.Length, _pool.Threads - busy, [shards.Length, 0, busy, 0],
            [shards.Sum(s => s.Queued), 0, _pool.Queued, 0], shards.Count(s => s.IsArmed), ike, halfOpen);
    }

    public int HomeShard(Connection connection) => _shards.HomeOf(connection);

    public void Wish(int shard, Wish wish) => _shards.Wish(shard, wish);

    public void Initiate(Wish.Initiate wish) => _shards.Initiate(wish);

    public string? ReloadSettings()
    {
        lock (_reload)
        {
            if (DaemonConf.TryRead(_paths.StrongswanConf, out var problem) is not { } conf)
            {
                _log.Write(LogGroup.Cfg, 1, problem);
                return $"reloading '{_paths.StrongswanConf}' failed";
            }
            _conf = conf;
            _log.Use(LoggerSetup.Open(conf, _line, text => _log.Write(LogGroup.Dmn, 1, text)));
            var settings = conf.ToSettings();
            foreach (var line in settings.Ignored) _log.Write(LogGroup.Cfg, 1, line);
            _shards.Use(settings);
            _radius?.Use(conf.ToRadius(), _shards);
            _fetcher?.Fetching = conf.ToFetch();
            return null;
        }
    }

    public IReadOnlyList<Address> LocalAddresses() => _around.Outside.LocalAddresses();

    public bool MayChangeLogLevels => _conf.MayChangeLogLevels;

    public void SetLogLevel(LogGroup? group, int level) => _log.SetLevel(group, level);

    public void Log(LogGroup group, int level, string text) => _log.WriteInTime(group, level, text, _shards.Count + 1);

    public IDisposable WantLog(int level) => _log.Watch(level);

    public Task<IReadOnlyDictionary<string, long[]>> Counters() => _shards.Counters();

    public PlaneRefusal? Refuses(ChildConfig child) => _around.DataPlane.Refuses(child);

    public void Keep(RefusalEntry refusal) => _around.Shared.Refusals.Add(refusal);

    public IReadOnlyList<RefusalEntry> Refusals(string? connection) => _around.Shared.Refusals.Of(connection);

    public ITokens Tokens => _tokens;

    public byte[]? ReadFile(string path, out string why)
    {
        why = "";
        try
        {
            if (FileKinds.Of(File.ResolveLinkTarget(path, true)?.FullName ?? path) == FileKind.Regular && new FileInfo(path).Length <= LongestCertificate)
                return File.ReadAllBytes(path);
            why = File.Exists(path) ? $"'{path}' is no file of at most {LongestCertificate} bytes" : "No such file or directory";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            why = "No such file or directory";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }
        return null;
    }

    public void ResetCounters(string? connection, bool all) => _shards.ResetCounters(connection, all);

    public void Shutdown() => _stop.TrySetResult("shutdown requested, shutting down");
}
