// A capture at both ends of a cable, judged as it runs: what an eavesdropper on the cable would see.
using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;

namespace Cygnet.Interop.Testbed;

/// <summary>Counts what crosses a cable, by kind, and remembers whatever should not have been there in clear.</summary>
public sealed partial class Wire : IDisposable
{
    const int AfPacket = 17, SockRaw = 3, EthPAll = 0x0003, SolSocket = 1, SoRcvTimeo = 20, SoRcvBufForce = 33;
    const int SolPacket = 263, PacketStatistics = 6;
    const int Snap = 256;

    // With MSG_TRUNC the length is that on the cable. A run of segments crosses a veth as one: it counts as what it would be on a real cable.
    const int WholeLength = 0x20, Mtu = 1500;

    // Only what a device sends: a kernel with ESP shows what it has decrypted as received on the same device.
    const byte PacketOutgoing = 4;

    readonly string name;
    readonly List<Capture> captures = [];
    readonly Dictionary<string, int> strangers = [];
    volatile bool isEnding;
    int ike, esp, espInUdp, neighbour;

    internal Wire(Host a, string deviceA, Host b, string deviceB)
    {
        name = $"the cable between {a.Name} and {b.Name}";
        Watch(a, deviceA);
        Watch(b, deviceB);
    }

    public int Ike => Volatile.Read(ref ike);

    public int Esp => Volatile.Read(ref esp);

    public int EspInUdp => Volatile.Read(ref espInUdp);

    /// <summary>One end of the cable. <paramref name="Thread"/> alone counts <see cref="Read"/>; the kernel counts what it had for us, and what it had no room for.</summary>
    sealed record Capture(Thread Thread, int Socket)
    {
        public long Read;
        public long Captured;
        public long Dropped;
    }

    /// <summary>
    /// Only ESP and IKE crossed (and the neighbour discovery that any cable carries), and of ESP at least so much. What crossed until now has been judged, and none of
    /// it was missed.
    /// </summary>
    public void ShouldContainOnlyEspAndIke(int atLeastEsp = 1)
    {
        foreach (var capture in captures) CatchUp(capture);
        lock (strangers)
            if (strangers.Count > 0)
                throw new BedFailure($"in clear on {name}: {string.Join("; ", strangers.Take(8).Select(s => $"{s.Value} x {s.Key}"))}");
        Wait.Until(() => $"at least {atLeastEsp} ESP packets on {name}, where so far {this}", () => Esp + EspInUdp >= atLeastEsp);
    }

    public override string ToString()
    {
        lock (strangers)
            return $"{Ike} IKE, {Esp} ESP, {EspInUdp} ESP in UDP, {neighbour} neighbour discovery, {strangers.Values.Sum()} other";
    }

    void Watch(Host host, string device)
    {
        var socket = host.Net.Within(() => Open(device));
        Capture? capture = null;
        capture = new(new Thread(() => Listen(capture!)) { IsBackground = true }, socket);
        captures.Add(capture);
        capture.Thread.Start();
    }

    /// <summary>A busy machine leaves the reader behind the cable.</summary>
    void CatchUp(Capture capture)
    {
        Span<byte> counts = stackalloc byte[8];
        lock (capture)
        {
            var size = (uint)counts.Length;
            if (GetOption(capture.Socket, SolPacket, PacketStatistics, counts, ref size) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
            // The kernel starts from zero each time that it is asked; what it dropped is among what it captured.
            capture.Captured += BitConverter.ToUInt32(counts);
            capture.Dropped += BitConverter.ToUInt32(counts[4..]);
        }
        if (capture.Dropped > 0) throw new BedFailure($"the capture of {name} missed {capture.Dropped} packets");
        Wait.Until(() => $"all {capture.Captured} packets that the kernel captured of {name} are read; {Volatile.Read(ref capture.Read)} are", () => Volatile.Read(ref capture.Read) >= capture.Captured, 60);
    }

    void Listen(Capture capture)
    {
        Span<byte> frame = stackalloc byte[Snap];
        Span<byte> from = stackalloc byte[20];
        while (!isEnding)
        {
            var room = (uint)from.Length;
            var length = (int)ReceiveFrom(capture.Socket, frame, Snap, WholeLength, from, ref room);
            if (length > 14 && from[10] == PacketOutgoing)
                Judge(frame[..Math.Min(length, Snap)], Math.Max(1, (length + Mtu - 1) / Mtu));
            if (length > 0)
                Volatile.Write(ref capture.Read, capture.Read + 1);
        }
        Close(capture.Socket);
    }

    void Judge(ReadOnlySpan<byte> frame, int packets)
    {
        var packet = frame[14..];
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame[12..]))
        {
            case 0x0806:
                Interlocked.Increment(ref neighbour);
                break;
            case 0x0800 when packet.Length >= 20 && packet.Length >= (packet[0] & 15) * 4:
                JudgeInner(packet[9], packet[((packet[0] & 15) * 4)..], packets, (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1fff) != 0,
                    new IPAddress(packet.Slice(12, 4)), new IPAddress(packet.Slice(16, 4)));
                break;
            case 0x86dd when packet.Length >= 40:
                JudgeInner(packet[6], packet[40..], packets, false, new IPAddress(packet.Slice(8, 16)), new IPAddress(packet.Slice(24, 16)));
                break;
            case var type:
                Stranger($"ethertype {type:x4}");
                break;
        }
    }

    void JudgeInner(byte protocol, ReadOnlySpan<byte> inner, int packets, bool isLaterFragment, IPAddress from, IPAddress to)
    {
        switch (protocol)
        {
            case 50:
                Interlocked.Add(ref esp, packets);
                break;
            case 17 when isLaterFragment:
                Interlocked.Add(ref espInUdp, packets);
                break;
            case 17 when inner.Length >= 12 && IsPort(inner, 500):
                Interlocked.Increment(ref ike);
                break;
            case 17 when inner.Length >= 9 && IsPort(inner, 4500):
                // Four zero octets mark IKE, a lone 0xff is a keepalive (RFC 3948 2.2, 2.3); an SPI may begin with 0xff too.
                if (inner.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(inner[8..]) == 0 || inner[8] == 0xff && BinaryPrimitives.ReadUInt16BigEndian(inner[4..]) == 9)
                    Interlocked.Increment(ref ike);
                else
                    Interlocked.Add(ref espInUdp, packets);
                break;
            // Multicast listener reports (hop-by-hop) and neighbour discovery are the cable's own.
            case 0 when to.IsIPv6Multicast:
            case 58 when inner.Length > 0 && inner[0] is >= 130 and <= 143:
                Interlocked.Increment(ref neighbour);
                break;
            // So is an error about one of those: an address that is gone was asked after.
            case 58 when inner.Length >= 8 + 40 + 1 && inner[0] is >= 1 and <= 4 && inner[8 + 6] == 58 && inner[8 + 40] is >= 130 and <= 143:
                Interlocked.Increment(ref neighbour);
                break;
            // An error (or a redirect) about a packet of the tunnel quotes ciphertext: a daemon that ended left its peer's last packets without a taker.
            case 1 when inner.Length >= 8 + 20 + 8 && inner[0] is 3 or 5 or 11 or 12 && inner.Length >= 8 + (inner[8] & 15) * 4 && IsTunnel(inner[8 + 9], inner[(8 + (inner[8] & 15) * 4)..]):
            case 58 when inner.Length >= 8 + 40 + 8 && inner[0] is >= 1 and <= 4 && IsTunnel(inner[8 + 6], inner[(8 + 40)..]):
                Interlocked.Increment(ref neighbour);
                break;
            case 1 or 58 when inner.Length >= 2:
                Stranger($"protocol {protocol} from {from} to {to}, type {inner[0]} code {inner[1]}");
                break;
            default:
                Stranger($"protocol {protocol} from {from} to {to}");
                break;
        }
    }

    static bool IsTunnel(byte protocol, ReadOnlySpan<byte> payload) =>
        protocol == 50 || protocol == 17 && payload.Length >= 4 && (IsPort(payload, 500) || IsPort(payload, 4500));

    static bool IsPort(ReadOnlySpan<byte> udp, ushort port) =>
        BinaryPrimitives.ReadUInt16BigEndian(udp) == port || BinaryPrimitives.ReadUInt16BigEndian(udp[2..]) == port;

    void Stranger(string what)
    {
        lock (strangers)
            strangers[what] = strangers.GetValueOrDefault(what) + 1;
    }

    public void Dispose()
    {
        isEnding = true;
        foreach (var capture in captures)
            capture.Thread.Join();
    }

    static int Open(string device)
    {
        var protocol = BinaryPrimitives.ReverseEndianness((ushort)EthPAll);
        var fd = NewSocket(AfPacket, SockRaw, protocol);
        if (fd < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        Span<byte> address = stackalloc byte[20];
        BitConverter.TryWriteBytes(address, (ushort)AfPacket);
        BitConverter.TryWriteBytes(address[2..], protocol);
        BitConverter.TryWriteBytes(address[4..], IndexOf(device));
        ReadOnlySpan<byte> timeout = [0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x0d, 0x03, 0, 0, 0, 0, 0]; // 200 ms
        ReadOnlySpan<byte> room = [0, 0, 0, 2]; // 32 MiB: a burst must not hide a packet in clear
        if (Bind(fd, address, 20) != 0 || SetOption(fd, SolSocket, SoRcvTimeo, timeout, 16) != 0 || SetOption(fd, SolSocket, SoRcvBufForce, room, 4) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return fd;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int NewSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int fd, ReadOnlySpan<byte> address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int fd, int level, int name, ReadOnlySpan<byte> value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(int fd, int level, int name, Span<byte> value, ref uint length);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(int fd, Span<byte> buffer, nuint length, int flags, Span<byte> from, ref uint fromLength);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int IndexOf(string device);
}
