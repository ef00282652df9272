// The data plane and the watch over routes are opened before the shards that their events go to: until they are there, nothing is told.
using Cygnet.Charon.Shards;
using Cygnet.Esp;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Charon;

sealed class PlaneEvents : IDataPlaneEvents
{
    volatile ShardSet? _target;

    public void GoTo(ShardSet target) => _target = target;

    public void Roam(RouteChange change) => _target?.Roam((change & RouteChange.Addresses) != 0);

    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => _target?.Acquire(reqid, local, remote);

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard) => _target?.Expire(direction, spi, remote, hard);

    public void MappingChanged(uint spi, Endpoint remote) => _target?.MappingChanged(spi, remote);
}
