// The daemon's RADIUS: settings, sockets, sessions, and the door for dynamic authorization, put together.
using Cygnet.Charon.Logging;
using Cygnet.Charon.Shards;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Ike;
using Cygnet.Linux.Radius;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Charon;

/// <summary>Thread safe. Idle, and almost free, unless charon.plugins.eap-radius names a server.</summary>
sealed partial class RadiusService : IRadiusServers, IRadiusSessionsHost, IDisposable
{
    readonly Lock _lock = new();
    readonly IOutside _outside;
    readonly IRandom _random;
    readonly Log _log;
    readonly EventHub _hub;
    readonly uint _started = (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    readonly RadiusSessions _sessions;
    readonly Timer _timer;
    volatile RadiusSettings _settings = new();
    volatile RadiusSockets? _sockets;
    volatile bool _keepsSessions;
    ShardSet? _shards;

    public RadiusService(IOutside outside, IRandom random, Log log, EventHub hub)
    {
        (_outside, _random, _log, _hub) = (outside, random, log, hub);
        _sessions = new(_settings, _started, this);
        _timer = new(_ => Do(now => _sessions.Tick(now)));
    }

    /// <summary>For <see cref="IHost.Radius"/>; null without servers.</summary>
    public EapServerFactory? Factory { get; private set; }

    /// <summary>Takes settings into use; conversations that have begun go on. <paramref name="shards"/> have the IKE_SAs.</summary>
    public void Use(RadiusSettings settings, ShardSet shards)
    {
        foreach (var line in settings.Lines) ((IRadiusSessionsHost)this).Log(line);
        RadiusSockets? old;
        lock (_lock)
        {
            old = _sockets;
            _shards = shards;
            _settings = _sessions.Settings = settings;
            _sockets = settings.Servers.IsEmpty ? null : new(settings.Servers, _random, ((IRadiusSessionsHost)this).Log);
            Factory = settings.Servers.IsEmpty ? null : RadiusEapServers.Factory(settings, this, _started);
            OpenDoor(settings);
            _keepsSessions = settings.Accounting && _sockets is not null || _door is not null;
        }
        // what waits for an answer there still gets it
        if (old is not null) _ = Task.Delay(TimeSpan.FromMinutes(1)).ContinueWith(_ => old.Dispose(), TaskScheduler.Default);
    }

    /// <summary>Whether it follows SAs: for accounting, or for dynamic authorization.</summary>
    public bool KeepsSessions => _keepsSessions;

    /// <summary>On the shard's thread.</summary>
    public void Handle(SaEvent e)
    {
        if (_keepsSessions) Do(now => _sessions.Handle(e, now));
    }

    public async Task<RadiusReply?> Request(RadiusCode code, RadiusAttributes attributes, string? server = null)
    {
        if (_sockets is not { } sockets) return null;
        var reply = await sockets.Request(code, attributes, server).ConfigureAwait(false);
        if (reply is not null) return reply;
        StateEvents.Raise(_hub, new SaEvent.Alert(AlertType.RadiusNotResponding, null), Shard.Now);
        if (code == RadiusCode.AccessRequest && _settings.CloseAllOnTimeout)
        {
            ((IRadiusSessionsHost)this).Log("deleting all IKE_SAs after RADIUS timeout");
            ((IRadiusSessionsHost)this).Close(null);
        }
        return null;
    }

    /// <summary>The daemon ends: reports the end of all sessions, and waits a little for the answers.</summary>
    public async Task Finish()
    {
        if (!_keepsSessions || _shards is null) return;
        List<IkeSnapshot> pictures = [];
        await foreach (var sa in _shards.Snapshots().ConfigureAwait(false)) pictures.Add(sa.Ike);
        Do(now => _sessions.EndAll(pictures, now));
        for (var patience = 0; patience < 60 && Unreported() > 0; patience++) await Task.Delay(50).ConfigureAwait(false);

        int Unreported()
        {
            lock (_lock) return _sessions.Unreported;
        }
    }

    void Do(Action<Instant> input)
    {
        lock (_lock)
        {
            var now = Shard.Now;
            input(now);
            var due = _sessions.Deadline;
            _timer.Change(due == Instant.Never ? Timeout.Infinite : Math.Clamp(due.Milliseconds - now.Milliseconds, 0, int.MaxValue), Timeout.Infinite);
        }
    }

    void IRadiusSessionsHost.AskFor(int uniqueId) => _ = Ask(uniqueId);

    async Task Ask(int uniqueId)
    {
        var ike = await _shards!.Snapshot(uniqueId).ConfigureAwait(false);
        Do(now => _sessions.Take(uniqueId, ike, now));
    }

    void IRadiusSessionsHost.Account(string session, RadiusAttributes attributes) => _ = Report(session, attributes);

    async Task Report(string session, RadiusAttributes attributes)
    {
        var reply = await Request(RadiusCode.AccountingRequest, attributes).ConfigureAwait(false);
        Do(now => _sessions.Sent(session, reply is not null, now));
    }

    void IRadiusSessionsHost.Close(int? uniqueId)
    {
        if (uniqueId is { } id) _shards!.Wish(new Wish.TerminateIke(id, false, null));
        else _ = CloseAll();
    }

    async Task CloseAll()
    {
        await foreach (var sa in _shards!.Snapshots().ConfigureAwait(false)) _shards.Wish(sa.Shard, new Wish.TerminateIke(sa.Ike.UniqueId, false, null));
    }

    void IRadiusSessionsHost.Log(string text) => _log.Write(LogGroup.Cfg, 1, text);

    public void Dispose()
    {
        lock (_lock)
        {
            _keepsSessions = false;
            _socket?.Dispose();
            _sockets?.Dispose();
        }
        _timer.Dispose();
    }
}
