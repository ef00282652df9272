// ESP directly over IP, protocol 50. RFC 4303 2.
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>Raw sockets for ESP, IPv4 and IPv6; what the system does not permit is absent. Sending is thread safe.</summary>
public sealed class RawEspSockets : IDisposable
{
    const int EspProtocol = 50;
    readonly DatagramSocket? _v4, _v6;

    public RawEspSockets(uint mark, int bufferBytes = 4 << 20)
    {
        _v4 = TryOpen(false, mark, bufferBytes);
        _v6 = TryOpen(true, mark, bufferBytes);
    }

    DatagramSocket? TryOpen(bool ipv6, uint mark, int bufferBytes)
    {
        try
        {
            return DatagramSocket.OpenRaw(ipv6, EspProtocol, mark, bufferBytes);
        }
        catch (LinuxException e)
        {
            Refusal ??= e.Message;
            return null;
        }
    }

    /// <summary>Why a family is missing; null if none is.</summary>
    public string? Refusal { get; private set; }

    public bool HasIPv4 => _v4 is not null;
    public bool HasIPv6 => _v6 is not null;

    /// <summary>Called by <see cref="Start"/> once per socket; set before. The ports of the endpoints are 0.</summary>
    public Func<IEspReceiver>? CreateEspReceiver { get; set; }

    /// <summary>What the handler threw. Without it the exception ends the process.</summary>
    public Action<Exception>? OnFault { get; set; }

    public void Start()
    {
        foreach (var socket in (DatagramSocket?[])[_v4, _v6])
            if (socket is not null && CreateEspReceiver?.Invoke() is { } esp)
                socket.Start(socket.IsIPv6 ? "esp6" : "esp4", 32, (local, remote, data, _, trafficClass, _) => Receive(esp, local, remote, data, trafficClass), esp.EndBatch, OnFault);
    }

    static void Receive(IEspReceiver esp, Endpoint local, Endpoint remote, Span<byte> data, byte trafficClass)
    {
        // Only IPv4 raw sockets hand out the IP header, raw(7).
        if (!remote.Address.IsIPv6)
        {
            if (data.Length < 20) return;
            data = data[Math.Min((data[0] & 15) * 4, data.Length)..];
        }
        if (data.Length >= 8) esp.Receive(local, remote, data, data.Length, trafficClass);
    }

    /// <summary>Sends packets as <see cref="UdpSockets.SendEsp"/> does; ports are ignored.</summary>
    public int SendEsp(Endpoint local, Endpoint remote, ReadOnlySpan<byte> packets, int segmentSize, byte trafficClass = 0) =>
        (remote.Address.IsIPv6 ? _v6 : _v4)?.SendSegments(local.Address, remote with { Port = 0 }, packets, segmentSize, trafficClass) ?? Errno.EAFNOSUPPORT;

    public void Dispose()
    {
        _v4?.Dispose();
        _v6?.Dispose();
    }
}
