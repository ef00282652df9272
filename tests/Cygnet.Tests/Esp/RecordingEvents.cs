// Keeps what an engine reports.
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

sealed class RecordingEvents : IDataPlaneEvents
{
    public List<(uint Reqid, TrafficSelector Local, TrafficSelector Remote)> Acquires { get; } = [];

    public List<(SaDirection Direction, uint Spi, bool Hard)> Expires { get; } = [];

    public List<(uint Spi, Endpoint Remote)> Mappings { get; } = [];

    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => Acquires.Add((reqid, local, remote));

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard) => Expires.Add((direction, spi, hard));

    public void MappingChanged(uint spi, Endpoint remote) => Mappings.Add((spi, remote));
}
