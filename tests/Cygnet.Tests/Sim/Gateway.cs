// One simulated gateway: an engine, the ESP engine on an in-memory link, and a host whose clock and luck are the network's.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public sealed class Gateway : IHost, IDataPlaneEvents
{
    readonly Network _network;
    FakeDataPlane _plane;
    Instant _armed = Instant.Never;
    bool _crashed;
    int _boot;

    public Gateway(Network network, string name, Address address, Nat? nat)
    {
        (_network, Name, Nat) = (network, name, nat);
        Addresses.Add(address);
        Random = new SeededRandom(network.Random.Next());
        Crypto = new ToyCrypto(new SeededRandom(network.Random.Next()));
        _plane = NewPlane();
        Engine = new(this, new Settings());
    }

    FakeDataPlane NewPlane() => new(this, Random, (path, esp) =>
        _network.Send(path.UdpEncapsulation ? PacketKind.EspInUdp : PacketKind.Esp, this, path.Local, path.Remote, esp)) { IsRecording = false };

    public string Name { get; }

    /// <summary>The first is the one that routing prefers.</summary>
    public List<Address> Addresses { get; } = [];
    public Address Address => Addresses.Count > 0 ? Addresses[0] : default;

    /// <summary>In front of all its addresses, or null.</summary>
    public Nat? Nat { get; set; }
    public IkeEngine Engine { get; private set; }
    public FakeDataPlane Plane => _plane;
    public List<string> LogLines { get; } = [];
    public List<SaEvent> Events { get; } = [];
    public ConnectionTable Connections { get; set; } = [];

    /// <summary>Outlives every reboot, as a disk does.</summary>
    public CrashTokens? CrashTokens { get; set; }

    public IRandom Random { get; }
    public ICryptoDoor Crypto { get; set; }
    public IDataPlane DataPlane => Refusing ?? (IDataPlane)_plane;

    /// <summary>Stands in front of the data plane, if anything does.</summary>
    public RefusingPlane? Refusing { get; set; }

    public SharedState Shared { get; private set; } = new();
    public IHostConfiguration? HostConfiguration => Host;

    /// <summary>Virtual addresses and name servers that peers have assigned to this gateway.</summary>
    public ConfiguredHost Host { get; private set; } = new();
    public NameLookup Lookup { get; set; } = _ => [];

    /// <summary>What stands behind eap-radius, if anything does.</summary>
    public Cygnet.Eap.EapServerFactory? Radius { get; set; }

    /// <summary>Who fetches CRLs, if anybody does.</summary>
    public Cygnet.Pki.Revocation.IStatusFetcher? StatusFetcher { get; set; }
    /// <summary>What somebody has set the clock on the wall to, off from the time that passes.</summary>
    public TimeSpan WallOffset { get; set; }

    public DateTimeOffset WallTime => DateTimeOffset.UnixEpoch.AddMilliseconds(_network.Now.Milliseconds) + WallOffset;

    public void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0)
    {
        LastDscp = dscp;
        _network.Send(PacketKind.Ike, this, local.Address.IsAny ? local with { Address = SourceAddressFor(remote.Address) ?? Address } : local, remote, datagram.ToArray());
    }

    /// <summary>How the last IKE packet was marked.</summary>
    public byte LastDscp { get; private set; }

    public void SendKeepalive(Endpoint local, Endpoint remote) => _network.Send(PacketKind.Keepalive, this, local, remote, [0xff]);

    public Address? SourceAddressFor(Address remote)
    {
        foreach (var a in Addresses)
            if (a.IsIPv6 == remote.IsIPv6) return a;
        return null;
    }

    public bool HasPath(Address local, Address remote) => Addresses.Contains(local) && local.IsIPv6 == remote.IsIPv6;

    public IReadOnlyList<Address> LocalAddresses() => Addresses;

    public bool IsLocalAddress(Address address) => Addresses.Contains(address);

    /// <summary>Loses its addresses and gets others; none is being out of reach. The engine is told, as the kernel would.</summary>
    public void MoveTo(params Address[] addresses)
    {
        foreach (var old in Addresses) _network.Forget(old);
        Addresses.Clear();
        Addresses.AddRange(addresses);
        foreach (var a in addresses) _network.Route(a, this);
        if (!_crashed) Engine.Roam(addressesChanged: true, _network.Now);
    }

    /// <summary>One more address, from the start.</summary>
    public void Add(Address address)
    {
        Addresses.Add(address);
        _network.Route(address, this);
    }

    /// <summary>A NAT comes between, or is gone.</summary>
    public void PutBehind(Nat? nat)
    {
        if (Nat is not null) _network.Forget(Nat.Outside);
        Nat = nat;
        if (nat is not null) _network.Route(nat.Outside, this);
    }

    public void Forward(Wish wish) => _network.At(TimeSpan.Zero, () => Do(wish));

    public void Arm(Instant deadline)
    {
        if (deadline == Instant.Never || deadline >= _armed) return;
        _armed = deadline;
        var at = deadline > _network.Now ? deadline - _network.Now : TimeSpan.Zero;
        _network.At(at, () =>
        {
            if (_crashed || _armed != deadline) return;
            _armed = Instant.Never;
            _plane.Now = _network.Now.Milliseconds;
            Engine.Tick(_network.Now);
        });
    }

    public void Start(Work work)
    {
        var boot = _boot;
        _network.At(TimeSpan.FromMilliseconds(1 + _network.Random.Below(20)), () =>
        {
            if (_crashed || _boot != boot) return;
            if (work.IsAsynchronous)
            {
                Await(work, work.RunAsync(), boot);
                return;
            }
            work.Run();
            Engine.Finished(work, _network.Now);
        });
    }

    // What waits for the network is done when virtual time has brought its answer.
    void Await(Work work, Task running, int boot)
    {
        if (_crashed || _boot != boot) return;
        if (running.IsCompleted) Engine.Finished(work, _network.Now);
        else _network.At(TimeSpan.FromMilliseconds(20), () => Await(work, running, boot));
    }

    public bool WantsLog(LogGroup group, int level) => level <= 1;

    public void Log(in LogLine line)
    {
        LogLines.Add($"{_network.Now.Milliseconds,9} {Name} [{line.Group}] <{line.SaName}|{line.SaId}> {line.Text}");
        if (line.Text.StartsWith("internal fault", StringComparison.Ordinal)) Faults++;
    }

    /// <summary>Exceptions that ended an SA. Must stay 0.</summary>
    public int Faults { get; private set; }

    /// <summary>Whether anybody listens for what comes up.</summary>
    public bool WantsUp { get; set; } = true;

    /// <summary>Whether anybody listens for what goes wrong.</summary>
    public bool WantsAlerts { get; set; } = true;

    public void Raise(SaEvent e) => Events.Add(e);

    /// <summary>The types of the alerts so far, in order.</summary>
    public IEnumerable<string> Alerts => Events.OfType<SaEvent.Alert>().Select(a => a.Type);

    public void Acquire(uint reqid, TrafficSelector local, TrafficSelector remote) => Later(() => Engine.Acquire(reqid, local, remote, _network.Now));

    public void Expire(SaDirection direction, uint spi, Address remote, bool hard) => Later(() => Engine.Expire(direction, spi, remote, hard, _network.Now));

    public void MappingChanged(uint spi, Endpoint remote) => Later(() => Engine.MappingChanged(spi, remote, _network.Now));

    public void Do(Wish wish)
    {
        if (!_crashed) Engine.Accept(wish, _network.Now);
    }

    /// <summary>An inner packet from behind this gateway.</summary>
    public void SendInner(byte[] packet)
    {
        _plane.Now = _network.Now.Milliseconds;
        if (!_crashed) _plane.SendInner(packet);
    }

    /// <summary>The power goes: nothing is said, nothing kept.</summary>
    public void Crash() => _crashed = true;

    /// <summary>The host is suspended, and comes back with everything it had.</summary>
    public void Sleep(TimeSpan span)
    {
        _crashed = true;
        _network.At(span, () =>
        {
            (_crashed, _armed, _plane.Now) = (false, Instant.Never, _network.Now.Milliseconds);
            Engine.Tick(_network.Now);
        });
    }

    /// <summary>It comes back, or loses its state while running; what it was configured with has to be given again.</summary>
    public void Reboot()
    {
        var settings = Engine.Settings;
        _boot++;
        (_crashed, _armed, Shared, Host, _plane) = (false, Instant.Never, new(), new(), NewPlane());
        Engine = new(this, settings);
    }

    internal void Arrive(PacketKind kind, Endpoint local, Endpoint remote, byte[] data)
    {
        if (_crashed) return;
        _plane.Now = _network.Now.Milliseconds;
        if (kind == PacketKind.Ike) Engine.Receive(local, remote, data, _network.Now);
        else if (kind != PacketKind.Keepalive) _plane.Receive(new(local, remote, kind == PacketKind.EspInUdp), data);
    }

    void Later(Action action) => _network.At(TimeSpan.Zero, () =>
    {
        if (!_crashed) action();
    });
}
