// Outbound: inner packet, policy, SA, segments, sealed runs. RFC 4301 5.1; RFC 4303 3.3.
using Cygnet.Policy;

namespace Cygnet.Esp;

public sealed partial class EspWorker
{
    const byte NextHeaderIPv4 = 4, NextHeaderIPv6 = 41, NextHeaderNone = 59;

    // So many SAs can be busy at once without cutting each other's runs short.
    readonly SendRun[] _runs = new SendRun[4];
    readonly FlowCache<OutboundSa> _flows = new(2048);
    readonly FlowCache<OutboundSa> _fragmentsOut = new(256);
    readonly RandomIvs _ivs;
    byte[]? _scratch;
    ReqidSas? _awaited;
    OutboundSa[] _seen = [];
    bool _passes, _isResending;
    int _evict;

    /// <summary>
    /// An inner packet read from the TUN device. Super-packets are cut, checksums finished, each piece sealed; what is complete goes to the sink,
    /// the rest waits for more of its kind until <see cref="Flush"/>. The packet's bytes may be changed.
    /// </summary>
    public void Outbound(Span<byte> packet, in Offload offload, IEspSink sink)
    {
        if (!InnerHeader.TryRead(packet, out var h))
        {
            Drop(DropReason.OutboundMalformed);
            return;
        }
        packet = packet[..h.Length];
        if (Route(h) is not { } sa)
        {
            if (_passes) sink.Pass(packet, offload);
            else if (_awaited is { } awaited) Keep(packet, offload, awaited, sink);
            return;
        }
        if (offload.Gso != GsoType.None)
        {
            OutboundSegments(packet, h, offload, sa, sink);
            return;
        }
        if (offload.NeedsChecksum && !Checksum.Finish(packet, offload.ChecksumStart, offload.ChecksumOffset, h.Protocol == InnerHeader.Udp))
        {
            Drop(DropReason.OutboundMalformed);
            return;
        }
        if (!TryContent(packet, h, sa.Mode, out var content, out var nextHeader))
        {
            Drop(DropReason.Fragment);
            return;
        }
        if (sa.Layout.EspBytes(sa.PaddedBytes(content.Length)) > SendRun.LargestBytes)
        {
            Drop(DropReason.TooBig);
            return;
        }
        if (sa.Reserve(1, content.Length, out var sequence) is { } reason)
        {
            Drop(reason);
            return;
        }
        sa.LastUsed = Now;
        Put(content, nextHeader, TrafficClass.Outer(sa, TrafficClass.Of(packet)), sa, sequence, sink);
    }

    // The whole packet, or what is behind its IP header: outside of tunnel mode the receiver makes that anew. RFC 4303 3.1.1.
    static bool TryContent(ReadOnlySpan<byte> packet, in InnerHeader h, ChildMode mode, out ReadOnlySpan<byte> content, out byte nextHeader)
    {
        content = packet;
        nextHeader = h.IsIPv6 ? NextHeaderIPv6 : NextHeaderIPv4;
        if (mode == ChildMode.Tunnel) return true;
        if (h.IsFirstFragment || h.IsLaterFragment) return false; // transport mode is for whole packets
        content = packet[(h.IsIPv6 ? 40 : (packet[0] & 15) * 4)..];
        nextHeader = packet[h.IsIPv6 ? 6 : 9];
        return true;
    }

    void Put(ReadOnlySpan<byte> content, byte nextHeader, byte trafficClass, OutboundSa sa, ulong sequence, IEspSink sink)
    {
        if (sa.Cpi != 0) Compress(ref content, ref nextHeader, sa.Cpi);
        var padded = sa.PaddedBytes(content.Length);
        var run = RunFor(sa, trafficClass, sa.Layout.EspBytes(padded), sink);
        var room = InnerRoom(run, sa, padded);
        content.CopyTo(room);
        room[content.Length..].Clear();
        Seal(run, sa, sequence, padded, nextHeader);
    }

    void OutboundSegments(ReadOnlySpan<byte> packet, in InnerHeader h, in Offload offload, OutboundSa sa, IEspSink sink)
    {
        if (!Segmenter.TryCreate(packet, h, offload, out var segments))
        {
            Drop(DropReason.OutboundMalformed);
            return;
        }
        var count = segments.Count;
        if (sa.Layout.EspBytes(sa.PaddedBytes(segments.Bytes(0))) > SendRun.LargestBytes)
        {
            Drop(DropReason.TooBig, count);
            return;
        }
        if (sa.Reserve(count, segments.TotalBytes, out var sequence) is { } reason)
        {
            Drop(reason, count);
            return;
        }
        sa.LastUsed = Now;
        var trafficClass = TrafficClass.Outer(sa, TrafficClass.Of(packet));
        for (var i = 0; i < count; i++)
        {
            var bytes = segments.Bytes(i);
            if (sa.Mode != ChildMode.Tunnel || sa.Cpi != 0)
            {
                var segment = Scratch.AsSpan(0, bytes);
                segments.Write(i, segment);
                TryContent(segment, h, sa.Mode, out var content, out var nextHeader);
                Put(content, nextHeader, trafficClass, sa, sequence + (ulong)i, sink);
                continue;
            }
            var padded = sa.PaddedBytes(bytes);
            var run = RunFor(sa, trafficClass, sa.Layout.EspBytes(padded), sink);
            var room = InnerRoom(run, sa, padded);
            segments.Write(i, room[..bytes]);
            room[bytes..].Clear();
            Seal(run, sa, sequence + (ulong)i, padded, h.IsIPv6 ? NextHeaderIPv6 : NextHeaderIPv4);
        }
    }

    // Only outside of tunnel mode or for IPComp, so most workers never need it.
    byte[] Scratch => _scratch ??= new byte[65_536];

    static Span<byte> InnerRoom(SendRun run, OutboundSa sa, int innerBytes) =>
        run.Room(sa.Layout.EspBytes(innerBytes)).Slice(sa.Layout.TextOffset, innerBytes);

    void Seal(SendRun run, OutboundSa sa, ulong sequence, int innerBytes, byte nextHeader)
    {
        if (sa.Enter(_index) is not { } slot)
        {
            Drop(DropReason.NoOutboundSa); // removed this instant
            return;
        }
        var bytes = sa.Layout.EspBytes(innerBytes);
        try
        {
            EspSeal.Seal(slot.Cipher, sa.Layout, sa.Spi, sequence, run.Room(bytes), innerBytes, nextHeader, _ivs);
        }
        finally
        {
            slot.Leave();
        }
        run.Add(bytes);
    }

    // The SA's own run if it takes the packet, else one that is free or was waiting longest.
    SendRun RunFor(OutboundSa sa, byte trafficClass, int espBytes, IEspSink sink)
    {
        var path = sa.Path;
        SendRun? free = null;
        foreach (var run in _runs)
        {
            if (run.Sa == sa)
            {
                if (run.Takes(path, trafficClass, espBytes)) return run;
                run.Flush(sink);
                free = run;
                break;
            }
            if (run.Sa is null) free ??= run;
        }
        if (free is null)
        {
            free = _runs[_evict++ % _runs.Length];
            free.Flush(sink);
        }
        free.Start(sa, path, trafficClass, espBytes);
        return free;
    }

    void Keep(ReadOnlySpan<byte> packet, in Offload offload, ReqidSas awaited, IEspSink sink)
    {
        awaited.Kept.Add(packet, offload, Now);
        if (awaited.NewestFirst == _seen) return;
        // The SA came between the look and the keeping: nobody else will send it.
        foreach (var p in awaited.Kept.Take(Now)) Resend(p.Packet, p.Offload, sink);
    }

    /// <summary>
    /// Sends what a trap kept, now that there is an SA; it is not kept again. For the thread that owns this worker.
    /// </summary>
    public void Resend(Span<byte> packet, in Offload offload, IEspSink sink)
    {
        _isResending = true;
        Outbound(packet, offload, sink);
        _isResending = false;
        Flush(sink);
    }

    // The SA that carries the packet; null if it was dropped, passes in clear, or awaits an SA.
    OutboundSa? Route(in InnerHeader h)
    {
        (_passes, _awaited) = (false, null);
        var generation = _engine.Generation;
        var key = FlowKey.Of(h);
        if (h.IsLaterFragment)
        {
            if (_fragmentsOut.Find(FlowKey.OfFragment(h), generation) is { } first) return first;
        }
        if (_flows.Find(key, generation) is not { } sa)
        {
            sa = LookUp(h);
            if (sa is null) return null;
            _flows.Add(key, generation, sa);
        }
        if (h.IsFirstFragment) _fragmentsOut.Add(FlowKey.OfFragment(h), generation, sa);
        return sa;
    }

    OutboundSa? LookUp(in InnerHeader h)
    {
        if (_engine.Spd.Find(h) is not { } entry)
        {
            Drop(DropReason.NoPolicy);
            return null;
        }
        if (entry.Policy.Passes)
        {
            _passes = true;
            return null;
        }
        if (entry.Policy.Drops)
        {
            Drop(DropReason.Shunt);
            return null;
        }
        var sas = entry.Policy.Sas;
        _seen = sas.NewestFirst;
        foreach (var sa in _seen)
            if (Selectors.Cover(sa.LocalTs, sa.RemoteTs, h, outbound: true)) return sa;
        // A peer may have narrowed the SA of a trap: what that does not cover asks for one of its own.
        if (sas.HasTrap && (entry.Policy.Parameters.IsTrap || _seen.Length == 0))
        {
            Drop(DropReason.AwaitingSa);
            if (_isResending) return null;
            _awaited = sas;
            if (sas.TakeAcquire(Now))
                _engine.Events.Acquire(sas.Reqid, Selectors.Exact(h.Source, h.SourcePort, h), Selectors.Exact(h.Destination, h.DestinationPort, h));
        }
        else if (_seen.Length > 0)
        {
            Drop(DropReason.OutboundSelector);
        }
        else
        {
            Drop(DropReason.NoOutboundSa);
        }
        return null;
    }
}
