// The effects of a shard's engine: sending, timers, work, log lines, events. Called by whoever is with the engine.
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

sealed partial class Shard : IHost
{
    /// <summary>Work cheaper than this, in microseconds, is not worth another thread.</summary>
    const int InlineBelow = 100;

    readonly ShardSurroundings _around;
    readonly Action<Wish> _forward;

    /// <summary>The number in the log; 00 is the daemon itself.</summary>
    int ThreadNumber => Number + 1;

    public DateTimeOffset WallTime => DateTimeOffset.UtcNow;

    public IRandom Random => _around.Random;

    public ICryptoDoor Crypto => _around.Crypto;

    public IDataPlane DataPlane => _around.DataPlane;

    public SharedState Shared => _around.Shared;

    public void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0) => _around.Outside.Send(local, remote, datagram, dscp);

    public void SendKeepalive(Endpoint local, Endpoint remote) => _around.Outside.SendKeepalive(local, remote);

    public Address? SourceAddressFor(Address remote) => _around.Outside.SourceAddressFor(remote);

    public bool HasPath(Address local, Address remote) => _around.Outside.HasPath(local, remote);

    public IReadOnlyList<Address> LocalAddresses() => _around.Outside.UsableAddresses();

    public bool IsLocalAddress(Address address) => _around.Outside.IsLocalAddress(address);

    public IHostConfiguration? HostConfiguration => _around.HostConfiguration;

    public CrashTokens? CrashTokens => _around.CrashTokens;

    public IStatusFetcher? StatusFetcher => _around.StatusFetcher;

    public NameLookup Lookup => _around.Lookup;

    public void Forward(Wish wish) => _forward(wish);

    public void Arm(Instant deadline)
    {
        if (deadline < _deadline) _deadline = deadline;
    }

    public void Start(Work work)
    {
        if (work.Microseconds < InlineBelow)
        {
            _inline.Enqueue(work);
            return;
        }
        if (work.IsAsynchronous)
        {
            _around.Pool.Enqueue(() => work.RunAsync().ContinueWith(_ => Post((engine, now) => engine.Finished(work, now)), TaskScheduler.Default));
            return;
        }
        (work.Device is { } device ? _around.Pool.For(device) : _around.Pool).Enqueue(() =>
        {
            work.Run();
            Post((engine, now) => engine.Finished(work, now));
        });
    }

    public bool WantsLog(LogGroup group, int level) => _around.Log.Wants(group, level);

    public void Log(in LogLine line) => _around.Log.Write(ThreadNumber, line);

    public EapServerFactory? Radius => _around.Radius?.Factory;

    public bool WantsUp => _around.Radius is { KeepsSessions: true } || StateEvents.WantsUpDown(_around.Hub);

    public bool WantsAlerts => _around.Radius is { KeepsSessions: true } || _around.Hub.IsWanted("alert");

    public void Raise(SaEvent e)
    {
        _around.Radius?.Handle(e);
        _around.Updown?.Handle(e);
        StateEvents.Raise(_around.Hub, e, Now);
    }
}
