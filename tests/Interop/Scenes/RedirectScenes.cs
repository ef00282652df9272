// A gateway sends its client to another one: at the first message, after authentication, while the tunnel is up. RFC 5685.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class RedirectScenes
{
    /// <summary>Whose client, and whose gateways.</summary>
    public static TheoryData<Product, Product> Roles => new()
    {
        { Subject.Product, Product.StrongSwan },
        { Product.StrongSwan, Subject.Product },
        { Subject.Product, Subject.Product },
    };

    /// <summary>Redirecting at once is a plugin that Debian's strongSwan does not have; as a client it does not survive a redirect in IKE_AUTH.</summary>
    public static TheoryData<Product, string> Clients => new()
    {
        { Product.StrongSwan, "init" }, { Product.Cygnet, "init" }, { Product.Cygnet, "auth" },
    };

    /// <summary>Moon is the client of sun; star stands before the same network at the end of another cable.</summary>
    sealed class Road : IDisposable
    {
        readonly Pair _pair;

        public Road(string scene, Product client, Product gateways, string atSun = "", string atMoon = "")
        {
            _pair = new($"redirect-{scene}-{client}-{gateways}", client, gateways);
            Star = Bed.Gateway("star", gateways);
            ToStar = Bed.Cable(Moon.Host, "eth1", Star.Host, "eth0");
            Moon.Host.AddAddress("eth1", "192.168.1.1/24");
            Star.Host.AddAddress("eth0", "192.168.1.3/24");
            Star.Host.AddAddress("lo", "10.2.0.1/32");
            Star.Host.Shell("ip route add 10.1.0.0/16 via 192.168.1.1").ShouldSucceed();
            const string both = "\tkeyexchange=ikev2\n\tauthby=secret\n\tmobike=no\n\treauth=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n\tauto=add\n\tleft=%any\n";
            Moon.Configure($"config setup\n\nconn net-net\n{both}\tleftid=@moon.cygnet.test\n\tleftsubnet=10.1.0.0/24\n\tright=192.168.0.2\n\trightid=@sun.cygnet.test\n\trightsubnet=10.2.0.0/24\n", $": PSK \"{Pair.Secret}\"\n");
            foreach (var gateway in (Gateway[])[Sun, Star])
                gateway.Configure($"config setup\n\nconn net-net\n{both}\tleftid=@sun.cygnet.test\n\tleftsubnet=10.2.0.0/24\n\tright=%any\n\trightid=@moon.cygnet.test\n\trightsubnet=10.1.0.0/24\n", $": PSK \"{Pair.Secret}\"\n");
            Sun.Settings(atSun);
            Moon.Settings(atMoon);
            Star.Start();
            _pair.Start();
        }

        public Bed Bed => _pair.Bed;
        public Gateway Moon => _pair.Moon;
        public Gateway Sun => _pair.Sun;
        public Gateway Star { get; }
        public Testbed.Wire ToStar { get; }

        public void ShouldBeWithStar()
        {
            Wait.Until("star serves moon", () => Star.Sas() is { Ike.Count: 1, Children.Count: 1 });
            Wait.Until("sun serves nobody", () => Sun.Sas() is { Ike.Count: 0, Children.Count: 0 });
            Star.ShouldHaveLogged("client got redirected from 192.168.0.2");
            Assert.Contains("...192.168.1.3[sun.cygnet.test]", Moon.Status().Output);
            Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Star.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            ToStar.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
            _pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 0);
        }

        public void End()
        {
            Moon.Down("net-net").ShouldSay("closed successfully");
            Moon.ShouldBeClean();
            Wait.Until("star has no SA", () => Star.Sas().Ike.Count == 0);
        }

        public void Dispose() => _pair.Dispose();
    }

    [Theory, MemberData(nameof(Roles))]
    public void While_the_tunnel_is_up(Product client, Product gateways)
    {
        using var road = new Road("up", client, gateways);
        road.Bed.Play(() =>
        {
            road.Moon.Up("net-net").ShouldSay("N(REDIR_SUP)", "connection 'net-net' established successfully");
            road.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            road.Sun.Host.Run("swanctl", "--redirect", "--peer-ip", "10.0.0.0/8", "--gateway", "192.168.1.3").ShouldSay("no matching SAs to redirect found");
            road.Sun.Host.Run("swanctl", "--redirect", "--peer-ip", "192.168.0.0/24", "--peer-id", "*.cygnet.test", "--gateway", "192.168.1.3").ShouldSay("redirect completed successfully");
            road.Sun.ShouldHaveLogged("vici redirect IKE_SAs with src 192.168.0.0/24 to 192.168.1.3");
            road.Sun.ShouldHaveLogged("redirecting peer to 192.168.1.3");
            road.Moon.ShouldHaveLogged("redirected to 192.168.1.3");
            road.ShouldBeWithStar();
            road.End();
        });
    }

    [Theory, MemberData(nameof(Clients))]
    public void When_the_client_comes(Product client, string moment)
    {
        using var road = new Road(moment, client, Product.Cygnet, $"x-redirect {{ all {{ at = {moment}\n gateway = 192.168.1.3\n peer_ip = 192.168.0.0/24\n }} }}\n");
        road.Bed.Play(() =>
        {
            road.Moon.Up("net-net").ShouldSay("redirected to 192.168.1.3", "connection 'net-net' established successfully");
            road.Sun.ShouldHaveLogged("redirecting peer to 192.168.1.3");
            road.ShouldBeWithStar();
            road.End();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Not_if_the_client_does_not_want_to(Product client, Product gateways)
    {
        using var road = new Road("unwanted", client, gateways, atMoon: "follow_redirects = no\n");
        road.Bed.Play(() =>
        {
            road.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            road.Sun.Host.Run("swanctl", "--redirect", "--ike", "net-net", "--gateway", "192.168.1.3");
            road.Sun.ShouldHaveLogged("client does not support IKE redirection");
            road.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Empty(road.Star.Sas().Ike);
        });
    }
}
