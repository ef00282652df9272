// A client with all that a tunnel changes on its host: virtual addresses, name servers, firewall rules, routes under a mark of its own.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>sun, which connects to moon as carol; moon has 10.1.0.0/16 and fd01::/64 behind it.</summary>
sealed class RoadWarrior : IDisposable
{
    public const string Original = "nameserver 192.0.2.53\n";
    public const uint Mark = 0x42;

    readonly string _before;

    /// <param name="original">What stands in resolv.conf without a tunnel.</param>
    /// <param name="resolver">Where resolv.conf is; null: in the host's folder.</param>
    public RoadWarrior(string scene, string original = Original, string? resolver = null)
    {
        Pair = new Pair(scene, Product.StrongSwan, Product.Cygnet);
        Resolver = resolver ?? Path.Combine(Pair.Sun.Host.Folder, "resolv.conf");
        const string both = "\tkeyexchange=ikev2\n\tauthby=secret\n\tmobike=no\n\treauth=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n";
        Pair.Moon.Configure($"config setup\n\nconn rw\n{both}\tleft=192.168.0.1\n\tleftid=@moon.cygnet.test\n\tleftsubnet=10.1.0.0/16,fd01::/64\n\tright=%any\n\trightsourceip=10.3.0.0/28,fd03::/120\n\trightdns=10.1.0.53,fd01::53\n\tauto=add\n",
            $": PSK \"{Pair.Secret}\"\n");
        Pair.Sun.Configure($"config setup\n\nconn carol\n{both}\tleft=192.168.0.2\n\tleftid=@carol.cygnet.test\n\tleftsourceip=%config4,%config6\n\tleftfirewall=yes\n\tlefthostaccess=yes\n"
            + $"\tright=192.168.0.1\n\trightid=@moon.cygnet.test\n\trightsubnet=10.1.0.0/16,fd01::/64\n\tauto=start\n", $": PSK \"{Pair.Secret}\"\n");
        Pair.Sun.Settings($"plugins {{\n socket-default {{\n fwmark = 0x{Mark:x}\n }}\n resolve {{\n file = {Resolver}\n }}\n }}\n");
        Pair.Sun.Host.Shell("""
            nft add table inet filter
            for hook in input output; do nft add chain inet filter $hook "{ type filter hook $hook priority 0; policy accept; }"; done
            """).ShouldSucceed();
        Pair.Sun.Host.Shell($"mkdir -p $(dirname {Resolver}); printf %s '{original}' >{Resolver}").ShouldSucceed();
        _before = State();
    }

    public Pair Pair { get; }

    public string Resolver { get; }

    /// <summary>All that a tunnel changes on the client.</summary>
    string State() => Pair.Sun.Host.Addressing() + Pair.Sun.Host.Shell($"nft list table inet filter | sed 's/counter packets [0-9]* bytes [0-9]* //'; ip -o link | cut -d: -f2; cat {Resolver}; ls /run/*.host /run/*.pid 2>/dev/null").Output;

    string NameServers() => Pair.Sun.Host.Shell($"cat {Resolver}").Output;

    /// <summary>The tunnel is up, and everything that belongs to it stands exactly once.</summary>
    public void ShouldBeUp()
    {
        var sun = Pair.Sun.Host;
        // Where no tunnel has been yet packets go by the cable.
        Wait.Until("the tunnel is up", () => sun.Run("ipsec", "status").Output.Contains("INSTALLED, TUNNEL"), 60);
        Wait.Until("the tunnel carries packets of both families", () => sun.Run("ping", "-c", "1", "-W", "1", "10.1.0.1").ExitCode == 0 && sun.Run("ping", "-6", "-c", "1", "-W", "1", "fd01::1").ExitCode == 0, 60);
        Wait.Until(() => $"one virtual address of each family; there are\n{Addresses()}", () => Addresses().Split('\n').Count(l => l.Contains(" 10.3.0.")) == 1 && Addresses().Split('\n').Count(l => l.Contains(" fd03::")) == 1);
        Wait.Until(() => $"each name server once; there are\n{NameServers()}", () => NameServers().Split("nameserver 10.1.0.53").Length == 2 && NameServers().Split("nameserver fd01::53").Length == 2);
        Wait.Until(() => $"each rule of the firewall once; there are\n{Firewall()}", () => Firewall().Split("accept comment").Length - 1 is var there && there == Firewall().Split('\n').Where(l => l.Contains("accept comment")).Distinct().Count() && there > 0);
        foreach (var family in (string[])["-4", "-6"])
        {
            var rule = sun.Run("ip", family, "rule").Output.Split('\n').Where(l => l.Contains("220")).ToList();
            if (rule is not [var only] || !only.Contains($"fwmark 0x{Mark:x}")) throw new BedFailure($"rules that lead into the tunnel:\n{string.Join('\n', rule)}");
        }
    }

    /// <summary>The daemon gets a signal that ends it, or makes it hang until its starter ends it; another one comes, and the tunnel with it.</summary>
    public void IsKilledAndComesBack(string signal = "KILL")
    {
        var dead = Pair.Sun.CharonInside;
        Pair.Sun.Host.Shell($"kill -{signal} $(cat /run/charon.pid)").ShouldSucceed();
        Wait.Until("another daemon runs", () => Pair.Sun.CharonInside is { Length: > 0 } now && now != dead, 120);
        Pair.Sun.ShouldHaveLogged("connections are back, the block is lifted", 60);
    }

    /// <summary>The conn is loaded, closed and begun anew by hand.</summary>
    public void ShouldObey()
    {
        Pair.Sun.Host.Run("ipsec", "reload").ShouldSucceed();
        Pair.Sun.Down("carol").ShouldSay("closed successfully");
        Pair.Sun.Up("carol").ShouldSay("connection 'carol' established successfully");
        ShouldBeUp();
    }

    string Addresses() => Pair.Sun.Host.Shell("ip -o addr show dev eth0").Output;

    string Firewall() => Pair.Sun.Host.Shell("nft list ruleset").Output;

    /// <summary>Nothing of the tunnel, the daemon or the starter stands any more.</summary>
    public void ShouldBeAsBefore()
    {
        Wait.Until(() => $"the client as it was before\n{_before}\nnow it is\n{State()}", () => State() == _before);
    }

    /// <summary>As long as it lives, packets go to moon, whether they are answered or not.</summary>
    public Background Traffic() => Pair.Sun.Host.Start("bash", "-c",
        "while :; do ping -n -i 0.02 -W 1 10.1.0.1 >/dev/null 2>&1 & ping -6 -n -i 0.02 -W 1 fd01::1 >/dev/null 2>&1 & sleep 2; kill $(jobs -p) 2>/dev/null; done");

    public void Dispose() => Pair.Dispose();
}
