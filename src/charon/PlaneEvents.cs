// The data plane is opened before the shards that its events go to: until they are there, nothing can raise one.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Charon;

sealed class PlaneEvents : IDataPlaneEvents
{
    volatile IDataPlaneEvents? _target;

    public void GoTo(IDataPlaneEvents target) => _target = target;

    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => _target?.Acquire(reqid, local, remote);

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard) => _target?.Expire(direction, spi, remote, hard);

    public void MappingChanged(uint spi, Endpoint remote) => _target?.MappingChanged(spi, remote);
}
