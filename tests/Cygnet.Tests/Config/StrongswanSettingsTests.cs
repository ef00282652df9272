// strongswan.conf: grammar, inheritance, and what becomes of it. swanctl.conf(5).
using Cygnet.Config;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Config;

public sealed class StrongswanSettingsTests
{
    const string Path = "/etc/strongswan.conf";

    static StrongswanSettings Parse(string text) => StrongswanSettings.Parse(Path, MemoryFiles.With(Path, text));

    [Theory]
    [InlineData("a { b = x y   z # c\n}", "x y z")]
    [InlineData("a { b = x }", "x")]
    [InlineData("a {\n b=\" x  y # \\\"z\\\"\\n\"\n}", " x  y # \"z\"\n")]
    [InlineData("a { b = \"x\\\ny\" }", "xy")]
    [InlineData("a { b = \"x\ny\" }", "x\ny")]
    [InlineData("a { b = x\n}\na { b = y\n}", "y")]
    [InlineData("a { b = x\n b =\n}", null)]
    [InlineData("# b\na{b=1\n}\n", "1")]
    [InlineData("a\n{\n b = /var/log/charon.log\n}", "/var/log/charon.log")]
    public void Values(string text, string? value)
    {
        var settings = Parse(text);
        Assert.Empty(settings.Errors);
        Assert.Equal(value, settings.Text("a.b"));
    }

    [Fact]
    public void Sections_inherit_by_path()
    {
        var settings = Parse("x : y, base.one {\n own = 1\n s { k = x\n }\n}\nbase { one { own = 0\n two = 2\n s { k = one\n l = one\n } \n t { m = 1\n } } }\ny { two = y\n s { l = y\n } u { }\n}\n");
        Assert.Equal(["1", "y", "x", "y", "1"], new[] { "x.own", "x.two", "x.s.k", "x.s.l", "x.t.m" }.Select(settings.Text));
        Assert.Equal(["s", "u", "t"], settings.Sections("x"));
    }

    [Fact]
    public void Circles_of_inheritance_end()
    {
        var settings = Parse("a : b { x = 1\n}\nb : a, b { y = 2\n}\n");
        Assert.Equal("2", settings.Text("a.y"));
        Assert.Null(settings.Text("a.z"));
        Assert.Empty(settings.Sections("b"));
    }

    [Fact]
    public void Includes_at_any_level()
    {
        var files = MemoryFiles.With(Path, "charon {\n  include strongswan.d/*.conf\n  port = 1\n}\ninclude \"more conf\"\n");
        files["/etc/strongswan.d/a.conf"] = "threads = 3\ninclude b\n";
        files["/etc/strongswan.d/b"] = "plugins { stroke { load = no } }\n";
        files["/etc/more conf"] = "charon { port = 2\n}\ninclude strongswan.conf";
        var settings = StrongswanSettings.Parse(Path, files);
        Assert.Equal((3, 2), (settings.Number("charon.threads"), settings.Number("charon.port")));
        Assert.False(settings.Boolean("charon.plugins.stroke.load", true));
        Assert.EndsWith("includes itself or too much, ignored", Assert.Single(settings.Errors).ToString());
        Assert.False(settings.IsFatal);
    }

    [Theory]
    [InlineData("a {\n", 2, 1)]
    [InlineData("}\n", 1, 1)]
    [InlineData("a { b }\n", 1, 7)]
    [InlineData("a = \"x\n", 2, 1)]
    [InlineData("= x\n", 1, 1)]
    [InlineData("charon { filelog {\n /var/log/x {\n } } }\n", 2, 2)]
    [InlineData("a : { }\n", 1, 5)]
    public void Broken_files_are_fatal_and_say_where(string text, int line, int column)
    {
        var settings = Parse(text);
        Assert.True(settings.IsFatal);
        Assert.Equal(new Position(Path, line, column), settings.Errors[0].At);
        Assert.Equal("invalid config file '/etc/strongswan.conf'", settings.Errors[1].Reference);
    }

    [Fact]
    public void Deep_nesting_is_refused() => Assert.True(Parse(string.Concat(Enumerable.Repeat("a {", 100_000))).IsFatal);

    [Fact]
    public void A_missing_file_is_an_empty_one()
    {
        var settings = StrongswanSettings.Parse(Path, new MemoryFiles());
        Assert.Empty(settings.Errors);
        Assert.Equal(new Settings(), CharonSettings.Read(settings));
    }

    [Fact]
    public void The_core_gets_its_settings()
    {
        var settings = Parse("""
            charon {
                retransmit_timeout = 2.5
                retransmit_base = 1.5
                retransmit_tries = 3
                retransmit_jitter = 50
                retransmit_limit = 60
                keep_alive = 1m
                half_open_timeout = 5
                dos_protection = no
                cookie_threshold = 7
                cookie_threshold_ip = 9
                block_threshold = 4
                init_limit_half_open = 11
                init_limit_job_load = 12
                ikesa_limit = 13
                retry_initiate_interval = 14
                fragment_size = 900
                max_packet = 20000
                signature_authentication = no
                rsa_pss = yes
                prefer_configured_proposals = no
                close_ike_on_child_failure = yes
                make_before_break = yes
                reuse_ikesa = no
                initiator_only = yes
                delete_rekeyed_delay = 7
                port = 5000
                port_nat_t = 5500
                follow_redirects = no
                prot = 6
            }
            """);
        var expected = new Settings
        {
            RetransmitTimeout = 2.5, RetransmitBase = 1.5, RetransmitTries = 3, RetransmitJitter = 20, RetransmitLimit = 60, KeepAlive = TimeSpan.FromMinutes(1),
            HalfOpenTimeout = TimeSpan.FromSeconds(5), DosProtection = false, CookieThreshold = 7, CookieThresholdPerIp = 9, BlockThreshold = 4, InitLimitHalfOpen = 11, InitLimitJobLoad = 12, IkeSaLimit = 13, RetryInitiateInterval = TimeSpan.FromSeconds(14),
            FragmentSize = 900, MaxPacket = 20000, SignatureAuthentication = false, RsaPss = true, PreferConfiguredProposals = false, CloseIkeOnChildFailure = true,
            MakeBeforeBreak = true, ReuseIkeSa = false, InitiatorOnly = true, DeleteRekeyedDelay = TimeSpan.FromSeconds(7), Port = 5000, PortNatT = 5500, FollowRedirects = false,
        };
        Assert.Equal(expected, CharonSettings.Read(settings));
        Assert.Equal(("charon.prot", new Position(Path, 30, 5)), Assert.Single(settings.Unasked("charon")));
    }

    [Fact]
    public void The_core_gets_the_rarer_ones_too()
    {
        var conf = Parse("""
            charon {
                keep_alive_dpd_margin = 3s
                signature_authentication_constraints = no
                cisco_flexvpn = yes
                multiple_authentication = no
                force_eap_only_authentication = yes
                ignore_acquire_ts = yes
                replay_window = 256
                spi_min = 0xc0000000
                spi_max = 0xc0ffffff
                spi_mask = 0xffff000000000000
                spi_label = 0x1234000000000000
                rdn_matching = relaxed
                x509 { enforce_critical = no
                }
            }
            """);
        Assert.Equal(new Settings
        {
            KeepAliveDpdMargin = TimeSpan.FromSeconds(3), SignatureAuthenticationConstraints = false, CiscoFlexVpn = true, MultipleAuthentication = false, ForceEapOnlyAuthentication = true,
            IgnoreAcquireTs = true, ReplayWindow = 256, EspSpis = new(0xc0000000, 0xc0ffffff), IkeSpis = new(0xffff000000000000, 0x1234000000000000),
            Trust = new() { RdnMatching = RdnMatching.Relaxed, EnforceCritical = false },
        }, CharonSettings.Read(conf));
        Assert.Empty(conf.Unasked("charon"));
    }

    [Theory]
    [InlineData("spi_min = 5", "less than 65536 SPIs")]
    [InlineData("spi_max = 0xc0000010", "less than 65536 SPIs")]
    [InlineData("spi_mask = 0xffffffffffffff00", "less than 32 random bits")]
    [InlineData("rdn_matching = loose", "expected strict, reordered or relaxed")]
    public void What_cannot_be_is_said_and_ignored(string setting, string why)
    {
        var settings = CharonSettings.Read(Parse($"charon {{ {setting}\n}}"));
        Assert.Contains(why, Assert.Single(settings.Ignored));
        Assert.Equal(new Settings { Ignored = settings.Ignored }, settings);
    }

    [Fact]
    public void Libstrongswan_lends_what_charon_does_not_say()
    {
        var conf = Parse("libstrongswan {\n port = 5000\n threads = 4\n filelog { log { default = 2\n } }\n prot = 6\n}\ncharon {\n port = 6000\n}\n").WithDefaults("charon");
        Assert.Equal((6000, 4, 2), (conf.Number("charon.port"), conf.Number("charon.threads"), conf.Number("charon.filelog.log.default")));
        Assert.Equal(["log"], conf.Sections("charon.filelog"));
        Assert.Equal("libstrongswan.prot", Assert.Single(conf.Unasked("charon")).Path);
    }

    [Fact]
    public void Unreadable_numbers_keep_the_default() =>
        Assert.Equal(new Settings(), CharonSettings.Read(Parse("charon { port = 70000\n retransmit_tries = many\n keep_alive = soon\n retransmit_timeout = NaN\n rsa_pss = perhaps\n}")));

    [Fact]
    public void Rules_of_redirecting_and_those_that_are_wrong()
    {
        var settings = CharonSettings.Read(Parse("""
            charon {
                x-redirect {
                    full { gateway = vpn2.example.org, 192.0.2.9
                        above = 1000
                    }
                    branch { at = auth
                        gateway = 2001:db8::1
                        peer_ip = 192.0.2.0/24
                        peer_id = *.example.org
                        ike = rw
                    }
                    a { at = auth }
                    b { gateway = carol@example.org }
                    c { gateway = 192.0.2.9
                        peer_id = carol }
                    d { gateway = 192.0.2.9
                        abov = 3 }
                    e { gateway = 192.0.2.9
                        above = many }
                    f { gateway = 192.0.2.9
                        peer_ip = dynamic }
                    g { gateway = 192.0.2.9
                        at = last }
                }
            }
            """));
        Assert.Equal(["full: init 'vpn2.example.org 192.0.2.9' from - '-' - above 1000", "branch: auth '2001:db8::1' from 192.0.2.0/24 '*.example.org' rw above -"], settings.Redirects.Select(r =>
            $"{r.Name}: {(r.IsAfterAuthentication ? "auth" : "init")} '{string.Join(' ', r.Gateways)}' from {r.PeerIp?.ToString() ?? "-"} '{r.PeerId?.ToString() ?? "-"}' {r.Connection ?? "-"} above {r.Above?.ToString() ?? "-"}"));
        string[] wrong =
        [
            "charon.x-redirect.a has no effect: 'gateway' is missing, the addresses or host names to which clients go",
            "charon.x-redirect.b has no effect: 'gateway': 'carol@example.org' is no address and no host name",
            "charon.x-redirect.c has no effect: 'peer_id' and 'ike' are not known before authentication; they need 'at = auth'",
            "charon.x-redirect.d has no effect: unknown key 'abov', perhaps 'above' is meant",
            "charon.x-redirect.e has no effect: 'above': 'many' is no number",
            "charon.x-redirect.f has no effect: 'peer_ip': 'dynamic' is no address, subnet or range",
            "charon.x-redirect.g has no effect: 'at': 'last' is neither 'init' nor 'auth'",
        ];
        Assert.Equal(string.Join('\n', wrong), string.Join('\n', settings.Ignored));
    }

    [Fact]
    public void Server_attributes_come_from_dns_nbns_and_attr()
    {
        var settings = CharonSettings.Read(Parse("charon : base {\n dns1 = 10.1.0.53\n dns2 = fd01::53\n nbns1 = 10.1.0.54\n nbns2 = nonsense\n plugins { attr {\n load = yes\n subnet = 10.1.0.0/16, fd01::/64\n"
            + " dns-domain = example.org\n 20000 = text\n split-include = 10.0.0.0/8\n dns = nonsense\n nosuch = 10.0.0.1\n 40000 = 1\n } }\n}\nbase { plugins { attr { nbns = 10.1.0.55\n } } }\n"));
        Assert.Equal(["3:0A010035", "4:0A010036", "10:FD010000000000000000000000000053", "13:0A010000FFFF0000", "15:FD01000000000000000000000000000040", "25:6578616D706C652E6F7267",
            "20000:74657874", "4:0A010037"], settings.Attributes.Select(a => $"{a.Type}:{Convert.ToHexString(a.Value)}"));
        Assert.Equal("3:0A010035", Assert.Single(CharonSettings.Read(Parse("charon {\n dns1 = 10.1.0.53\n plugins { attr { load = no\n nbns = 10.1.0.55\n } }\n}\n")).Attributes
            .Select(a => $"{a.Type}:{Convert.ToHexString(a.Value)}")));
    }
}
