// The engine on an in-memory link: what tests and the simulator carry inner packets through. It shows whether anything leaves in clear.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>A data plane whose TUN device is <see cref="SendInner"/> and <see cref="Delivered"/>, and whose network is a <see cref="FakeWire"/>. For one thread.</summary>
public sealed class FakeDataPlane : IDataPlane
{
    public FakeDataPlane(IDataPlaneEvents events, IRandom random, FakeWire wire)
    {
        Engine = new EspEngine(events, random, "fake", 1);
        Wire = wire;
    }

    public EspEngine Engine { get; }

    FakeWire Wire { get; }

    /// <summary>Virtual milliseconds, for the time of last use and for traps.</summary>
    public long Now { get; set; }

    /// <summary>Inner packets that came out, oldest first; the owner may clear it.</summary>
    public List<byte[]> Delivered { get; } = [];

    /// <summary>ESP packets that left, with their path, oldest first; kept while <see cref="IsRecording"/>.</summary>
    public List<(EspPath Path, byte[] Esp)> Sent { get; } = [];

    public bool IsRecording { get; set; } = true;

    /// <summary>Packets that left and showed bytes of the inner packet, or that no installed SA accounts for. Must stay 0.</summary>
    public int Leaks { get; private set; }

    /// <summary>An inner packet from this host's applications. It is sealed and put on the wire, or dropped.</summary>
    public void SendInner(ReadOnlySpan<byte> packet)
    {
    }

    /// <summary>An ESP packet from the network; <paramref name="from"/> is seen from us. Its content is appended to <see cref="Delivered"/>, or it is dropped.</summary>
    public void Receive(EspPath from, ReadOnlySpan<byte> esp)
    {
    }

    public string Name => Engine.Name;

    public bool CanSendRawEsp => Engine.CanSendRawEsp;

    public bool Supports(SecurityProtocol protocol, Transform transform) => Engine.Supports(protocol, transform);

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => Engine.TryReserveSpi(protocol, spi);

    public void ReleaseSpi(SecurityProtocol protocol, uint spi) => Engine.ReleaseSpi(protocol, spi);

    public string? InstallSa(SaParameters sa) => Engine.InstallSa(sa);

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation) =>
        Engine.UpdateSa(direction, spi, peer, local, remote, udpEncapsulation);

    public void RemoveSa(SaDirection direction, uint spi, Address remote) => Engine.RemoveSa(direction, spi, remote);

    public SaCounters Query(SaDirection direction, uint spi, Address remote) => Engine.Query(direction, spi, remote);

    public string? InstallPolicy(PolicyParameters policy) => Engine.InstallPolicy(policy);

    public void RemovePolicy(PolicyParameters policy) => Engine.RemovePolicy(policy);
}
