// Settings of strongswan.conf whose effect is seen from outside: routes and rules, sockets, threads, and how a log is written.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class SettingScenes
{
    static Pair Road(string scene, string settings)
    {
        var pair = new Pair($"setting-{scene}", Product.Cygnet, Product.StrongSwan);
        new Setup().Write(pair);
        pair.Moon.Settings(settings);
        return pair;
    }

    static string Said(Gateway g, string command) => g.Host.Shell(command).Output;

    [Fact]
    public void Routes_rules_sockets_and_threads()
    {
        using var pair = Road("routes", "routing_table = 77\nrouting_table_prio = 78\nthreads = 5\nx-shards = 1\nport_nat_t = 4700\nplugins {\n kernel-netlink {\n mtu = 1300\n mss = 1200\n }\n socket-default {\n use_ipv6 = no\n }\n }");
        pair.Bed.Play(() =>
        {
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            Assert.Matches(@"(?m)^78:.* lookup 77", Said(pair.Moon, "ip rule"));
            Assert.DoesNotContain("lookup 220", Said(pair.Moon, "ip rule"));
            Assert.Matches("10.2.0.0/24 .*mtu 1300 advmss 1200", Said(pair.Moon, "ip route show table 77"));
            var sockets = Said(pair.Moon, "ss -H -uln");
            Assert.Contains("0.0.0.0:500 ", sockets);
            Assert.Contains("0.0.0.0:4700 ", sockets);
            Assert.DoesNotContain(":4500 ", sockets);
            Assert.DoesNotContain("[::]", sockets);
            Assert.Matches(@"worker threads: \d of 6 ", pair.Moon.StatusAll().Output);
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void No_routes_where_somebody_else_installs_them()
    {
        using var pair = Road("no-routes", "install_routes = no\nport = 600");
        pair.Bed.Play(() =>
        {
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully", "from 192.168.0.1[600] to 192.168.0.2[500]");
            Assert.DoesNotContain("10.2.0.0", Said(pair.Moon, "ip route show table 220"));
            pair.Moon.Down("net-net").ShouldSucceed();
        });
    }

    /// <summary>Sun's certificate is revoked, and moon learns of it from where it looks.</summary>
    [Theory]
    [InlineData("crluri", "", false)]
    [InlineData("crluri", "cache_crls = yes", false)]
    [InlineData("crluri", "plugins {\n revocation {\n enable_crl = no\n }\n }", true)]
    [InlineData("ocspuri", "", false)]
    [InlineData("ocspuri", "plugins {\n revocation {\n enable_ocsp = no\n }\n }", true)]
    public void Revocation_is_looked_up_and_kept_as_it_is_configured(string keyword, string settings, bool isAccepted)
    {
        using var status = new StatusPki("sun-rsa.pem", isRevoked: true);
        using var pair = Road("revocation", settings);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa" }.Write(pair);
            pair.Moon.Write("ipsec.conf", File.ReadAllText(pair.Moon.PathOf("ipsec.conf")) + $"ca test\n\tcacert=ca.pem\n\t{keyword}=http://127.0.0.1:8882/test\n\tauto=add\n");
            using var server = keyword == "crluri" ? StatusPki.Web(pair.Moon.Host, 8882, status.Crl()) : status.Responder(pair.Moon.Host, 8882);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay(isAccepted ? "connection 'net-net' established successfully" : "establishing connection 'net-net' failed");
            pair.Moon.ShouldHaveLoggedIf(!isAccepted, "certificate was revoked on ");
            pair.Moon.ShouldHaveLoggedIf(!isAccepted, "127.0.0.1:8882");
            Assert.Equal(settings.StartsWith("cache") ? 1 : 0, Directory.GetFiles(pair.Moon.PathOf("ipsec.d/crls"), "*.crl").Length);
        });
    }

    [Fact]
    public void Log_levels_stay_where_they_may_not_be_changed()
    {
        using var pair = Road("levels", "plugins {\n stroke {\n prevent_loglevel_changes = yes\n }\n }");
        pair.Bed.Play(() =>
        {
            pair.Start();
            var refused = pair.Moon.Host.Run("ipsec", "stroke", "loglevel", "ike", "2");
            Assert.Contains("command not allowed!", refused.Output + refused.Errors);
            pair.Moon.Up("net-net").ShouldSay("established successfully");
            pair.Moon.Stop();
            pair.Moon.Settings("");
            pair.Moon.Start();
            var allowed = pair.Moon.Host.Run("ipsec", "stroke", "loglevel", "ike", "2").ShouldSucceed();
            Assert.DoesNotContain("not allowed", allowed.Output + allowed.Errors);
        });
    }

    [Fact]
    public void A_log_is_written_as_its_section_says()
    {
        using var pair = Road("log", "");
        pair.Bed.Play(() =>
        {
            string At(string name) => Path.Combine(pair.Moon.Host.Folder, name);
            foreach (var name in (string[])["fresh", "longer"]) File.WriteAllText(At(name), "what was there before\n");
            pair.Moon.Settings($$"""
                filelog {
                    fresh {
                        path = {{At("fresh")}}
                        append = no
                        default = -1
                        ike = 1
                        ike_name = yes
                        log_level = yes
                        time_format = %Y
                        time_add_ms = yes
                        flush_line = yes
                    }
                    longer {
                        path = {{At("longer")}}
                        default = -1
                        cfg = 1
                        flush_line = yes
                    }
                }
                """);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            string[] fresh = [], longer = [];
            Wait.Until("both logs have what happened", () =>
            {
                (fresh, longer) = (File.ReadAllLines(At("fresh")), File.ReadAllLines(At("longer")));
                return fresh.Any(l => l.Contains("established between")) && longer.Any(l => l.Contains("selected proposal"));
            });
            Assert.All(fresh, l => Assert.Matches(Named(), l));
            Assert.Contains(fresh, l => l.Contains("[IKE1] <net-net|1> "));
            Assert.Contains(fresh, l => l.Contains("[IKE0] <net-net|1> "));
            Assert.Equal("what was there before", longer[0]);
            Assert.All(longer.Skip(1), l => Assert.Matches(Plain(), l));
        });
    }

    [GeneratedRegex(@"^20\d\d\.\d{3} \d\d\[IKE[0-2]\] <(net-net\|)?\d+> |^20\d\d\.\d{3} \d\d\[IKE[0-2]\] ")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\d\d\[CFG\] ")]
    private static partial Regex Plain();
}
