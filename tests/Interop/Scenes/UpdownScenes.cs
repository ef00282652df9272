// leftupdown and leftfirewall: what scripts are told, when they run, and what the default one does to the firewall.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class UpdownScenes
{
    // As users have it: one command line, for sh.
    const string Record = "leftupdown=\"env | grep ^PLUTO_ | sort > /run/updown.$PLUTO_VERB.$PLUTO_CONNECTION; echo told of $PLUTO_VERB\"";

    const string Conns = """

        conn tcp
        	also=net-net
        	leftsubnet=10.1.1.0/24
        	rightsubnet=10.2.1.0/24
        	leftprotoport=tcp/80
        	rightprotoport=tcp

        conn icmp
        	also=net-net
        	leftsubnet=10.1.2.0/24
        	rightsubnet=10.2.2.0/24
        	leftprotoport=icmp
        	rightprotoport=icmp

        conn six
        	also=net-net
        	leftsubnet=fd01:0::/32
        	rightsubnet=fd02:0::/32

        conn access
        	also=net-net
        	leftsubnet=10.1.3.0/24
        	rightsubnet=10.2.3.0/24
        	lefthostaccess=yes
        	righthostaccess=yes

        """;

    [Fact]
    public void A_script_is_told_what_strongSwan_tells_it()
    {
        using var pair = new Pair("updown", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            // the user-space plane of the reference always encapsulates, and says so; ours is told to
            new Setup { Both = ["ike=aes128-sha256-x25519!", "esp=aes128gcm16!", "forceencaps=yes", Record], More = Conns }.Write(pair);
            pair.Start();
            string[] conns = ["net-net", "tcp", "icmp", "six", "access"];
            foreach (var conn in conns)
            {
                pair.Moon.Up(conn).ShouldSay($"connection '{conn}' established successfully");
                ShouldBeToldAlike(pair, $"{(conn is "six" ? "up-client-v6" : "up-client")}.{conn}");
            }
            pair.Moon.ShouldHaveLogged("updown: told of up-client");
            pair.Moon.Down("net-net").ShouldSucceed();
            foreach (var conn in conns) ShouldBeToldAlike(pair, $"{(conn is "six" ? "down-client-v6" : "down-client")}.{conn}");
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(true, "down")]
    [InlineData(false, "down")]
    [InlineData(true, "stop")]
    public void The_firewall_opens_for_the_tunnel_alone_and_closes_again(bool hasHostAccess, string end)
    {
        using var pair = new Pair("firewall", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["leftfirewall=yes", $"lefthostaccess={(hasHostAccess ? "yes" : "no")}"] }.Write(pair);
            pair.Moon.Host.Shell("""
                nft add table inet filter
                nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
                nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
                nft add chain inet filter output '{ type filter hook output priority 0; policy accept; }'
                nft add rule inet filter input iifname '{ "lo", "eth0" }' accept
                """).ShouldSucceed();
            var before = Rules(pair.Moon);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            Wait.Until(() => $"rules in the chain forward; there are\n{Rules(pair.Moon)}", () => Rules(pair.Moon).Split("accept comment").Length - 1 == (hasHostAccess ? 4 : 2));
            var ping = pair.Moon.Ping("10.1.0.1", "10.2.0.1");
            if (hasHostAccess) ping.ShouldSucceed();
            else if (ping.ExitCode == 0) throw new BedFailure($"the peer reaches this host without lefthostaccess:\n{ping.Text}\n{Rules(pair.Moon)}");
            if (end == "down") pair.Moon.Down("net-net").ShouldSucceed();
            else pair.Moon.Stop();
            Wait.Until(() => $"the rules as they were before; there are\n{Rules(pair.Moon)}", () => Rules(pair.Moon) == before);
            if (end == "down") pair.ShouldBeClean();
        });
    }

    static string Rules(Gateway gateway) => gateway.Host.Shell("nft list table inet filter | sed 's/counter packets [0-9]* bytes [0-9]* //'").Output;

    // One end's variables are the other's with the sides exchanged; numbers that each end gives by itself are left out.
    static void ShouldBeToldAlike(Pair pair, string which)
    {
        Wait.Until($"both scripts ran for {which}", () => Told(pair.Moon, which).Length > 0 && Told(pair.Sun, which).Length > 0);
        string[] ours = [.. Told(pair.Moon, which).Order(StringComparer.Ordinal)], theirs = [.. Told(pair.Sun, which).Select(Exchange).Order(StringComparer.Ordinal)];
        if (!ours.SequenceEqual(theirs))
            throw new BedFailure($"{which}: only ours\n{string.Join('\n', ours.Except(theirs))}\nonly theirs\n{string.Join('\n', theirs.Except(ours))}");
    }

    static string[] Told(Gateway gateway, string which) =>
        [.. gateway.Host.Shell($"cat /run/updown.{which} 2>/dev/null").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("PLUTO_UNIQUEID=", StringComparison.Ordinal) && !l.StartsWith("PLUTO_REQID=", StringComparison.Ordinal))];

    static string Exchange(string line)
    {
        foreach (var (from, to) in new[] { ("PLUTO_ME=", "PLUTO_PEER="), ("PLUTO_PEER=", "PLUTO_ME="), ("PLUTO_MY_", "PLUTO_PEER_"), ("PLUTO_PEER_", "PLUTO_MY_") })
            if (line.StartsWith(from, StringComparison.Ordinal)) return to + line[from.Length..];
        return line;
    }
}
