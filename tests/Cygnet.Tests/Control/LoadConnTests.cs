// The daemon's side of load-conn: defaults, every key, and the texts of the errors. docs/vici.md, swanctl.conf(5).
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Tests.Control;

public sealed class LoadConnTests
{
    // "a.b=x" sets a value below section a, "a.b[]=x,y" a list, "a.b{}" an empty section.
    static ViciSection Section(params string[] settings)
    {
        var root = new ViciSection("c");
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=');
            var path = (equals < 0 ? setting : setting[..equals]).Split('.');
            var value = equals < 0 ? "" : setting[(equals + 1)..];
            var at = root;
            foreach (var name in path[..^1]) at = at.Section(name) ?? at.AddSection(name);
            if (path[^1].EndsWith("{}", StringComparison.Ordinal)) at.AddSection(path[^1][..^2]);
            else if (path[^1].EndsWith("[]", StringComparison.Ordinal)) at.AddList(path[^1][..^2], value.Length == 0 ? [] : value.Split(','));
            else at.Add(path[^1], value);
        }
        return root;
    }

    static Connection Load(params string[] settings)
    {
        Assert.True(LoadConn.TryParse("c", Section(settings), out var connection, out var error), error);
        // What others have said alike makes no difference, and neither does one's own name.
        var alike = new LoadedAlike();
        Assert.True(LoadConn.TryParse("before", Section(settings), out _, out _, alike));
        Assert.True(LoadConn.TryParse("c", Section(settings), out var again, out _, alike));
        Assert.Equal(connection, again);
        return connection;
    }

    [Fact]
    public void What_one_has_said_counts_for_none_that_says_something_else()
    {
        var alike = new LoadedAlike();
        Connection Read(params string[] settings)
        {
            Assert.True(LoadConn.TryParse("c", Section(settings), out var connection, out var error, alike), error);
            Assert.Equal(Load(settings), connection);
            return connection;
        }
        Assert.Equal("10.0.0.1", Assert.Single(Read("mobike=no", "vips[]=10.0.0.1", "pools[]=a", "x-dns[]=10.0.0.2", "children.net.mode=transport", "children.net.reqid=7").Vips).ToString());
        var next = Read("mobike=no", "children.net.mode=transport", "children.net.reqid=7", "children.web.mode=transport", "children.web.reqid=8");
        Assert.Empty(next.Vips);
        Assert.Empty(next.Pools);
        Assert.Equal([7u, 8u], next.Children.Select(c => c.Reqid));
        Assert.True(Read("children.net.reqid=7").Mobike);
        Assert.False(Read("mobike=no", "encap=yes").Mobike);
        // One that is refused leaves nothing behind, and is refused again.
        for (var i = 0; i < 2; i++)
        {
            Assert.False(LoadConn.TryParse("c", Section("mobike=no", "dscp=nonsense"), out _, out var error, alike));
            Assert.Equal("invalid value for: dscp, config discarded", error);
            Assert.False(LoadConn.TryParse("c", Section("proposals[]=nonsense"), out _, out error, alike));
            Assert.Equal("invalid value for: proposals, config discarded", error);
        }
    }

    [Fact]
    public void More_proposals_than_are_kept_are_read_all_the_same()
    {
        var alike = new LoadedAlike();
        string[] ciphers = ["aes128", "aes192", "aes256"], hashes = ["sha256", "sha384", "sha512"], groups = ["modp2048", "modp3072", "ecp256", "ecp384", "ecp521", "x25519", "x448"];
        var texts = from a in ciphers from b in ciphers from h in hashes from i in hashes from g in groups select $"{a}-{b}-{h}-{i}-{g}";
        foreach (var text in texts.Concat(texts.Take(3)))
        {
            Assert.True(LoadConn.TryParse("c", Section($"proposals[]={text}"), out var connection, out var error, alike), error);
            Assert.True(ProposalText.TryParseOne(SecurityProtocol.Ike, text, out var proposal, out _));
            Assert.Equal(proposal, Assert.Single(connection.Proposals));
        }
    }

    [Theory]
    [InlineData("never", OcspPolicy.Never)]
    [InlineData("reply", OcspPolicy.Reply)]
    [InlineData("request", OcspPolicy.Request)]
    [InlineData("both", OcspPolicy.Reply | OcspPolicy.Request)]
    public void Ocsp_inside_ike_is_asked_for_or_sent(string word, OcspPolicy policy) => Assert.Equal(policy, Load($"ocsp={word}").Ocsp);

    [Fact]
    public void Defaults_are_those_of_swanctl()
    {
        var c = Load("local.auth=pubkey", "remote.auth=psk", "children.net{}");
        Assert.Equal(new Connection { Name = "c" } with
        {
            Proposals = ProposalText.Defaults(SecurityProtocol.Ike),
            Local = [new() { Class = AuthClass.PublicKey }],
            Remote = [new() { Class = AuthClass.Psk }],
            Children =
            [
                new() { Name = "net", Proposals = [.. ProposalText.Defaults(SecurityProtocol.Esp).Reverse()], Lifetimes = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(66), TimeSpan.FromMinutes(6)) },
            ],
            RekeyTime = TimeSpan.FromHours(4), OverTime = TimeSpan.FromMinutes(24), RandTime = TimeSpan.FromMinutes(24),
        }, c);
    }

    [Theory]
    [InlineData("reauth_time=10h", 36000, 0, 3600, 3600)]
    [InlineData("reauth_time=0", 0, 0, 0, 0)]
    [InlineData("rekey_time=1000", 0, 1000, 100, 100)]
    [InlineData("rekey_time=1000 over_time=900", 0, 1000, 900, 500)]
    [InlineData("rekey_time=1000 reauth_time=100", 100, 1000, 100, 50)]
    [InlineData("rekey_time=0 over_time=0", 0, 0, 0, 0)]
    [InlineData("rekey_time=0x10m rand_time=1M", 0, 960, 96, 60)]
    public void Ike_times_are_derived(string settings, int reauth, int rekey, int over, int rand)
    {
        var c = Load(settings.Split(' '));
        Assert.Equal((reauth, rekey, over, rand), (c.ReauthTime.TotalSeconds, c.RekeyTime.TotalSeconds, c.OverTime.TotalSeconds, c.RandTime.TotalSeconds));
    }

    [Theory]
    [InlineData("life_time=1100", 1000, 1100, 100)]
    [InlineData("rekey_time=1000", 1000, 1100, 100)]
    [InlineData("rekey_time=1000 life_time=1500", 1000, 1500, 500)]
    [InlineData("rekey_time=0 life_time=1500", 0, 1500, 1500)]
    [InlineData("rekey_time=1000 life_time=1500 rand_time=1", 1000, 1500, 1)]
    public void Child_times_are_derived(string settings, int rekey, int life, int rand)
    {
        var l = Load([.. settings.Split(' ').Select(s => $"children.net.{s}")]).Children[0].Lifetimes;
        Assert.Equal((rekey, life, rand), (l.Rekey.TotalSeconds, l.Life.TotalSeconds, l.Rand.TotalSeconds));
    }

    [Fact]
    public void Volumes_have_units()
    {
        var l = Load("children.net.rekey_bytes=10k", "children.net.life_packets=11").Children[0].Lifetimes;
        Assert.Equal((10240ul, 11264ul, 1024ul, 10ul, 11ul, 1ul), (l.RekeyBytes, l.LifeBytes, l.RandBytes, l.RekeyPackets, l.LifePackets, l.RandPackets));
        Assert.Equal(ulong.MaxValue, Load("children.net.life_bytes=9223372036854775807g").Children[0].Lifetimes.LifeBytes);
    }

    [Fact]
    public void Lists_accumulate_and_scalars_are_replaced()
    {
        var c = Load("version=0", "version=2", "proposals[]=aes128-sha256-x25519", "proposals[]=default", "children.net.local_ts[]=10.1.0.0/16,10.1.0.3-10.1.0.9[tcp/80]", "children.net.esp_proposals[]=aes128gcm16,default");
        Assert.Equal(IkeVersion.V2, c.Version);
        Assert.Equal(3, c.Proposals.Length);
        Assert.Equal("10.1.0.0/16, 10.1.0.3..10.1.0.9[tcp/http]", string.Join(", ", c.Children[0].LocalTs));
        Assert.Equal(["ESP:AES_GCM_16_128/NO_EXT_SEQ", ProposalText.Format(ProposalText.Defaults(SecurityProtocol.Esp)[1]), ProposalText.Format(ProposalText.Defaults(SecurityProtocol.Esp)[0])], c.Children[0].Proposals.Select(ProposalText.Format));
    }

    [Fact]
    public void An_empty_number_is_zero_and_too_much_is_all_there_can_be()
    {
        var c = Load("version=", "dpd_delay=", "keyingtries=4294967295", "mediation=no", "children.net.rekey_time=", "children.net.reqid=", "children.net.start_action=", "children.net.close_action=|",
            "children.net.life_bytes=99999999999999999999", "children.net.life_packets=18446744073709551615", "children.net.tfc_padding=MTU", "children.net.if_id_in=%Unique");
        var child = c.Children[0];
        Assert.Equal((IkeVersion.Any, TimeSpan.Zero, int.MaxValue), (c.Version, c.DpdDelay, c.KeyingTries));
        Assert.Equal((TimeSpan.Zero, 0u, ChildAction.None, ChildAction.None, -1, ChildConfig.UniqueIfId), (child.Lifetimes.Rekey, child.Reqid, child.StartAction, child.CloseAction, child.TfcPadding, child.IfIdIn));
        Assert.Equal((ulong.MaxValue, ulong.MaxValue), (child.Lifetimes.LifeBytes, child.Lifetimes.LifePackets));
    }

    [Fact]
    public void Addresses_pools_and_selectors_accumulate_too()
    {
        var c = Load("local_addrs[]=192.0.2.1", "local_addrs[]=192.0.2.2", "pools[]=a", "pools[]=b", "vips[]=0.0.0.0", "vips[]=::", "Children.net.local_ts[]=10.1.0.0/16", "Children.net.local_ts[]=10.2.0.0/16");
        Assert.Equal("192.0.2.1 192.0.2.2", string.Join(' ', c.LocalAddrs));
        Assert.Equal("a b", string.Join(' ', c.Pools));
        Assert.Equal(2, c.Vips.Length);
        Assert.Equal("10.1.0.0/16, 10.2.0.0/16", string.Join(", ", c.Children[0].LocalTs));
        Assert.True(LoadConn.TryParse("c", new ViciSection("c").AddList("remote_addrs", ["192.0.2.1, gate.example,192.0.2.0/24", ""]), out var split, out _));
        Assert.Equal("192.0.2.1 gate.example 192.0.2.0/24", string.Join(' ', split.RemoteAddrs));
        Assert.Equal("%any", string.Join(' ', split.LocalAddrs));
    }

    [Fact]
    public void Any_identity_is_listed_where_it_was_asked_for()
    {
        Assert.Equal("%any", $"{Load("remote.id=%any").Remote[0].Id}");
        Assert.Null(Load("remote.auth=psk").Remote[0].Id);
    }

    [Theory]
    [InlineData("PSK", AuthClass.Psk)]
    [InlineData("EAP-TLS", AuthClass.Eap)]
    public void Some_words_for_auth_may_be_in_capitals(string word, AuthClass expected) => Assert.Equal(expected, Load($"local.auth={word}").Local[0].Class);

    [Fact]
    public void A_round_without_auth_accepts_anything()
    {
        Assert.Equal(AuthClass.Any, Load().Remote[0].Class);
        Assert.Equal(AuthClass.Any, Load("remote.id=@x").Remote[0].Class);
        Assert.Equal(AuthClass.Any, Load("local.id=@x").Local[0].Class);
    }

    [Theory]
    [InlineData("foo=x", "unknown option: foo, config discarded")]
    [InlineData("Version=2", "unknown option: Version, config discarded")]
    [InlineData("foo[]=x", "unknown option: foo, config discarded")]
    [InlineData("local_addrs=x", "unknown option: local_addrs, config discarded")]
    [InlineData("version[]=2", "unknown option: version, config discarded")]
    [InlineData("x-foo=1", "unknown option: x-foo, config discarded")]
    [InlineData("foo{}", "invalid section: foo")]
    [InlineData("local.foo{}", "invalid section: foo")]
    [InlineData("children.net.foo{}", "invalid section: foo")]
    [InlineData("children.net.foo=1", "unknown option: foo, config discarded")]
    [InlineData("children.net.local_ts=x", "unknown option: local_ts, config discarded")]
    [InlineData("remote.foo=1", "unknown option: foo, config discarded")]
    [InlineData("version=3", "invalid value for: version, config discarded")]
    [InlineData("version=-1", "invalid value for: version, config discarded")]
    [InlineData("local_port=65536", "invalid value for: local_port, config discarded")]
    [InlineData("mobike=perhaps", "invalid value for: mobike, config discarded")]
    [InlineData("rekey_time=1w", "invalid value for: rekey_time, config discarded")]
    [InlineData("mediation=perhaps", "invalid value for: mediation, config discarded")]
    [InlineData("local_addrs[]=\u0001", "invalid value for: local_addrs, config discarded")]
    [InlineData("dscp=1011100", "invalid value for: dscp, config discarded")]
    [InlineData("unique=perhaps", "invalid value for: unique, config discarded")]
    [InlineData("proposals[]=aes128-sha256", "invalid value for: proposals, config discarded")]
    [InlineData("proposals[]=aes128gcm16-ecp256", "invalid value for: proposals, config discarded")]
    [InlineData("proposals[]=foo", "invalid value for: proposals, config discarded")]
    [InlineData("local.auth=foo", "invalid value for: auth, config discarded")]
    [InlineData("local.auth=RSA", "invalid value for: auth, config discarded")]
    [InlineData("local.certs[]=foo", "invalid value for: certs, config discarded")]
    [InlineData("remote.revocation=foo", "invalid value for: revocation, config discarded")]
    [InlineData("children.net.local_ts[]=foo", "invalid value for: local_ts, config discarded")]
    [InlineData("children.net.local_ts[]=10.1.0.0/16,", "invalid value for: local_ts, config discarded")]
    [InlineData("children.net.dpd_action=hold", "invalid value for: dpd_action, config discarded")]
    [InlineData("children.net.rekey_packets=1k", "invalid value for: rekey_packets, config discarded")]
    [InlineData("children.net.label=", "invalid value for: label, config discarded")]
    [InlineData("children.net.mode=foo", "invalid value for: mode, config discarded")]
    [InlineData("children.net.start_action=foo", "invalid value for: start_action, config discarded")]
    [InlineData("children.net.rekey_bytes=1t", "invalid value for: rekey_bytes, config discarded")]
    public void Errors_are_the_references(string setting, string error)
    {
        Assert.False(LoadConn.TryParse("c", Section(setting), out var connection, out var errmsg));
        Assert.Null(connection);
        Assert.Equal(error, errmsg);
    }

    [Theory]
    [InlineData("version=1")]
    [InlineData("aggressive=yes")]
    [InlineData("mediation=yes")]
    [InlineData("mediated_by=x")]
    [InlineData("mediation_peer=x")]
    [InlineData("proposals[]=serpent-sha256-modp2048")]
    [InlineData("local.auth=xauth")]
    [InlineData("pull=no")]
    [InlineData("local.xauth_id=carol")]
    [InlineData("children.net.mode=transport_proxy")]
    [InlineData("children.net.mode=iptfs")]
    [InlineData("children.net.label=x")]
    [InlineData("children.net.per_cpu_sas=encap")]
    [InlineData("children.net.icmp=yes")]
    public void What_is_not_built_is_refused_by_name(string setting)
    {
        Assert.False(LoadConn.TryParse("c", Section(setting), out _, out var errmsg));
        Assert.EndsWith("is not built yet in this version, config discarded", errmsg);
    }

    [Fact]
    public void Every_other_key_reaches_the_model()
    {
        var c = Load("send_certreq=no", "send_cert=always", "dpd_timeout=2m", "remote_port=4501", "encap=yes", "dscp=101110", "fragmentation=accept", "childless=force", "ocsp=both", "ppk_id=one", "ppk_required=yes",
            "remote.ca_id=CN=ca", "remote.revocation=ifuri", "local.eap_id=carol", "local.aaa_id=CN=aaa", "remote.groups[]=sales,finance", "remote.cert_policy[]=1.2.3,1.3.6.1",
            "children.net.hostaccess=yes", "children.net.policies=no", "children.net.inactivity=3m", "children.net.sha256_96=yes", "children.net.replay_window=64", "children.net.updown=/bin/true x");
        Assert.Equal((false, CertPolicy.Always, TimeSpan.FromMinutes(2), (ushort)4501, true, (byte)46), (c.SendCertReq, c.SendCert, c.DpdTimeout, c.RemotePort, c.ForceEncaps, c.Dscp));
        Assert.Equal((FragmentationPolicy.Accept, ChildlessPolicy.Force, OcspPolicy.Both, "one", true), (c.Fragmentation, c.Childless, c.Ocsp, c.PpkId, c.PpkRequired));
        Assert.Equal(("carol", "CN=aaa"), (c.Local.Single().EapId?.ToString(), c.Local.Single().AaaId?.ToString()));
        var peer = c.Remote.Single();
        Assert.Equal(("CN=ca", RevocationPolicy.IfUri), (peer.CaId?.ToString(), peer.Revocation));
        Assert.Equal(["sales", "finance"], peer.Groups.ToArray());
        Assert.Equal(["1.2.3", "1.3.6.1"], peer.CertPolicies.ToArray());
        var child = c.Children.Single();
        Assert.Equal((true, false, TimeSpan.FromMinutes(3), true, 64, "/bin/true x"), (child.HostAccess, child.InstallsPolicy, child.Inactivity, child.Sha256_96, child.ReplayWindow, child.Updown));
    }

    [Fact]
    public void A_child_can_be_all_that_the_model_says()
    {
        var c = Load("if_id_in=7", "children.net.mode=transport", "children.net.ah_proposals[]=sha256", "children.net.ipcomp=yes", "children.net.priority=5", "children.net.interface=eth0",
            "children.net.mark_in=0x15/0xf", "children.net.mark_out=%unique-dir", "children.net.set_mark_in=%same/0xff", "children.net.set_mark_out=5", "children.net.mark_in_sa=yes",
            "children.net.tfc_padding=mtu", "children.net.copy_df=no", "children.net.copy_ecn=no", "children.net.copy_dscp=in", "children.net.if_id_out=%unique").Children.Single();
        Assert.Equal((ChildMode.Transport, Cygnet.Crypto.SecurityProtocol.Ah, true, 5u, "eth0", -1), (c.Mode, c.Proposals.Single().Protocol, c.IpComp, c.Priority, c.Interface, c.TfcPadding));
        Assert.Equal((new Mark(5, 15), new Mark(0, uint.MaxValue) { IsUniquePerDirection = true }, new Mark(0, 255) { IsSame = true }, new Mark(5, uint.MaxValue), true),
            (c.MarkIn, c.MarkOut, c.SetMarkIn, c.SetMarkOut, c.MarkInSa));
        Assert.Equal((false, false, DscpCopy.In, 7u, ChildConfig.UniqueIfId), (c.CopyDf, c.CopyEcn, c.CopyDscp, c.IfIdIn, c.IfIdOut));
        Assert.Equal((true, false), (c.InheritsIfIdIn, c.InheritsIfIdOut));
        Assert.False(Load("children.net.mark_in=0/0", "children.net.mark_out=0").Children.Single().MarkIn.IsSet);
    }

    [Theory]
    [InlineData("children.net.mark_in=%same", "invalid value for: mark_in, config discarded")]
    [InlineData("children.net.set_mark_in=%unique-dir", "invalid value for: set_mark_in, config discarded")]
    [InlineData("children.net.mark_out=5/x", "invalid value for: mark_out, config discarded")]
    [InlineData("children.net.mark_out=0x1ffffffff", "invalid value for: mark_out, config discarded")]
    [InlineData("children.net.tfc_padding=65536", "invalid value for: tfc_padding, config discarded")]
    [InlineData("children.net.hw_offload=packet", "'hw_offload=packet': no data plane of this version hands packets to a network card; 'no' or 'auto' would do, config discarded")]
    public void Options_of_a_child_are_checked(string setting, string error)
    {
        Assert.False(LoadConn.TryParse("c", Section(setting), out _, out var errmsg));
        Assert.Equal(error, errmsg);
    }

    [Fact]
    public void A_child_has_ESP_or_AH()
    {
        Assert.False(LoadConn.TryParse("c", Section("children.net.ah_proposals[]=sha256", "children.net.esp_proposals[]=aes128-sha256"), out _, out var errmsg));
        Assert.Equal("child 'net' has both 'ah_proposals' and 'esp_proposals', it can have one of them only, config discarded", errmsg);
    }

    [Fact]
    public void Rounds_come_in_the_order_of_their_numbers()
    {
        var c = Load("local-a.auth=eap-mschapv2", "local-a.round=2", "local-a.eap_id=carol", "local-b.auth=psk", "local-b.round=1", "remote.auth=x-null");
        Assert.Equal([AuthClass.Psk, AuthClass.Eap], c.Local.Select(r => r.Class));
        Assert.Equal(("eap-mschapv2", Identity.Parse("carol")), (c.Local[1].Method, c.Local[1].EapId));
        Assert.Equal(AuthClass.Null, Assert.Single(c.Remote).Class);
    }

    [Theory]
    [InlineData("eap-tls:rsa-sha384", "eap-tls", "EAP_TLS")]
    [InlineData("eap", "eap", null)]
    [InlineData("eap-dynamic", "eap-dynamic", "EAP_DYNAMIC")]
    [InlineData("eap-25", "eap-25", "EAP_PEAP")]
    [InlineData("eap-7-36457", "eap-7-36457", "7-36457")]
    public void Eap_names_its_method(string auth, string method, string? listed)
    {
        var round = Load("local.auth=" + auth).Local[0];
        Assert.Equal((AuthClass.Eap, method), (round.Class, round.Method));
        Assert.Equal(auth.Contains(':') ? "rsa-sha384" : "", string.Join(' ', round.SignatureConstraints));
        Assert.Equal(listed, EapWord.Name(method));
    }

    [Theory]
    [InlineData("eap-nosuch")]
    [InlineData("eap-1-2-3")]
    [InlineData("eap-")]
    public void An_unknown_EAP_method_is_invalid(string auth)
    {
        Assert.False(LoadConn.TryParse("c", Section("local.auth=" + auth), out _, out var errmsg));
        Assert.Equal("invalid value for: auth, config discarded", errmsg);
    }

    [Theory]
    [InlineData("mark_in=0/0")]
    [InlineData("tfc_padding=0")]
    [InlineData("copy_df=1")]
    [InlineData("hw_offload=auto")]
    [InlineData("mode=Tunnel")]
    [InlineData("inactivity=0")]
    [InlineData("dpd_action=clear")]
    [InlineData("ipcomp=Disabled")]
    [InlineData("ah_proposals[]=")]
    [InlineData("local_ts[]=")]
    public void Values_that_change_nothing_are_accepted(string setting) => Assert.Equal(Load("children.net{}"), Load($"children.net.{setting}"));

    [Theory]
    [InlineData("none", ChildAction.None)]
    [InlineData("START", ChildAction.Start)]
    [InlineData("route", ChildAction.Trap)]
    [InlineData("trap|start", ChildAction.Trap | ChildAction.Start)]
    public void Actions_are_words_joined_by_bars(string text, ChildAction action) => Assert.Equal(action, Load($"children.net.start_action={text}").Children[0].StartAction);

    [Fact]
    public void Shunts_are_modes() => Assert.Equal(ChildMode.Pass, Load("children.net.mode=PASS").Children[0].Mode);

    [Fact]
    public void Virtual_addresses_pools_and_servers()
    {
        var c = Load("vips[]=0.0.0.0,::,%any,%any6,10.3.0.7", "pools[]=a,b", "x-dns[]=10.1.0.53", "x-request_dns[]=0.0.0.0,10.2.0.53");
        Assert.Equal("%any,%any6,%any,%any6,10.3.0.7", string.Join(',', c.Vips));
        Assert.Equal(["a", "b"], c.Pools.AsEnumerable());
        Assert.Equal("10.1.0.53", string.Join(',', c.Dns));
        Assert.Equal("%any,10.2.0.53", string.Join(',', c.RequestedDns));
        Assert.False(LoadConn.TryParse("c", Section("vips[]=bla"), out _, out var error));
        Assert.Equal("invalid value for: vips, config discarded", error);
    }
}
