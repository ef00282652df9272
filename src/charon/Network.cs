// The daemon's way to the network: IKE sockets, our addresses, and the data plane that was chosen.
using Cygnet.Charon.Logging;
using Cygnet.Charon.Shards;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;
using Cygnet.Updown;

namespace Cygnet.Charon;

sealed partial class Network : IOutside, IDisposable
{
    readonly UdpSockets _sockets;
    readonly HostAddresses _addresses;
    readonly PlaneEvents _events;
    readonly Log _log;
    readonly PacketDelay? _sendDelay, _receiveDelay;
    volatile bool _isReceiving;

    Network(DaemonConf conf, UdpSockets sockets, HostAddresses addresses, IDataPlane plane, PlaneEvents events, string choice, Log log)
    {
        (_sendDelay, _receiveDelay) = (PacketDelay.Read(conf, "send"), PacketDelay.Read(conf, "receive"));
        (_sockets, _addresses, DataPlane, _events, Choice, _log) = (sockets, addresses, plane, events, choice, log);
        _sockets.OnFault = e => log.Write(LogGroup.Net, 1, $"receiving failed: {e}");
    }

    public IDataPlane DataPlane { get; }

    /// <summary>The devices that a firewall has to know for a tunnel between that address of ours and a peer.</summary>
    public UpdownDevices DevicesOf(Address local) => new(_addresses.DeviceOf(local), _addresses.TunnelDevice);

    /// <summary>Which data plane was taken and why, in one line.</summary>
    public string Choice { get; }

    /// <summary>A daemon that crashed left routes or rules, which keep its tunnels' traffic from going in clear.</summary>
    public bool HasLeft => (DataPlane as TunDataPlane)?.HasLeft == true;

    /// <summary>Lets go of those that no tunnel or trap has taken over.</summary>
    public void Release() => (DataPlane as TunDataPlane)?.Release();

    /// <summary>Opens everything; nothing is received before <see cref="Start"/>.</summary>
    public static Network Open(DaemonConf conf, IRandom random, Log log, HostConfiguration host)
    {
        var sockets = new UdpSockets(SocketOptionsOf(conf, log));
        HostAddresses? addresses = null;
        try
        {
            var events = new PlaneEvents();
            addresses = new(sockets.Mark, conf.Boolean("plugins.kernel-netlink.roam_events", true) ? Roam : null, new()
            {
                OwnTable = (uint)conf.Number("routing_table", 220),
                Interfaces = new(conf.Text("interfaces_use"), conf.Text("interfaces_ignore")),
                FollowsRoutes = conf.Boolean("process_route", true),
                FollowsRules = conf.Boolean("plugins.kernel-netlink.process_rules"),
                PrefersTemporary = conf.Boolean("prefer_temporary_addrs"),
            });
            var (plane, choice) = ChoosePlane(conf, sockets, events, random, log);
            addresses.IsVirtual = host.IsVirtual;
            addresses.TunnelDevice = (plane as TunDataPlane)?.DeviceName;
            return new(conf, sockets, addresses, plane, events, choice, log);

            void Roam(RouteChange change)
            {
                log.Write(LogGroup.Knl, 2, $"creating roam job due to {((change & ~RouteChange.Routes) != 0 ? "address/link" : "route")} change");
                events.Roam(change);
            }
        }
        catch
        {
            addresses?.Dispose();
            sockets.Dispose();
            throw;
        }
    }

    public static UdpSocketOptions SocketOptionsOf(DaemonConf conf, Log log) => new()
    {
        Port = (ushort)conf.Number("port", 500),
        PortNatT = (ushort)conf.Number("port_nat_t", 4500),
        UseIPv4 = conf.Boolean("plugins.socket-default.use_ipv4", true),
        UseIPv6 = conf.Boolean("plugins.socket-default.use_ipv6", true),
        SetsSource = conf.Boolean("plugins.socket-default.set_source", true),
        Mark = SocketMark(conf, log),
    };

    static (IDataPlane Plane, string Choice) ChoosePlane(DaemonConf conf, UdpSockets sockets, PlaneEvents events, IRandom random, Log log)
    {
        const string setting = "charon.data_plane";
        var options = TunOptionsOf(conf, log);
        switch (conf.Text("data_plane") ?? "auto")
        {
            case "auto": return (OpenTun(), "data plane: tun, ESP in user space; the kernel's is not built yet");
            case "tun": return (OpenTun(), $"data plane: tun, as {setting} says");
            case "fake": return (new CountingDataPlane(), $"data plane: fake, as {setting} says: no packet is carried");
            case "xfrm": throw new StartFailure($"{setting} = xfrm is not built yet; use 'tun' or 'auto'");
            case var other: throw new StartFailure($"{setting} = {other}: expected auto, tun or xfrm");
        }

        TunDataPlane OpenTun() => new(sockets, events, random, options, text => log.Write(LogGroup.Knl, 1, text), e => log.Write(LogGroup.Esp, 1, $"fault in the data plane: {e}"));
    }

    /// <summary>What our own packets carry, and the rule that leads into the tunnels lets pass.</summary>
    public static uint SocketMark(DaemonConf conf, Log log) => conf.Mark("plugins.socket-default.fwmark", log)?.Value ?? UdpSocketOptions.DefaultMark;

    public static TunOptions TunOptionsOf(DaemonConf conf, Log log) => new()
    {
        RoutingTable = (uint)conf.Number("routing_table", 220),
        RulePriority = (uint)conf.Number("routing_table_prio", 220),
        InstallRoutes = conf.Boolean("install_routes", true),
        RuleMark = conf.Mark("plugins.kernel-netlink.fwmark", log),
        RouteMtu = (uint)conf.Number("plugins.kernel-netlink.mtu", 0),
        RouteMss = (uint)conf.Number("plugins.kernel-netlink.mss", 0),
    };

    public void Start(ShardSet shards)
    {
        _events.GoTo(shards);
        _isReceiving = true;
        _sockets.OnIke = (local, remote, datagram, mayLinger) =>
        {
            if (!_isReceiving) return;
            if (_addresses.IsIgnored(local.Address))
            {
                if (_log.Wants(LogGroup.Net, 3)) _log.Write(LogGroup.Net, 3, $"received packet from {remote} to {local} on ignored interface");
                return;
            }
            if (_receiveDelay?.Concerns(datagram) != true) shards.Receive(local, remote, datagram, mayLinger);
            else Later(_receiveDelay, "receive", datagram, d => shards.Receive(local, remote, d));
        };
        _sockets.Start();
        (DataPlane as TunDataPlane)?.Start();
    }

    /// <summary>From now on nothing new comes in; sending still works, for the last messages.</summary>
    public void StopReceiving() => _isReceiving = false;

    public void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0)
    {
        if (_sendDelay?.Concerns(datagram) == true) Later(_sendDelay, "send", datagram, d => SendNow(local, remote, d, dscp));
        else SendNow(local, remote, datagram, dscp);
    }

    void Later(PacketDelay delay, string what, ReadOnlySpan<byte> datagram, Action<byte[]> act)
    {
        _log.Write(LogGroup.Net, 1, $"using {what} delay: {delay.Time.TotalMilliseconds:0}ms");
        var copy = datagram.ToArray();
        _ = Task.Delay(delay.Time).ContinueWith(_ => act(copy), TaskScheduler.Default);
    }

    void SendNow(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp)
    {
        if (_sockets.Send(local, remote, datagram, (byte)(dscp << 2)) is { } reason && _log.Wants(LogGroup.Net, 1))
            _log.Write(LogGroup.Net, 1, $"error writing to socket: {reason}");
    }

    public void SendKeepalive(Endpoint local, Endpoint remote) => _sockets.SendKeepalive(local, remote);

    public Address? SourceAddressFor(Address remote) => _addresses.SourceAddressFor(remote);

    public bool IsLocalAddress(Address address) => _addresses.IsLocalAddress(address);

    public bool HasPath(Address local, Address remote) => _addresses.HasPath(local, remote);

    public IReadOnlyList<Address> UsableAddresses() => _addresses.Usable;

    public IReadOnlyList<Address> LocalAddresses() => [.. _addresses.List().Select(a => a.Address)];

    public void Dispose()
    {
        (DataPlane as IDisposable)?.Dispose();
        _sockets.Dispose();
        _addresses.Dispose();
    }
}
