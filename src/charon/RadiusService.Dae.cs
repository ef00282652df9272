// The door for dynamic authorization: who may knock, and what is done then. RFC 5176.
using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Cygnet.Charon.Shards;
using Cygnet.Ike;
using Cygnet.Linux.Radius;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Charon;

sealed partial class RadiusService
{
    static readonly TimeSpan s_lookupsApart = TimeSpan.FromSeconds(60);

    DaeServer? _door;
    DaeSocket? _socket;
    volatile FrozenSet<Address> _servers = FrozenSet<Address>.Empty;
    Instant _lookedUp;

    void OpenDoor(RadiusSettings settings)
    {
        _socket?.Dispose();
        (_door, _socket) = (null, null);
        if (settings.Dae is not { } dae) return;
        var log = ((IRadiusSessionsHost)this).Log;
        _door = new(dae, _sessions, log);
        _socket = DaeSocket.TryOpen(dae, Knock, log);
        if (_socket is null) _door = null;
        _servers = Literals(settings).ToFrozenSet();
        LookUp(settings);
    }

    byte[]? Knock(ReadOnlySpan<byte> datagram, Endpoint from)
    {
        DaeVerdict? verdict;
        lock (_lock)
        {
            if (_door is null || _settings.Dae is not { } dae) return null;
            var isClient = _servers.Contains(from.Address) || dae.Clients.Any(c => c.Contains(from.Address));
            if (!isClient && Shard.Now - _lookedUp > s_lookupsApart) LookUp(_settings);
            verdict = _door.Receive(datagram, from, isClient, _outside.IsLocalAddress, DateTimeOffset.UtcNow, Shard.Now);
        }
        foreach (var id in verdict?.Ikes ?? [])
            _shards!.Wish(verdict!.Disconnects ? new Wish.TerminateIke(id, false, null) : new Wish.Reauthorize(id, verdict.AuthLifetime, verdict.Groups));
        return verdict?.Reply;
    }

    static IEnumerable<Address> Literals(RadiusSettings settings) =>
        settings.Servers.Select(s => Address.TryParse(s.Address, out var a) ? (Address?)a : null).OfType<Address>();

    /// <summary>Servers that have names: what they stand for now. A request that comes too early is repeated by its client.</summary>
    void LookUp(RadiusSettings settings)
    {
        _lookedUp = Shard.Now;
        string[] names = [.. settings.Servers.Select(s => s.Address).Where(a => !Address.TryParse(a, out _))];
        if (names.Length > 0) _ = Task.Run(async () =>
        {
            var found = Literals(settings).ToHashSet();
            foreach (var name in names)
                try { found.UnionWith((await Dns.GetHostAddressesAsync(name).ConfigureAwait(false)).Select(Address.FromIPAddress)); }
                catch (SocketException) { }
            _servers = found.ToFrozenSet();
        });
    }
}
