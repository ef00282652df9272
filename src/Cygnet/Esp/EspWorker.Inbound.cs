// Inbound: SPI, replay, integrity, content, selectors, merging. RFC 4301 5.2; RFC 4303 3.4.
using System.Buffers.Binary;
using Cygnet.Policy;

namespace Cygnet.Esp;

public sealed partial class EspWorker
{
    const byte DefaultTtl = 64;

    readonly TcpCoalescer _coalescer = new();
    readonly FlowCache<InboundSa> _fragmentsIn = new(256);
    InboundSa? _lastInbound;

    /// <summary>
    /// One ESP packet, or several of <paramref name="segmentSize"/> bytes each (the last may be shorter; UDP_GRO). They start with the SPI and
    /// are opened in place. In-order TCP segments of a flow are held to be merged until <see cref="Flush"/>.
    /// </summary>
    public void Inbound(in EspPath from, Span<byte> datagrams, int segmentSize, IEspSink sink)
    {
        if (segmentSize <= 0) segmentSize = datagrams.Length;
        while (!datagrams.IsEmpty)
        {
            var length = Math.Min(segmentSize, datagrams.Length);
            InboundPacket(from, datagrams[..length], sink);
            datagrams = datagrams[length..];
        }
    }

    void InboundPacket(in EspPath from, Span<byte> esp, IEspSink sink)
    {
        if (esp.Length < EspLayout.FixedBytes)
        {
            // A lone 0xff keeps a NAT mapping alive and says nothing. RFC 3948 2.3.
            if (esp.Length != 1 || esp[0] != 0xff) Drop(DropReason.EspMalformed);
            return;
        }
        if (Find(BinaryPrimitives.ReadUInt32BigEndian(esp)) is not { } sa)
        {
            Drop(DropReason.UnknownSpi);
            return;
        }
        if (!EspOpen.Fits(sa.Layout, esp.Length))
        {
            Drop(DropReason.EspMalformed);
            return;
        }
        if (sa.IsExpired)
        {
            Drop(DropReason.Expired);
            return;
        }
        if (!sa.Check(BinaryPrimitives.ReadUInt32BigEndian(esp[4..]), out var sequence))
        {
            Drop(DropReason.Replay);
            return;
        }
        if (sa.Enter(_index) is not { } slot)
        {
            Drop(DropReason.UnknownSpi); // removed this instant
            return;
        }
        Span<byte> text;
        bool isGenuine;
        try
        {
            isGenuine = EspOpen.Open(slot.Cipher, sa.Layout, sequence, esp, out text);
        }
        finally
        {
            slot.Leave();
        }
        if (!isGenuine)
        {
            Drop(DropReason.Integrity);
            return;
        }
        var isPadded = EspOpen.TryUnpad(text, out var contentBytes, out var nextHeader);
        if (!sa.Accept(sequence, isPadded ? contentBytes : 0, from))
        {
            Drop(DropReason.Replay);
            return;
        }
        sa.LastUsed = Now;
        if (!isPadded)
        {
            Drop(DropReason.Padding);
            return;
        }
        InboundContent(text[..contentBytes], nextHeader, from.TrafficClass, sa, sink);
    }

    void InboundContent(Span<byte> content, byte nextHeader, byte trafficClass, InboundSa sa, IEspSink sink)
    {
        if (nextHeader == NextHeaderNone)
        {
            Drop(DropReason.Dummy);
            return;
        }
        if (nextHeader == NextHeaderIpComp && sa.Cpi != 0 && !TryDecompress(ref content, ref nextHeader, sa.Cpi))
        {
            Drop(DropReason.InnerMalformed);
            return;
        }
        if (sa.Mode != ChildMode.Tunnel && !TryRebuild(ref content, ref nextHeader, trafficClass, sa))
        {
            Drop(DropReason.InnerMalformed);
            return;
        }
        if (nextHeader is not (NextHeaderIPv4 or NextHeaderIPv6) || !InnerHeader.TryRead(content, out var h) || h.IsIPv6 != (nextHeader == NextHeaderIPv6))
        {
            Drop(DropReason.InnerMalformed);
            return;
        }
        if (!Covers(sa, h))
        {
            Drop(DropReason.InboundSelector);
            return;
        }
        if (sa.Mode == ChildMode.Tunnel && !TrafficClass.TryEnter(sa, content, trafficClass))
        {
            Drop(DropReason.Congestion);
            return;
        }
        // What is behind the packet's own length hides how long it is. RFC 4303 2.7.
        _coalescer.Add(content[..h.Length], h, sink);
    }

    // Transport mode and BEET carry no IP header: the addresses are those of the outer one, or of the selectors. RFC 4303 3.1.1; draft-nikander-esp-beet-mode 4.
    bool TryRebuild(ref Span<byte> content, ref byte nextHeader, byte trafficClass, InboundSa sa)
    {
        var isBeet = sa.Mode == ChildMode.Beet;
        var path = sa.Path.Path;
        var (source, destination) = isBeet
            ? (new Address(sa.RemoteTs[0].From, sa.RemoteTs[0].IsIPv6), new Address(sa.LocalTs[0].From, sa.LocalTs[0].IsIPv6))
            : (path.Remote.Address, path.Local.Address);
        var headerBytes = source.IsIPv6 ? 40 : 20;
        if (content.Length > ushort.MaxValue - headerBytes) return false;
        var packet = Scratch.AsSpan(0, headerBytes + content.Length);
        packet[..headerBytes].Clear();
        content.CopyTo(packet[headerBytes..]);
        if (source.IsIPv6)
        {
            (packet[0], packet[1]) = ((byte)(0x60 | trafficClass >> 4), (byte)(trafficClass << 4));
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)content.Length);
            (packet[6], packet[7]) = (nextHeader, DefaultTtl);
            source.Write(packet[8..]);
            destination.Write(packet[24..]);
        }
        else
        {
            (packet[0], packet[1]) = (0x45, trafficClass);
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            packet[6] = 0x40; // whole, and never to be cut, so that it needs no identification. RFC 6864 4.1
            (packet[8], packet[9]) = (DefaultTtl, nextHeader);
            source.Write(packet[12..]);
            destination.Write(packet[16..]);
            Checksum.StoreIPv4(packet[..20]);
        }
        // RFC 3948 3.1.2: the sender's checksum is over addresses that a NAT has changed since.
        if (!isBeet && path.UdpEncapsulation) MendChecksum(packet, headerBytes, nextHeader, source.IsIPv6);
        content = packet;
        nextHeader = source.IsIPv6 ? NextHeaderIPv6 : NextHeaderIPv4;
        return true;
    }

    static void MendChecksum(Span<byte> packet, int headerBytes, byte protocol, bool isIPv6)
    {
        var transport = packet[headerBytes..];
        var at = protocol switch { InnerHeader.Tcp => 16, InnerHeader.Udp => 6, InnerHeader.IcmpV6 => 2, _ => -1 };
        if (at < 0 || transport.Length < at + 2 || protocol == InnerHeader.Udp && transport[at] == 0 && transport[at + 1] == 0) return;
        Checksum.Store(transport[at..], Checksum.Fold(Checksum.PseudoHeader(packet, isIPv6, protocol, transport.Length)));
        Checksum.Finish(packet, headerBytes, at, protocol == InnerHeader.Udp);
    }

    // A later fragment has no ports: it may follow its first fragment, which was covered.
    bool Covers(InboundSa sa, in InnerHeader h)
    {
        if (!Selectors.Cover(sa.LocalTs, sa.RemoteTs, h, outbound: false))
            return h.IsLaterFragment && _fragmentsIn.Find(FlowKey.OfFragment(h), 0) == sa;
        if (h.IsFirstFragment) _fragmentsIn.Add(FlowKey.OfFragment(h), 0, sa);
        return true;
    }

    InboundSa? Find(uint spi)
    {
        if (_lastInbound is { } last && last.Spi == spi && !last.IsRetired) return last;
        return _lastInbound = _engine.FindInbound(spi);
    }
}
