// Watches a device: every frame that passes it. packet(7).
using System.Buffers.Binary;
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Tests;

/// <summary>Records what crosses a device of the namespace of the constructing thread, both ways.</summary>
sealed unsafe class Capture : IDisposable
{
    const int EthernetHeader = 14;
    readonly Descriptor _socket;
    readonly StopSignal _stop = new();
    readonly Thread _thread;
    readonly List<byte[]> _frames = [];

    public Capture(int linkIndex)
    {
        const ushort everything = 0x0300; // ETH_P_ALL in network order
        _socket = Descriptor.Take(Libc.Socket(Af.Packet, SockType.Raw | SockType.CloseOnExec, everything), "packet socket");
        var address = stackalloc byte[20];
        new Span<byte>(address, 20).Clear();
        (*(ushort*)address, *(ushort*)(address + 2), *(int*)(address + 4)) = (Af.Packet, everything, linkIndex);
        if (Libc.Bind(_socket.Fd, address, 20) != 0) throw new LinuxException(Libc.Errno, "packet socket");
        _thread = new Thread(Loop) { IsBackground = true };
        _thread.Start();
    }

    void Loop()
    {
        var buffer = new byte[70_000];
        while (_stop.WaitReadable(_socket.Fd))
            fixed (byte* data = buffer)
            {
                var length = (int)Libc.Recv(_socket.Fd, data, buffer.Length, 0);
                if (length < EthernetHeader + 20) continue;
                lock (_frames) _frames.Add(buffer[..Math.Min(length, 2000)]);
            }
    }

    /// <summary>The kinds of packet seen so far: <c>esp</c>, <c>udp 4500</c>, <c>udp 500</c>, or the number of another protocol. ARP and neighbour discovery are left out.</summary>
    public ISet<string> Kinds()
    {
        lock (_frames) return _frames.Select(Kind).OfType<string>().ToHashSet();
    }

    /// <summary>Whether the bytes stand anywhere in the packets.</summary>
    public bool Saw(byte[] pattern)
    {
        lock (_frames) return _frames.Any(f => f.AsSpan().IndexOf(pattern) >= 0);
    }

    static string? Kind(byte[] frame)
    {
        var packet = frame.AsSpan(EthernetHeader);
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)))
        {
            case 0x0800: return Kind(packet[9], packet[((packet[0] & 15) * 4)..]);
            case 0x86dd when packet.Length >= 48:
                // Neighbour discovery and multicast listener reports belong to the wire itself.
                return packet[6] is 0 || (packet[6] == 58 && packet[40] >= 130) ? null : Kind(packet[6], packet[40..]);
            default: return null;
        }
    }

    static string Kind(byte protocol, ReadOnlySpan<byte> payload) => protocol switch
    {
        50 => "esp",
        17 => $"udp {BinaryPrimitives.ReadUInt16BigEndian(payload[2..])}",
        _ => $"protocol {protocol}",
    };

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _socket.Dispose();
        _stop.Dispose();
    }
}
