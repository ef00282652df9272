// A host of the test network with its user-space data plane, and SAs whose keys are given.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Linux.Netlink;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

/// <summary>Sockets and plane of one namespace.</summary>
sealed class Gateway : IDisposable, IDataPlaneEvents
{
    public Gateway(string ns, TunOptions? options = null, UdpSocketOptions? sockets = null)
    {
        Namespace = ns;
        (Sockets, Plane) = TestNetwork.Enter(ns, () =>
        {
            var udp = new UdpSockets(sockets ?? new());
            try
            {
                return (udp, new TunDataPlane(udp, this, new SystemRandom(), options, Warnings.Add, Faults.Enqueue));
            }
            catch
            {
                udp.Dispose();
                throw;
            }
        });
        Plane.Start();
        Sockets.Start();
    }

    public string Namespace { get; }
    public UdpSockets Sockets { get; }
    public TunDataPlane Plane { get; }
    public BlockingCollection<string> Warnings { get; } = [];
    public ConcurrentQueue<Exception> Faults { get; } = [];
    public BlockingCollection<(uint Reqid, TrafficSelector Local, TrafficSelector Remote)> Acquires { get; } = [];
    public BlockingCollection<(uint Spi, Endpoint Remote)> Mappings { get; } = [];

    /// <summary>Joins two gateways by a pair of SAs with given keys, and policies.</summary>
    public static void Join(Gateway a, Gateway b, string outerA, string outerB, bool udp, string[] tsA, string[] tsB, uint reqid = 1)
    {
        var (left, right) = (Address.Parse(outerA), Address.Parse(outerB));
        var (selectorsA, selectorsB) = (Selectors(tsA), Selectors(tsB));
        var (spiA, spiB) = (0xc0000000 + reqid, 0xd0000000 + reqid);
        a.Install(left, right, udp, spiA, spiB, selectorsA, selectorsB, reqid);
        b.Install(right, left, udp, spiB, spiA, selectorsB, selectorsA, reqid);
    }

    static ImmutableArray<TrafficSelector> Selectors(string[] subnets) =>
        [.. subnets.Select(s => TrafficSelector.Subnet(Address.Parse(s.Split('/')[0]), int.Parse(s.Split('/')[1])))];

    void Install(Address local, Address remote, bool udp, uint spiIn, uint spiOut,
        ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs, uint reqid)
    {
        Assert.True(Plane.TryReserveSpi(SecurityProtocol.Esp, spiIn));
        foreach (var (direction, spi) in new[] { (SaDirection.Inbound, spiIn), (SaDirection.Outbound, spiOut) })
            Assert.Null(Plane.InstallSa(new()
            {
                Direction = direction,
                Spi = spi,
                Local = new(local, Sockets.PortNatT),
                Remote = new(remote, 4500),
                UdpEncapsulation = udp,
                Reqid = reqid,
                Encryption = new Transform(TransformType.Encryption, Encr.AesGcm16, 256),
                EncryptionKey = [.. Enumerable.Range(0, 36).Select(i => (byte)(i + spi))],
                LocalTs = localTs,
                RemoteTs = remoteTs,
            }));
        Assert.Null(Plane.InstallPolicy(Policy(reqid, local, remote, localTs, remoteTs)));
    }

    public static PolicyParameters Policy(uint reqid, string local, string remote, string[] localTs, string[] remoteTs, bool isTrap = false) =>
        Policy(reqid, Address.Parse(local), Address.Parse(remote), Selectors(localTs), Selectors(remoteTs)) with { IsTrap = isTrap };

    static PolicyParameters Policy(uint reqid, Address local, Address remote, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs) =>
        new() { Reqid = reqid, LocalAddress = local, RemoteAddress = remote, LocalTs = localTs, RemoteTs = remoteTs };

    /// <summary>Watches the wire of this host.</summary>
    public Capture Watch() => TestNetwork.Enter(Namespace, () =>
    {
        using var netlink = new Rtnetlink();
        return new Capture(netlink.FindLink("wire")!.Index);
    });

    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => Acquires.Add((reqid, local, remote));

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard)
    {
    }

    public void MappingChanged(uint spi, Endpoint remote) => Mappings.Add((spi, remote));

    public void Dispose()
    {
        Plane.Dispose();
        Sockets.Dispose();
    }
}
