// One end of an ESP tunnel in a test: an engine with one worker, and short words to give it SAs and policies.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

sealed class EspEnd : IDisposable
{
    public static readonly Transform Gcm256 = new(TransformType.Encryption, Encr.AesGcm16, 256);

    public EspEnd(string address, string net, bool udp = true)
    {
        (Endpoint, Net, Udp) = (new(Address.Parse(address), udp ? (ushort)4500 : (ushort)0), [.. net.Split(' ').Select(Ts)], udp);
    }

    /// <summary>Set before anything is sent.</summary>
    public System.Collections.Immutable.ImmutableArray<ChildMode> Modes { get; init; } = [ChildMode.Tunnel];

    public Endpoint Endpoint { get; }
    public TrafficSelector[] Net { get; set; }
    public bool Udp { get; }
    public RecordingEvents Events { get; } = new();
    public EspEngine Engine => field ??= new(Events, new SeededBytes(1)) { Modes = Modes };
    public EspWorker Worker => field ??= Engine.CreateWorker();

    public static TrafficSelector Ts(string subnet)
    {
        var slash = subnet.Split('/');
        return TrafficSelector.Subnet(Address.Parse(slash[0]), int.Parse(slash[1]));
    }

    /// <summary>Two ends with one pair of SAs and policies.</summary>
    public static (EspEnd A, EspEnd B) Pair(Func<SaParameters, SaParameters>? adjust = null, string left = "10.1.0.0/16 fd01::/64", string right = "10.2.0.0/16 fd02::/64")
    {
        var a = new EspEnd("192.0.2.1", left);
        var b = new EspEnd("192.0.2.2", right);
        Join(a, b, 0x1000, 1, adjust);
        return (a, b);
    }

    /// <summary>Installs SAs with SPIs spi (to b) and spi+1 (to a), and policies.</summary>
    public static void Join(EspEnd a, EspEnd b, uint spi, uint reqid, Func<SaParameters, SaParameters>? adjust = null, bool policies = true)
    {
        Assert.Null(b.Engine.InstallSa((adjust ?? (p => p))(b.Sa(SaDirection.Inbound, a, spi, reqid))));
        Assert.Null(a.Engine.InstallSa((adjust ?? (p => p))(a.Sa(SaDirection.Inbound, b, spi + 1, reqid))));
        Assert.Null(a.Engine.InstallSa((adjust ?? (p => p))(a.Sa(SaDirection.Outbound, b, spi, reqid))));
        Assert.Null(b.Engine.InstallSa((adjust ?? (p => p))(b.Sa(SaDirection.Outbound, a, spi + 1, reqid))));
        if (!policies) return;
        Assert.Null(a.Engine.InstallPolicy(a.Policy(b, reqid)));
        Assert.Null(b.Engine.InstallPolicy(b.Policy(a, reqid)));
    }

    public SaParameters Sa(SaDirection direction, EspEnd peer, uint spi, uint reqid) => new()
    {
        Direction = direction,
        Spi = spi,
        Local = Endpoint,
        Remote = peer.Endpoint,
        UdpEncapsulation = Udp,
        Reqid = reqid,
        Encryption = Gcm256,
        EncryptionKey = SeededBytes.Of((int)spi, 36),
        ReplayWindow = 64,
        LocalTs = [.. Net],
        RemoteTs = [.. peer.Net],
    };

    public PolicyParameters Policy(EspEnd peer, uint reqid, bool trap = false) =>
        new() { Reqid = reqid, LocalTs = [.. Net], RemoteTs = [.. peer.Net], IsTrap = trap };

    /// <summary>What leaves when the packet is sent.</summary>
    public RecordingSink Send(byte[] packet, Offload offload = default)
    {
        var sink = new RecordingSink();
        Worker.Outbound([.. packet], offload, sink);
        Worker.Flush(sink);
        return sink;
    }

    /// <summary>What comes out when these runs arrive from their sender.</summary>
    public RecordingSink Receive(RecordingSink sent)
    {
        var sink = new RecordingSink();
        foreach (var (path, packets, size) in sent.Runs) Worker.Inbound(new(path.Remote, path.Local, path.UdpEncapsulation), [.. packets], size, sink);
        Worker.Flush(sink);
        return sink;
    }

    public void Dispose() => Engine.Dispose();
}
