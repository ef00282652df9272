// The user-space ESP engine without I/O: SAD and SPD (RFC 4301 4.4) behind the data plane's contract; workers carry the packets.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>
/// Control side of the engine. Control calls come from any thread and are serialised; packet threads see their outcome as published,
/// immutable objects and never wait for them.
/// </summary>
public sealed class EspEngine(IDataPlaneEvents events, IRandom random, string name = "tun", int maxWorkers = 16) : IDataPlane, IDisposable
{
    internal IDataPlaneEvents Events { get; } = events;

    internal IRandom Random { get; } = random;

    public string Name { get; } = name;

    public bool CanSendRawEsp { get; init; } = true;

    /// <summary>A worker for one packet thread; there can be as many as the constructor was told.</summary>
    public EspWorker CreateWorker() => new(this, maxWorkers - 1);

    /// <summary>Packets that all workers dropped for that reason.</summary>
    public long Dropped(DropReason reason) => 0;

    public bool Supports(SecurityProtocol protocol, Transform transform) => protocol == SecurityProtocol.Esp;

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => false;

    public void ReleaseSpi(SecurityProtocol protocol, uint spi)
    {
    }

    public string? InstallSa(SaParameters sa) => null;

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation) => null;

    public void RemoveSa(SaDirection direction, uint spi, Address remote)
    {
    }

    public SaCounters Query(SaDirection direction, uint spi, Address remote) => default;

    public string? InstallPolicy(PolicyParameters policy) => null;

    public void RemovePolicy(PolicyParameters policy)
    {
    }

    public void Dispose()
    {
    }
}
