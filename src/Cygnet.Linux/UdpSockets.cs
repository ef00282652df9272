// The IKE sockets: ports 500 and 4500, IPv4 and IPv6. RFC 7296 2.11, 2.23; RFC 3948 2.1-2.3.
using System.Buffers.Binary;
using Cygnet.Linux.Native;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// An IKE datagram, without the non-ESP marker. The span is only valid during the call. <paramref name="mayLinger"/>: neither another datagram
/// nor ESP waits for the call to return, which may take as long as handling a message does.
/// </summary>
public delegate void IkeDatagramHandler(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, bool mayLinger);

/// <summary>Where the IKE sockets are bound, and the mark they carry.</summary>
public sealed record UdpSocketOptions
{
    /// <summary>0 takes any free port.</summary>
    public ushort Port { get; init; } = 500;
    public ushort PortNatT { get; init; } = 4500;
    public bool UseIPv4 { get; init; } = true;
    public bool UseIPv6 { get; init; } = true;

    /// <summary>The mark of our own packets; the rule for our routing table is "not this mark".</summary>
    public uint Mark { get; init; } = DefaultMark;
    public int BufferBytes { get; init; } = 4 << 20;

    /// <summary>Packets leave from the address that their SA has; if not, from the one that routing chooses.</summary>
    public bool SetsSource { get; init; } = true;

    public const uint DefaultMark = 0xdc;
}

/// <summary>
/// The sockets for IKE and UDP-encapsulated ESP. The constructor opens them all; nothing is received before <see cref="Start"/>.
/// Sending is thread safe; the handlers are called on one thread per socket.
/// </summary>
public sealed class UdpSockets : IDisposable
{
    const int StandardPort = 500;
    static readonly byte[] NonEspMarker = [0, 0, 0, 0];
    static readonly byte[] Keepalive = [0xff];

    readonly List<DatagramSocket> _sockets = [];
    readonly bool _setsSource;
    readonly DatagramSocket? _ike4, _ike6, _nat4, _nat6;

    public UdpSockets(UdpSocketOptions options)
    {
        (Mark, _setsSource) = (options.Mark, options.SetsSource);
        try
        {
            if (options.UseIPv4)
            {
                _ike4 = Open(false, options.Port);
                _nat4 = Open(false, options.PortNatT);
            }
            // A kernel without IPv6 is no reason to refuse IPv4.
            if (options.UseIPv6 && !(_ike4 is not null && LacksIPv6()))
            {
                _ike6 = Open(true, _ike4?.Port ?? options.Port);
                _nat6 = Open(true, _nat4?.Port ?? options.PortNatT);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        _nat4?.SetOption(Sol.Udp, SockOpt.UdpGro, 1);
        _nat6?.SetOption(Sol.Udp, SockOpt.UdpGro, 1);
        Port = (_ike4 ?? _ike6)?.Port ?? 0;
        PortNatT = (_nat4 ?? _nat6)?.Port ?? 0;

        DatagramSocket Open(bool ipv6, ushort port)
        {
            var socket = DatagramSocket.OpenUdp(ipv6, default, port, options.Mark, options.BufferBytes);
            _sockets.Add(socket);
            return socket;
        }
    }

    static bool LacksIPv6() => !File.Exists("/proc/net/if_inet6");

    /// <summary>The port of IKE_SA_INIT, and the one that IKE floats to.</summary>
    public ushort Port { get; }
    public ushort PortNatT { get; }
    public uint Mark { get; }
    public bool HasIPv6 => _ike6 is not null;

    /// <summary>Set before <see cref="Start"/>.</summary>
    public IkeDatagramHandler? OnIke { get; set; }

    /// <summary>Called by <see cref="Start"/> once per socket that can bring ESP. Set before; without it ESP is dropped.</summary>
    public Func<IEspReceiver>? CreateEspReceiver { get; set; }

    /// <summary>What a handler threw. Without it the exception ends the process.</summary>
    public Action<Exception>? OnFault { get; set; }

    public void Start()
    {
        foreach (var socket in _sockets)
        {
            var isNat = socket == _nat4 || socket == _nat6;
            // The marker belongs to every port but 500, also when that is the first one.
            var hasMarker = isNat || socket.Port != StandardPort;
            var esp = hasMarker ? CreateEspReceiver?.Invoke() : null;
            socket.Start($"udp{(socket.IsIPv6 ? "6" : "4")}-{socket.Port}", isNat ? 16 : 4, hasMarker ? new Marked(this, esp).Receive : ReceivePlain,
                esp is null ? null : esp.EndBatch, OnFault);
        }
    }

    void ReceivePlain(Endpoint local, Endpoint remote, Span<byte> data, int segmentSize, byte trafficClass, bool isLast) => OnIke?.Invoke(local, remote, data, isLast);

    /// <summary>What comes to a port where ESP and IKE meet.</summary>
    sealed class Marked(UdpSockets sockets, IEspReceiver? esp)
    {
        /// <summary>So many datagrams without ESP, and none is expected next.</summary>
        const int Quiet = 64;

        int _sinceEsp = Quiet;

        public void Receive(Endpoint local, Endpoint remote, Span<byte> data, int segmentSize, byte trafficClass, bool isLast)
        {
            if (segmentSize == 0 || segmentSize >= data.Length) segmentSize = Math.Max(1, data.Length);
            // The kernel coalesces equal sizes of one sender, whatever is inside: runs of ESP between the others go on as they came.
            var espStart = 0;
            for (var at = 0; at < data.Length; at += segmentSize)
            {
                var packet = data.Slice(at, Math.Min(segmentSize, data.Length - at));
                var kind = Classify(remote, packet);
                if (kind == Kind.Esp) continue;
                ReceiveEsp(data[espStart..at]);
                espStart = at + packet.Length;
                if (kind == Kind.Nothing) continue;
                _sinceEsp = Math.Min(Quiet, _sinceEsp + 1);
                sockets.OnIke?.Invoke(local, remote, kind == Kind.MarkedIke ? packet[4..] : packet, isLast && espStart == data.Length && _sinceEsp == Quiet);
            }
            ReceiveEsp(data[espStart..]);

            void ReceiveEsp(Span<byte> packets)
            {
                if (packets.IsEmpty) return;
                _sinceEsp = 0;
                esp?.Receive(local, remote, packets, segmentSize, trafficClass);
            }
        }
    }

    enum Kind { Esp, MarkedIke, Ike, Nothing }

    static Kind Classify(Endpoint remote, ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 8) return Kind.Nothing; // a keepalive, or shorter than any ESP header
        if (BinaryPrimitives.ReadUInt32BigEndian(packet) == 0) return Kind.MarkedIke;
        // A peer that sends from port 500 puts no marker in front. The IKE header ends in its own length.
        return remote.Port == StandardPort && packet.Length >= 28 && BinaryPrimitives.ReadUInt32BigEndian(packet[24..]) == packet.Length
            ? Kind.Ike : Kind.Esp;
    }

    /// <summary>
    /// Sends an IKE datagram; the non-ESP marker is put in front unless one of the ports is 500. An unspecified local address lets the
    /// kernel choose; the local port chooses the socket. Returns null, or why it was not sent.
    /// </summary>
    public string? Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte trafficClass = 0)
    {
        var socket = SocketFor(local, remote);
        if (socket is null) return $"no {(remote.Address.IsIPv6 ? "IPv6" : "IPv4")} socket to send to {remote}";
        // Between 4500 and 500 nobody expects the marker: a receiver on 500 would take it for an SPI.
        var marker = socket.Port != StandardPort && remote.Port != StandardPort ? NonEspMarker : [];
        return Reason(socket.Send(Source(local, remote), remote, marker, datagram, trafficClass));
    }

    /// <summary>Sends the one-byte keepalive of RFC 3948 2.3.</summary>
    public string? SendKeepalive(Endpoint local, Endpoint remote) =>
        SocketFor(local, remote) is { } socket ? Reason(socket.Send(Source(local, remote), remote, Keepalive, [])) : "no socket";

    /// <summary>
    /// Sends ESP packets that lie one behind the other, all of <paramref name="segmentSize"/> bytes but the last, which may be shorter.
    /// Returns 0 or the error number; allocates nothing.
    /// </summary>
    public int SendEsp(Endpoint local, Endpoint remote, ReadOnlySpan<byte> packets, int segmentSize, byte trafficClass = 0) =>
        SocketFor(local, remote)?.SendSegments(Source(local, remote), remote, packets, segmentSize, trafficClass) ?? Errno.EAFNOSUPPORT;

    /// <summary>Lets the kernel take UDP-encapsulated ESP off the NAT-T sockets: its own ESP expects that. False if it cannot.</summary>
    public bool EnableKernelEncapsulation()
    {
        var done = true;
        foreach (var socket in (DatagramSocket?[])[_nat4, _nat6])
            if (socket is not null)
            {
                socket.SetOption(Sol.Udp, SockOpt.UdpGro, 0);
                done &= socket.SetOption(Sol.Udp, SockOpt.UdpEncap, SockOpt.UdpEncapEspInUdp);
            }
        return done;
    }

    Address Source(Endpoint local, Endpoint remote) => _setsSource ? local.Address : remote.Address.IsIPv6 ? Address.Any6 : Address.Any4;

    DatagramSocket? SocketFor(Endpoint local, Endpoint remote) =>
        local.Port == PortNatT && PortNatT != 0
            ? remote.Address.IsIPv6 ? _nat6 : _nat4
            : remote.Address.IsIPv6 ? _ike6 : _ike4;

    static string? Reason(int errno) => errno == 0 ? null : Libc.Text(errno);

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
    }
}
