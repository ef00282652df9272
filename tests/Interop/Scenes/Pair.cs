// Two gateways and the cable between them: the stage of most scenes.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>moon (10.1.0.0/16, fd01::/64 behind it) and sun (10.2.0.0/16, fd02::/64), one cable, watched in the middle.</summary>
sealed class Pair : IDisposable
{
    public const string Secret = "0sFpZAZqEN6Ti9sqt4ZP5EWcqx";

    public Pair(string scene, Product moon, Product sun)
    {
        Bed = new Bed(scene);
        try
        {
            Moon = Bed.Gateway("moon", moon);
            Sun = Bed.Gateway("sun", sun);
            Wire = Bed.Cable(Moon.Host, "eth0", Sun.Host, "eth0");
            Moon.Host.AddAddress("eth0", "192.168.0.1/24", "fd00::1/64");
            Sun.Host.AddAddress("eth0", "192.168.0.2/24", "fd00::2/64");
            for (var net = 0; net < 4; net++)
            {
                Moon.Host.AddAddress("lo", $"10.1.{net}.1/32", $"fd01:{net}::1/128");
                Sun.Host.AddAddress("lo", $"10.2.{net}.1/32", $"fd02:{net}::1/128");
            }
            // Without a tunnel the way to the other side is the cable: what the tunnel does not take is seen in clear.
            Moon.Host.Shell("ip route add 10.2.0.0/16 via 192.168.0.2; ip -6 route add fd02::/16 via fd00::2").ShouldSucceed();
            Sun.Host.Shell("ip route add 10.1.0.0/16 via 192.168.0.1; ip -6 route add fd01::/16 via fd00::1").ShouldSucceed();
        }
        catch
        {
            Bed.Dispose();
            throw;
        }
    }

    /// <summary>One side of a comparison: moon as strongSwan or the subject, with sun as strongSwan; certificates and one secret on both.</summary>
    public static Pair Compared(string scene, Product moon, string conf, string sun)
    {
        var pair = new Pair($"{scene}-{moon}", moon, Product.StrongSwan);
        var secrets = $": PSK \"{Secret}\"\n";
        pair.Moon.Configure(conf, secrets + TestPki.Give(pair.Moon));
        pair.Sun.Configure(sun, secrets + TestPki.Give(pair.Sun));
        return pair;
    }

    /// <summary>What the other end writes: left for right.</summary>
    public static string Turned(string conf) => conf.Replace("left", "\0").Replace("right", "left").Replace("\0", "right");

    public Bed Bed { get; }

    public Gateway Moon { get; }

    public Gateway Sun { get; }

    public Testbed.Wire Wire { get; }

    public void ShouldBeClean()
    {
        Moon.ShouldBeClean();
        Sun.ShouldBeClean();
    }

    /// <summary>Starts both daemons.</summary>
    public void Start()
    {
        Moon.Start();
        Sun.Start();
    }

    public void Dispose() => Bed.Dispose();
}
