// The user-space data plane: the ESP engine between a TUN device and the sockets. RFC 4303, RFC 3948.
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// Carries packets without the kernel's IPsec. The constructor opens everything on the calling thread (and so in its network namespace) and
/// asks <paramref name="udp"/> for its ESP, so it must run before <see cref="UdpSockets.Start"/>; packets flow from <see cref="Start"/> on.
/// The sockets stay their owner's.
/// </summary>
public sealed class TunDataPlane : IDataPlane, IDisposable
{
    // Reader of the device, two UDP and two raw sockets, the two of port 500 if that is another port, and one for what traps kept.
    const int Workers = 8;
    const int ReadsPerBatch = 64;

    readonly EspEngine _engine;
    readonly UdpSockets _udp;
    readonly RawEspSockets _raw;
    readonly Rtnetlink _netlink = new();
    readonly TunDevice _device;
    readonly TunnelRoutes? _routes;
    readonly ShuntRules? _shunts;
    readonly RouteWatch? _watch;
    readonly TunSink _sink;
    readonly Lock _receiversLock = new(), _resendLock = new();
    readonly EspWorker _resender;
    readonly List<Receiver> _receivers = [];
    readonly Action<string>? _warn;
    readonly Action<Exception>? _fault;
    Thread? _reader;
    bool _disposed;

    /// <param name="warn">Told what the operator should know, a sentence each.</param>
    /// <param name="fault">Told what the packet threads did not expect; without it such an exception ends the process.</param>
    public TunDataPlane(UdpSockets udp, IDataPlaneEvents events, IRandom random, TunOptions? options = null, Action<string>? warn = null, Action<Exception>? fault = null)
    {
        options ??= new();
        (_udp, _warn, _fault) = (udp, warn, fault);
        _raw = new(udp.Mark) { OnFault = fault };
        try
        {
            _device = TunDevice.Open(options.Name, options.Mtu, _netlink);
            if (options.InstallRoutes)
            {
                _routes = new(_netlink, _device.Index, options, udp.Mark, warn, _device.IsTakenOver);
                _shunts = new(_netlink, options, udp.Mark, warn, _device.IsTakenOver);
                _watch = new(change => { if ((change & (RouteChange.Addresses | RouteChange.Links)) != 0) _routes.Refresh(); });
            }
        }
        catch
        {
            // One that was taken over goes on dropping for who comes next.
            if (_device?.IsTakenOver == true) _device.Abandon();
            else _device?.Dispose();
            _raw.Dispose();
            _netlink.Dispose();
            throw;
        }
        if (KernelValue("ignore_routes_with_linkdown", "all") != 0)
            warn?.Invoke("net.ipv4.conf.all.ignore_routes_with_linkdown=1 lets the tunnels' traffic out in clear while a daemon that crashed is away; 0 keeps it in");
        if (_raw.Refusal is { } refusal) warn?.Invoke($"ESP goes in UDP only: {refusal}");
        _engine = new(events, random, "tun", Workers) { CanSendRawEsp = _raw.HasIPv4 || _raw.HasIPv6, InnerMtu = options.Mtu };
        _sink = new(_device, _udp, _raw);
        _resender = _engine.CreateWorker();
        udp.CreateEspReceiver = () => NewReceiver(udpEncapsulation: true);
        _raw.CreateEspReceiver = () => NewReceiver(udpEncapsulation: false);
    }

    /// <summary>The device's name, as the operator sees it.</summary>
    public string DeviceName => _device.Name;

    /// <summary>A process that crashed left routes or rules, which still keep its tunnels' traffic from going in clear.</summary>
    public bool HasLeft => _routes?.HasLeft == true || _shunts?.HasLeft == true;

    /// <summary>Lets go of those that no policy has taken over.</summary>
    public void Release()
    {
        _routes?.Release();
        _shunts?.Release();
    }

    public string Name => _engine.Name;

    public bool CanSendRawEsp => _engine.CanSendRawEsp;

    /// <summary>Packets dropped for that reason since the start.</summary>
    public long Dropped(DropReason reason) => _engine.Dropped(reason);

    /// <summary>ESP datagrams that the system did not send, and inner packets that it did not take.</summary>
    public long Failures => _sink.Failures;

    /// <summary>Starts the threads of the device and of the raw sockets.</summary>
    public void Start()
    {
        _raw.Start();
        _reader = new Thread(ReadLoop) { IsBackground = true, Name = "tun" };
        _reader.Start();
    }

    Receiver NewReceiver(bool udpEncapsulation)
    {
        var receiver = new Receiver(_engine.CreateWorker(), _sink, udpEncapsulation);
        lock (_receiversLock) _receivers.Add(receiver);
        return receiver;
    }

    unsafe void ReadLoop()
    {
        var memory = NativeMemory.Alloc(TunDevice.FrameBytes);
        var worker = _engine.CreateWorker();
        try
        {
            while (_device.WaitReadable())
                try
                {
                    worker.Now = Environment.TickCount64;
                    for (var i = 0; i < ReadsPerBatch; i++)
                    {
                        var frame = new Span<byte>(memory, TunDevice.FrameBytes);
                        frame = frame[.._device.Read(frame)];
                        if (frame.IsEmpty) break;
                        if (Offload.TryRead(frame, out var offload)) worker.Outbound(frame[Offload.HeaderBytes..], offload, _sink);
                    }
                    worker.Flush(_sink);
                }
                catch (Exception e) when (_fault is not null)
                {
                    _fault(e);
                }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    /// <summary>One socket's way in: its worker, and a lock that only <see cref="Dispose"/> ever contends for.</summary>
    sealed class Receiver(EspWorker worker, TunSink sink, bool udpEncapsulation) : IEspReceiver
    {
        readonly Lock _lock = new();
        bool _closed;

        public void Receive(Endpoint local, Endpoint remote, Span<byte> packets, int segmentSize, byte trafficClass)
        {
            lock (_lock)
            {
                if (_closed) return;
                worker.Now = Environment.TickCount64;
                worker.Inbound(new(local, remote, udpEncapsulation) { TrafficClass = trafficClass }, packets, segmentSize, sink);
            }
        }

        public void EndBatch()
        {
            lock (_lock)
                if (!_closed) worker.Flush(sink);
        }

        internal void Close()
        {
            lock (_lock) _closed = true;
        }
    }

    public bool Supports(SecurityProtocol protocol, Transform transform) => _engine.Supports(protocol, transform);

    public bool Supports(ChildMode mode) => _engine.Supports(mode);

    public bool TakesTfcPadding(ChildMode mode) => _engine.TakesTfcPadding(mode);

    public bool SupportsIpComp => _engine.SupportsIpComp;

    public PlaneRefusal? Refuses(ChildConfig child) => _engine.Refuses(child);

    public bool TryReserveCpi(ushort cpi) => _engine.TryReserveCpi(cpi);

    public void ReleaseCpi(ushort cpi) => _engine.ReleaseCpi(cpi);

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => _engine.TryReserveSpi(protocol, spi);

    public void ReleaseSpi(SecurityProtocol protocol, uint spi) => _engine.ReleaseSpi(protocol, spi);

    public string? InstallSa(SaParameters sa)
    {
        if (_engine.InstallSa(sa) is { } reason) return reason;
        if (sa.Direction != SaDirection.Outbound || _engine.TakeKept(sa.Reqid, Environment.TickCount64) is not { Length: > 0 } kept) return null;
        // The device's own thread sleeps until there is something to read.
        lock (_resendLock)
        {
            _resender.Now = Environment.TickCount64;
            foreach (var p in kept) _resender.Resend(p.Packet, p.Offload, _sink);
        }
        return null;
    }

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp) =>
        _engine.UpdateSa(direction, spi, peer, local, remote, udpEncapsulation);

    public string? UpdateSelectors(SaDirection direction, uint spi, Address peer, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs) =>
        _engine.UpdateSelectors(direction, spi, peer, localTs, remoteTs);

    public void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => _engine.RemoveSa(direction, spi, remote);

    public SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => _engine.Query(direction, spi, remote);

    public string? InstallPolicy(PolicyParameters policy)
    {
        if (_engine.InstallPolicy(policy) is { } reason) return reason;
        if (_routes is null || !policy.InstallRoutes) return null;
        if (IsShunt(policy))
        {
            if (_shunts!.Add(policy) is not { } refusal) return null;
            _engine.RemovePolicy(policy);
            return refusal;
        }
        // The route last: until then packets go where they went before, never into a device that knows nothing of them.
        if (_routes.Add(policy) is { } failure)
        {
            _engine.RemovePolicy(policy);
            return failure;
        }
        WarnOfStrictReturnPath(policy);
        return null;
    }

    /// <summary>The return path check knows no mark: it takes the peer's packets for strays if our table has a route to the peer.</summary>
    void WarnOfStrictReturnPath(PolicyParameters policy)
    {
        var peer = policy.RemoteAddress;
        if (_warn is null || peer.IsIPv6 || peer.IsAny || !policy.RemoteTs.Any(ts => ts.Contains(peer))) return;
        if (_netlink.Lookup(peer, _udp.Mark)?.LinkIndex is not { } index || _netlink.Links().FirstOrDefault(l => l.Index == index) is not { } link) return;
        const int strict = 1;
        if (Math.Max(KernelValue("rp_filter", "all"), KernelValue("rp_filter", link.Name)) == strict)
            _warn($"net.ipv4.conf.{link.Name}.rp_filter=1 (or that of 'all') drops ESP from {peer}, which is inside the remote selectors; 2 lets it in");
    }

    static int KernelValue(string name, string device)
    {
        try
        {
            return int.TryParse(File.ReadAllText($"/proc/sys/net/ipv4/conf/{device}/{name}"), out var value) ? value : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public void RemovePolicy(PolicyParameters policy)
    {
        // The policy first: in between packets are dropped, not sent in clear.
        _engine.RemovePolicy(policy);
        if (!policy.InstallRoutes) return;
        if (IsShunt(policy)) _shunts?.Remove(policy);
        else _routes?.Remove(policy);
    }

    /// <summary>Removes devices that processes left that crashed, with their routes and rules; false if there is none.</summary>
    /// <param name="mark">That of the sockets.</param>
    public static bool RemoveLeft(TunOptions options, uint mark, Action<string>? warn)
    {
        using var netlink = new Rtnetlink();
        var any = false;
        foreach (var link in netlink.Links().Where(l => l.Alias == TunDevice.Alias))
        {
            var device = TunDevice.Open(link.Name, link.Mtu, netlink);
            using (device)
            {
                if (!device.IsTakenOver) continue; // somebody reads it
                using var shunts = new ShuntRules(netlink, options, mark, warn, isTakenOver: true);
                using var routes = new TunnelRoutes(netlink, device.Index, options, mark, warn, isTakenOver: true);
                any = true;
            }
        }
        return any;
    }

    static bool IsShunt(PolicyParameters policy) => policy.Mode is ChildMode.Pass or ChildMode.Drop;

    public void Dispose() => End(isCrash: false);

    /// <summary>As a process would that crashes: what stands on the host goes on standing.</summary>
    internal void Abandon() => End(isCrash: true);

    void End(bool isCrash)
    {
        if (_disposed) return;
        _disposed = true;
        _device.Stop();
        _reader?.Join();
        _raw.Dispose();
        // The UDP sockets live on.
        lock (_receiversLock)
            foreach (var receiver in _receivers) receiver.Close();
        _watch?.Dispose();
        if (!isCrash)
        {
            _routes?.Dispose();
            _shunts?.Dispose();
        }
        _engine.Dispose();
        if (isCrash) _device.Abandon();
        else _device.Dispose();
        _netlink.Dispose();
    }
}
