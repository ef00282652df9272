// The engine on an in-memory link: what tests and the simulator carry inner packets through. It shows whether anything leaves in clear.
using System.Collections.Immutable;
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>A data plane whose TUN device is <see cref="SendInner"/> and <see cref="Delivered"/>, and whose network is a <see cref="FakeWire"/>. For one thread.</summary>
public sealed class FakeDataPlane : IDataPlane, IDisposable
{
    readonly FakeWire _wire;
    readonly EspWorker _worker;
    readonly Sink _sink;
    readonly Queue<(EspPath Path, byte[] Esp)> _leaving = [];

    public FakeDataPlane(IDataPlaneEvents events, IRandom random, FakeWire wire)
    {
        Engine = new EspEngine(events, random, "fake", 1) { Modes = [ChildMode.Tunnel, ChildMode.Transport, ChildMode.Beet], SupportsIpComp = true, CarriesAh = true };
        _wire = wire;
        _worker = Engine.CreateWorker();
        _sink = new(this);
    }

    public EspEngine Engine { get; }

    /// <summary>Virtual milliseconds, for the time of last use and for traps.</summary>
    public long Now
    {
        get => _worker.Now;
        set => _worker.Now = value;
    }

    /// <summary>Inner packets that came out, oldest first; the owner may clear it.</summary>
    public List<byte[]> Delivered { get; } = [];

    /// <summary>Packets that left in clear because their policy is to pass, oldest first.</summary>
    public List<byte[]> Passed { get; } = [];

    /// <summary>ESP packets that left, with their path, oldest first; kept while <see cref="IsRecording"/>.</summary>
    public List<(EspPath Path, byte[] Esp)> Sent { get; } = [];

    public bool IsRecording { get; set; } = true;

    /// <summary>ESP packets that left so far.</summary>
    public int SentPackets { get; private set; }

    /// <summary>Packets that left and showed bytes of the inner packet, or that no installed SA accounts for. Must stay 0.</summary>
    public int Leaks { get; private set; }

    /// <summary>An inner packet from this host's applications. It is sealed and put on the wire, or dropped.</summary>
    public void SendInner(ReadOnlySpan<byte> packet) => SendInner(packet, Offload.None);

    /// <summary>The same for a super-packet or one with an unfinished checksum.</summary>
    public void SendInner(ReadOnlySpan<byte> packet, in Offload offload)
    {
        _worker.Outbound(packet.ToArray(), offload, _sink);
        _worker.Flush(_sink);
        Leave(packet);
    }

    void Leave(ReadOnlySpan<byte> packet)
    {
        // What the wire does may lead back here; the worker is done by then.
        while (_leaving.TryDequeue(out var next))
        {
            SentPackets++;
            if (IsRecording) Sent.Add(next);
            if (IsLeak(next.Path, next.Esp, packet)) Leaks++;
            _wire(next.Path, next.Esp);
        }
    }

    /// <summary>An ESP packet from the network; <paramref name="from"/> is seen from us. Its content is appended to <see cref="Delivered"/>, or it is dropped.</summary>
    public void Receive(EspPath from, ReadOnlySpan<byte> esp)
    {
        _worker.Inbound(from, esp.ToArray(), esp.Length, _sink);
        _worker.Flush(_sink);
    }

    public void Dispose() => Engine.Dispose();

    public string Name => Engine.Name;

    public bool CanSendRawEsp => Engine.CanSendRawEsp;

    public bool Supports(SecurityProtocol protocol, Transform transform) => Engine.Supports(SecurityProtocol.Esp, transform);

    public bool Supports(ChildMode mode) => Engine.Supports(mode);

    public bool TakesTfcPadding(ChildMode mode) => Engine.TakesTfcPadding(mode);

    public bool SupportsIpComp => Engine.SupportsIpComp;

    public PlaneRefusal? Refuses(ChildConfig child) => Engine.Refuses(child);

    // AH goes as ESP without encryption, so its SPIs come from the same numbers.
    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => Engine.TryReserveSpi(SecurityProtocol.Esp, spi);

    public void ReleaseSpi(SecurityProtocol protocol, uint spi) => Engine.ReleaseSpi(SecurityProtocol.Esp, spi);

    public bool TryReserveCpi(ushort cpi) => Engine.TryReserveCpi(cpi);

    public void ReleaseCpi(ushort cpi) => Engine.ReleaseCpi(cpi);

    public string? InstallSa(SaParameters sa)
    {
        if (sa.Protocol == SecurityProtocol.Ah)
            sa = sa with { Protocol = SecurityProtocol.Esp, Encryption = new(TransformType.Encryption, Encr.Null), EncryptionKey = [] };
        if (Engine.InstallSa(sa) is { } reason) return reason;
        if (sa.Direction != SaDirection.Outbound) return null;
        foreach (var kept in Engine.TakeKept(sa.Reqid, Now))
        {
            _worker.Resend(kept.Packet, kept.Offload, _sink);
            Leave(kept.Packet);
        }
        return null;
    }

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp) =>
        Engine.UpdateSa(direction, spi, peer, local, remote, udpEncapsulation);

    public string? UpdateSelectors(SaDirection direction, uint spi, Address peer, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs) =>
        Engine.UpdateSelectors(direction, spi, peer, localTs, remoteTs);

    public void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => Engine.RemoveSa(direction, spi, remote);

    public SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => Engine.Query(direction, spi, remote);

    public string? InstallPolicy(PolicyParameters policy) => Engine.InstallPolicy(policy);

    public void RemovePolicy(PolicyParameters policy) => Engine.RemovePolicy(policy);

    // Sixteen bytes from the end of the inner packet: chance does not repeat them in a ciphertext.
    internal bool IsLeak(in EspPath path, ReadOnlySpan<byte> esp, ReadOnlySpan<byte> inner)
    {
        if (esp.Length < EspLayout.FixedBytes) return true;
        if (Engine.FindOutbound(BinaryPrimitives.ReadUInt32BigEndian(esp), path.Remote.Address) is not { } sa) return true;
        return sa.IsSecret && inner.Length >= 36 && esp.IndexOf(inner[^16..]) >= 0;
    }

    sealed class Sink(FakeDataPlane plane) : IEspSink
    {
        public void Send(in EspPath path, ReadOnlySpan<byte> packets, int segmentSize)
        {
            for (; !packets.IsEmpty; packets = packets[Math.Min(segmentSize, packets.Length)..])
                plane._leaving.Enqueue((path, packets[..Math.Min(segmentSize, packets.Length)].ToArray()));
        }

        public void Pass(ReadOnlySpan<byte> packet, in Offload offload) => plane.Passed.Add(packet.ToArray());

        public void Deliver(ReadOnlySpan<byte> packet, in Offload offload) => plane.Delivered.Add(packet.ToArray());
    }
}
