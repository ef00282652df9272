// leftfirewall with the real iptables, over nftables and the older kind, where nft is there too and where it is not.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

[Trait("Category", "interop")]
public sealed class IptablesScenes
{
    const string Reference = "/usr/lib/ipsec/_updown";

    /// <summary>What a host has that forwards nothing, and lets nobody in but by IKE and ESP.</summary>
    const string Closed = """
        iptables -F
        iptables -P FORWARD DROP
        iptables -A INPUT -i lo -j ACCEPT
        iptables -A INPUT -i eth0 -j ACCEPT
        iptables -P INPUT DROP
        """;

    const string ClosedNft = """
        nft add table inet filter
        nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
        nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
        nft add chain inet filter output '{ type filter hook output priority 0; policy accept; }'
        nft add rule inet filter input iifname '{ "lo", "eth0" }' accept
        """;

    /// <summary>What forwards the tunnel's packets, as iptables lists it.</summary>
    static readonly string[] s_forwarding = ["-A FORWARD -s 10.1.0.0/24 -d 10.2.0.0/24 -o ipsec0 -j ACCEPT", "-A FORWARD -s 10.2.0.0/24 -d 10.1.0.0/24 -i ipsec0 -j ACCEPT"];

    [ProgramFact("iptables-nft", "-S")]
    public void A_closed_firewall_lets_the_tunnel_through_with_iptables_over_nftables() => Play("nft", (pair, round) =>
    {
        round(false, () => pair.Moon.Down("net-net").ShouldSay("closed successfully"));
        round(true, () =>
        {
            pair.Moon.Host.Shell("kill -KILL $(cat /run/charon.pid)").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("connections are back, the block is lifted", 60);
        });
    });

    [ProgramFact("iptables-legacy", "-S")]
    public void A_closed_firewall_lets_the_tunnel_through_with_the_older_iptables() => Play("legacy", (pair, round) => round(false, pair.Moon.Stop));

    /// <summary>A client behind moon, whose packets moon forwards only as far as the tunnel goes.</summary>
    /// <param name="scene">Plays a round: whether nft is there, and what ends the tunnel.</param>
    static void Play(string kind, Action<Pair, Action<bool, Action>> scene)
    {
        using var pair = new Pair($"iptables-{kind}", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            var (moon, alice) = (pair.Moon.Host, pair.Bed.Host("alice"));
            pair.Bed.Cable(alice, "eth0", moon, "eth1");
            moon.AddAddress("eth1", "10.1.0.2/24");
            alice.AddAddress("eth0", "10.1.0.10/24");
            alice.Run("ip", "route", "add", "10.2.0.0/16", "via", "10.1.0.2").ShouldSucceed();
            var programs = new Programs(moon);
            new Setup { Moon = ["leftfirewall=yes"] }.Write(pair);
            pair.Start();
            scene(pair, Round);
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 2);

            void Round(bool hasNft, Action end)
            {
                programs.Take(kind, hasNft);
                moon.Shell(Closed).ShouldSucceed();
                if (hasNft) moon.Shell(ClosedNft).ShouldSucceed();
                var before = Rules(moon);
                if (Reaches(1)) throw new BedFailure("a closed firewall lets packets through");
                pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
                Wait.Until(() => $"rules of the tunnel; there are\n{Rules(moon)}", () => Added(moon, before) is var added
                    && added.Where(l => l.StartsWith('-')).Order(StringComparer.Ordinal).SequenceEqual(s_forwarding) && added.Count(l => l.Contains("accept comment")) == (hasNft ? 2 : 0));
                Wait.Until("packets are forwarded", () => Reaches(2));
                end();
                Wait.Until(() => $"the rules as they were before:\n{before}\nthere are\n{Rules(moon)}", () => Rules(moon) == before);
            }

            bool Reaches(int patience) => alice.Run("ping", "-c", "1", "-W", $"{patience}", "10.2.0.1").ExitCode == 0;
        });
    }

    /// <summary>The script by itself, told of SAs in the kernel: what strongSwan's adds, and nothing after them.</summary>
    [ProgramFact("iptables-nft", "-S")]
    public void Rules_for_the_kernels_data_plane_are_those_of_strongSwan()
    {
        using var bed = new Bed("iptables-policy");
        bed.Play(() =>
        {
            var host = bed.Gateway("moon", Product.Cygnet).Host;
            var programs = new Programs(host);
            string[] kinds = host.Run("iptables-legacy", "-S").ExitCode == 0 ? ["nft", "legacy"] : ["nft"];
            foreach (var (verb, more) in (ReadOnlySpan<(string, string)>)[("client", ""), ("client", "PLUTO_HOST_ACCESS=1 PLUTO_IPCOMP=1"), ("host", "PLUTO_MY_PROTOCOL=6 PLUTO_PEER_PROTOCOL=6 PLUTO_MY_PORT=80"), ("client-v6", "PLUTO_HOST_ACCESS=1")])
            {
                // The reference's script has a PATH of its own.
                var expected = Added(Reference, "/usr/sbin/", verb, more);
                Assert.NotEmpty(expected);
                Assert.All(expected.Where(l => !l.Contains("-p ipencap") && !l.Contains("-p 4 ")), l => Assert.Contains("-m policy --dir ", l));
                foreach (var kind in kinds)
                {
                    programs.Take(kind, hasNft: false);
                    Assert.Equal(expected, Added("ipsec _updown", "", verb, more));
                }
            }

            string[] Added(string script, string iptables, string verb, string more)
            {
                var before = Listed();
                Call("up");
                var added = Listed().Except(before).Order(StringComparer.Ordinal).ToArray();
                Call("down");
                Assert.Equal(before, Listed());
                return added;

                string[] Listed() => host.Shell($"{iptables}iptables -S; {iptables}ip6tables -S").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

                void Call(string way)
                {
                    var isV6 = verb.EndsWith("-v6", StringComparison.Ordinal);
                    var addresses = isV6 ? "PLUTO_ME=2001:db8::1 PLUTO_PEER=2001:db8::2 PLUTO_MY_CLIENT=fd01::/64 PLUTO_PEER_CLIENT=fd02::/64"
                        : $"PLUTO_ME=192.0.2.1 PLUTO_PEER=192.0.2.2 PLUTO_MY_CLIENT={(verb == "host" ? "192.0.2.1/32" : "10.1.0.0/16")} PLUTO_PEER_CLIENT={(verb == "host" ? "192.0.2.2/32" : "10.2.0.0/16")}";
                    host.Shell($"env PLUTO_VERSION=1.1 PLUTO_VERB={way}-{verb} PLUTO_CONNECTION=net-net PLUTO_INTERFACE=eth0 PLUTO_REQID=7 PLUTO_PROTO=esp PLUTO_MY_ID=moon PLUTO_PEER_ID=sun "
                        + $"PLUTO_MY_PROTOCOL=0 PLUTO_PEER_PROTOCOL=0 PLUTO_MY_PORT=0 PLUTO_PEER_PORT=0 {addresses} {more} {script} iptables").ShouldSucceed();
                }
            }
        });
    }

    /// <summary>Everything that iptables and nft list, but for counters.</summary>
    static string Rules(Host host) => host.Shell("iptables -S; ip6tables -S; nft list table inet filter 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]* //'").Output;

    static string[] Added(Host host, string before) => [.. Rules(host).Split('\n').Except(before.Split('\n')).Select(l => l.Trim())];

    /// <summary>The iptables that a host's commands find, and whether they find nft.</summary>
    sealed class Programs
    {
        readonly Host host;
        readonly string folder;

        public Programs(Host host)
        {
            this.host = host;
            folder = Directory.CreateDirectory(Path.Combine(host.Folder, "bin")).FullName;
            host.ExtraPath = $"{folder}:{host.ExtraPath}";
        }

        public void Take(string kind, bool hasNft)
        {
            // They go by the name that they are called by.
            host.Shell($"for name in iptables ip6tables; do ln -sf /usr/sbin/xtables-{kind}-multi {folder}/$name; done").ShouldSucceed();
            host.Shell("umount $(readlink -f /usr/sbin/nft) 2>/dev/null; true");
            if (hasNft) return;
            host.Shell("mount --bind /dev/null $(readlink -f /usr/sbin/nft)").ShouldSucceed();
            Assert.Equal("", host.Run("sh", "-c", "command -v nft").Output);
        }
    }
}
