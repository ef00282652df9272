// ipsec.conf and ipsec.secrets as VICI requests. swanctl.conf(5).
using System.Text;
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;

namespace Cygnet.Tests.Config;

public sealed partial class LoweringTests
{
    static readonly IpsecDirectories _directories = new("/etc/ipsec.d");

    static MemoryFiles Files(string conf, string secrets = "")
    {
        var files = MemoryFiles.With("/etc/ipsec.conf", conf);
        files["/etc/ipsec.secrets"] = secrets;
        files["/etc/ipsec.d/cacerts/ca.pem"] = Fixtures.RootCa;
        foreach (var host in (string[])["moon", "sun"])
        {
            files[$"/etc/ipsec.d/certs/{host}-rsa.pem"] = Fixtures.Rsa;
            files[$"/etc/ipsec.d/certs/{host}-ecdsa.pem"] = Fixtures.Ecdsa;
            files[$"/etc/ipsec.d/certs/{host}-ed25519.pem"] = Fixtures.Ed25519;
        }
        return files;
    }

    static LoadPlan Plan(MemoryFiles files, string local, PassphraseDialogue? ask = null) => Lowering.Plan(
        ConfCheck.Of(StrongSwanConf.Parse("/etc/ipsec.conf", files)), IpsecSecrets.Parse("/etc/ipsec.secrets", files), files, _directories, a => a == local, ask);

    static LoadPlan Plan(string conf, string local = "192.0.2.1") => Plan(Files(conf), local);

    // Through the codec and the daemon's reading, as it will happen.
    static Connection Load(PlannedConnection planned)
    {
        var encoded = Vici.Encode(Assert.Single(planned.Requests).Message, out var reason);
        Assert.Null(reason);
        var message = new ViciSection();
        Assert.True(Vici.TryDecode(encoded, message));
        var section = Assert.Single(message.Sections);
        Assert.Equal(planned.Digest, ConnDigest.Of(section));
        Assert.True(LoadConn.TryParse(section.Name, section, out var connection, out var error), error);
        return connection;
    }

    static Connection One(string settings, string local = "192.0.2.1") =>
        Load(Assert.Single(Plan($"conn a\n left=192.0.2.1\n right=192.0.2.2\n auto=add\n {settings.Replace("\n", "\n ", StringComparison.Ordinal)}\n", local).Connections));

    [Fact]
    public void A_conn_that_the_protocol_cannot_carry_is_left_out_by_name()
    {
        var plan = Plan("conn good\n right=192.0.2.2\n auto=add\nconn \"b\u00fcro\"\n right=192.0.2.3\n auto=add\n");
        Assert.Equal(["good"], plan.Connections.Select(c => c.Name));
        Assert.Equal("conn 'b\u00fcro': 'b\u00fcro' cannot be the name of an element", Assert.Single(plan.Errors).Detail);
    }

    [Fact]
    public void Moon_loads_what_is_built_and_names_the_rest()
    {
        var plan = Plan(Files(SampleConfigurations.Moon), "192.168.0.1");
        Assert.False(plan.IsFatal);
        Assert.Equal(["net-net", "rsa", "ecdsa", "ed25519", "local-pass", "bad-psk", "bad-ike", "bad-esp", "bad-ts", "bad-id", "nopeer", "rw"], plan.Connections.Select(c => c.Name));
        Assert.Equal(["net-net", "second-child", "trap"], plan.Connections[0].Children.Select(c => c.Name));
        Assert.All(plan.Connections, c => Load(c));
        Assert.Equal([PlannedAction.Add, PlannedAction.Add, PlannedAction.Route], plan.Connections[0].Children.Select(c => c.Action));
        Assert.Equal([ChildMode.Pass, ChildMode.Drop], Load(plan.Connections[4]).Children.Select(c => c.Mode));
        string[] refused = ["v1-main", "v1-aggr", "xauth"];
        var lines = plan.Errors.SelectMany(e => e.Lines).ToList();
        foreach (var conn in refused) Assert.Contains(lines, l => l.Contains($": conn '{conn}': '", StringComparison.Ordinal) && l.Contains("is not built yet in this version", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Contains("not built yet", l));
        Assert.True(Load(plan.Connections[3]).Children[0].IpComp);
    }

    [Fact]
    public void Sun_mirrors_moon()
    {
        var moon = Load(Plan(Files(SampleConfigurations.Moon), "192.168.0.1").Connections[0]);
        var sun = Load(Plan(Files(SampleConfigurations.Sun), "192.168.0.2").Connections[0]);
        Assert.Equal("net-net", sun.Name);
        Assert.Equal(moon.LocalAddrs.AsEnumerable(), sun.RemoteAddrs);
        Assert.Equal(moon.RemoteAddrs.AsEnumerable(), sun.LocalAddrs);
        Assert.Equal(moon.Local[0].Id, sun.Remote[0].Id);
        Assert.Equal(moon.Proposals.AsEnumerable(), sun.Proposals);
        Assert.Equal(moon.Children.Select(c => string.Join(',', c.LocalTs)), sun.Children.Select(c => string.Join(',', c.RemoteTs)));
    }

    [Fact]
    public void The_whole_of_a_connection()
    {
        var c = Load(Plan(Files(SampleConfigurations.Moon), "192.168.0.1").Connections[0]);
        Assert.Equal((IkeVersion.V2, 1, UniquePolicy.Replace, false, "ipsec.conf"), (c.Version, c.KeyingTries, c.Unique, c.Mobike, c.Source));
        Assert.Equal(["192.168.0.1"], c.LocalAddrs.AsEnumerable());
        Assert.Equal("IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048, IKE:AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384", ProposalText.Format(c.Proposals));
        Assert.Equal((AuthClass.Psk, "moon.strongswan.org"), (c.Local[0].Class, c.Local[0].Id!.ToString()));
        Assert.Equal((AuthClass.Psk, "sun.strongswan.org"), (c.Remote[0].Class, c.Remote[0].Id!.ToString()));
        // ikelifetime 60m and keylife 20m with a margin of 3m; reauth is the default.
        Assert.Equal((57, 0, 3, 3), (c.ReauthTime.TotalMinutes, c.RekeyTime.TotalMinutes, c.OverTime.TotalMinutes, c.RandTime.TotalMinutes));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (c.DpdDelay, c.DpdTimeout));
        var child = c.Children[0];
        Assert.Equal(new Lifetimes(TimeSpan.FromMinutes(17), TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(3)), child.Lifetimes);
        Assert.Equal("ESP:AES_GCM_16_128/NO_EXT_SEQ, ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ", ProposalText.Format(child.Proposals));
        Assert.Equal(("10.1.0.0/24", "10.2.0.0/24"), (string.Join(',', child.LocalTs), string.Join(',', child.RemoteTs)));
        Assert.Equal("10.1.9.0/24", string.Join(',', c.Children[1].LocalTs));
        Assert.Equal(ChildAction.None, child.StartAction);
    }

    [Fact]
    public void Defaults_are_those_of_the_reference()
    {
        var c = One("");
        Assert.Equal((IkeVersion.Any, 3, UniquePolicy.Replace, true), (c.Version, c.KeyingTries, c.Unique, c.Mobike));
        Assert.Equal((10260, 0, 540, 540), (c.ReauthTime.TotalSeconds, c.RekeyTime.TotalSeconds, c.OverTime.TotalSeconds, c.RandTime.TotalSeconds));
        Assert.Equal(ProposalText.Defaults(Cygnet.Crypto.SecurityProtocol.Ike).AsEnumerable(), c.Proposals);
        Assert.Equal(ProposalText.Defaults(Cygnet.Crypto.SecurityProtocol.Esp).AsEnumerable(), c.Children[0].Proposals);
        Assert.Equal((AuthClass.PublicKey, "192.0.2.1"), (c.Local[0].Class, c.Local[0].Id!.ToString()));
        Assert.Equal("192.0.2.2", c.Remote[0].Id!.ToString());
        Assert.Equal(TrafficSelector.Dynamic, Assert.Single(c.Children[0].LocalTs));
        Assert.Equal(new Lifetimes(TimeSpan.FromSeconds(3060), TimeSpan.FromHours(1), TimeSpan.FromMinutes(9)), c.Children[0].Lifetimes);
        Assert.Null(c.Children[0].ReplayWindow);
    }

    [Fact]
    public void Without_rekeying_there_are_no_limits()
    {
        var c = One("rekey=no\nlifebytes=1000\nmarginbytes=100");
        Assert.All(new[] { c.ReauthTime, c.RekeyTime, c.OverTime, c.RandTime }, t => Assert.Equal(TimeSpan.Zero, t));
        Assert.Equal(new Lifetimes(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), c.Children[0].Lifetimes);
    }

    [Fact]
    public void Volumes_and_fuzz()
    {
        var c = One("reauth=no\nrekeyfuzz=50%\nlifebytes=1000000\nmarginbytes=100000\nlifepackets=1000\nmarginpackets=100\nlifetime=2h\nikelifetime=1d\nmargintime=10m");
        Assert.Equal((0, 85800, 600, 300), (c.ReauthTime.TotalSeconds, c.RekeyTime.TotalSeconds, c.OverTime.TotalSeconds, c.RandTime.TotalSeconds));
        Assert.Equal(new Lifetimes(TimeSpan.FromSeconds(6600), TimeSpan.FromHours(2), TimeSpan.FromSeconds(300))
        {
            RekeyBytes = 900000, LifeBytes = 1000000, RandBytes = 50000, RekeyPackets = 900, LifePackets = 1000, RandPackets = 50,
        }, c.Children[0].Lifetimes);
    }

    [Fact]
    public void The_timeout_of_IKEv1_does_not_keep_conns_apart() =>
        Assert.Single(Plan("conn %default\n left=192.0.2.1\n right=192.0.2.2\n dpdaction=hold\n auto=add\nconn a\nconn b\n dpdtimeout=99\n").Connections);

    [Theory]
    [InlineData("authby=secret", AuthClass.Psk, AuthClass.Psk)]
    [InlineData("authby=psk\nleftauth=pubkey", AuthClass.PublicKey, AuthClass.PublicKey)]
    [InlineData("leftauth=psk", AuthClass.Psk, AuthClass.PublicKey)]
    [InlineData("rightauth=any", AuthClass.PublicKey, AuthClass.Any)]
    [InlineData("rightauth=nonsense", AuthClass.PublicKey, AuthClass.Any)]
    [InlineData("authby=rsasig", AuthClass.PublicKey, AuthClass.PublicKey)]
    public void Authentication(string setting, AuthClass local, AuthClass remote)
    {
        var c = One(setting);
        Assert.Equal((local, remote), (c.Local[0].Class, c.Remote[0].Class));
    }

    [Fact]
    public void Constraints_and_the_rest_of_an_end()
    {
        var c = One("leftauth=ike:rsa/pss-sha256\nrightauth=ecdsa-256-sha384\nrightca=\"C=CH, O=x\"\nrightid=%peer.example.org\nleftsendcert=yes\nrightsendcert=no");
        Assert.Equal("ike:rsa/pss-sha256", Assert.Single(c.Local[0].SignatureConstraints));
        Assert.Equal("ecdsa-256-sha384", Assert.Single(c.Remote[0].SignatureConstraints));
        Assert.Equal("C=CH, O=x", c.Remote[0].CaId!.ToString());
        Assert.Equal((true, "peer.example.org"), (c.Remote[0].IsIdLoose, c.Remote[0].Id!.ToString()));
        Assert.Equal((CertPolicy.Always, false), (c.SendCert, c.SendCertReq));
    }

    [Fact]
    public void The_CA_of_the_other_end_may_be_asked_of_the_peer()
    {
        Assert.Equal("C=CH, O=x", One("leftca=\"C=CH, O=x\"\nrightca=%same").Remote[0].CaId!.ToString());
        Assert.Null(One("rightca=%same").Remote[0].CaId);
        Assert.Null(One("leftca=\"C=CH, O=x\"").Remote[0].CaId);
    }

    [Fact]
    public void Raw_keys_are_read_where_they_stand()
    {
        var key = Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Rsa), out _)!.PublicKey;
        var c = One($"rightsigkey=0s{Convert.ToBase64String(key.KeyBits)}\nleftrsasigkey=0x{Convert.ToHexString(key.SubjectPublicKeyInfo)}");
        Assert.Equal(key.SubjectPublicKeyInfo, Assert.Single(c.Remote[0].PublicKeys));
        Assert.Equal(key.SubjectPublicKeyInfo, Assert.Single(c.Local[0].PublicKeys));
        Assert.Empty(One("rightsigkey=%cert").Remote[0].PublicKeys);
        var plan = Plan(Files("conn a\n right=192.0.2.2\n rightid=@sun\n rightsigkey=dns:0s!\n auto=add\n"), "192.0.2.1");
        Assert.Empty(plan.Connections);
        Assert.Equal(["  loading public key for \"sun\" failed", "/etc/ipsec.conf:4:14: conn 'a': 'rightsigkey=': not base64"], plan.Errors.SelectMany(e => e.Lines));
    }

    [Fact]
    public void Policies_are_asked_of_the_peer()
    {
        Assert.Equal(["1.2.3.4", "2.16.840.1"], One("rightcertpolicy=1.2.3.4, 2.16.840.1\nleftcertpolicy=1.2.3").Remote[0].CertPolicies.ToArray());
        var plan = Plan(Files("conn a\n right=192.0.2.2\n rightcertpolicy=1.2.3,gold\n auto=add\n"), "192.0.2.1");
        Assert.Empty(plan.Connections);
        Assert.Equal("/etc/ipsec.conf:3:18: 'gold': expected object identifiers in dotted form, separated by commas", Assert.Single(plan.Errors.SelectMany(e => e.Lines)));
    }

    [Fact]
    public void A_certificate_brings_its_identity()
    {
        var files = Files("conn a\n left=192.0.2.7\n leftcert=moon-ecdsa.pem\n right=192.0.2.2\n rightcert=sun-rsa.pem\n auto=add\n");
        var plan = Plan(files, "192.0.2.7");
        var c = Load(plan.Connections[0]);
        var own = Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Ecdsa), out _)!;
        var peer = Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Rsa), out _)!;
        Assert.Equal(own.Raw, Assert.Single(c.Local[0].Certificates));
        Assert.Equal(own.Subject, c.Local[0].Id);
        Assert.Equal(peer.Raw, Assert.Single(c.Remote[0].Certificates));
        Assert.Equal(peer.Subject, c.Remote[0].Id);
        Assert.Contains($"  loaded certificate \"{own.Subject}\" from 'moon-ecdsa.pem'", plan.Log);
        Assert.Contains($"  id '192.0.2.7' not confirmed by certificate, defaulting to '{own.Subject}'", plan.Log);
    }

    [Fact]
    public void A_missing_certificate_refuses_the_conn()
    {
        var plan = Plan("conn a\n leftcert=none.pem\n auto=add\nconn b\n auto=add\n");
        Assert.Equal("  loading certificate from 'none.pem' failed\n/etc/ipsec.conf:2:11: conn 'a': '/etc/ipsec.d/certs/none.pem': the file cannot be read", Assert.Single(plan.Errors).ToString());
        Assert.Equal("b", Assert.Single(plan.Connections).Name);
    }

    [Fact]
    public void A_bad_proposal_refuses_the_conn()
    {
        var plan = Plan("conn a\n ike=aes128-sha256-ecp256,aes128-sha256-mopd2048!\n auto=add\nconn b\n esp=aes128!\n auto=add\nconn c\n auto=add\n");
        Assert.Equal("c", Assert.Single(plan.Connections).Name);
        Assert.Equal(
            ["algorithm 'mopd2048' not recognized", "skipped invalid proposal string: aes128-sha256-mopd2048",
            "/etc/ipsec.conf:2:41: 'mopd2048': expected an algorithm of 'ipsec listalgs'; did you mean 'modp2048'?"], plan.Errors[0].Lines);
        Assert.Equal("an integrity algorithm is mandatory in ESP proposals", plan.Errors[1].Lines.First());
    }

    [Fact]
    public void Equal_ike_settings_share_a_connection()
    {
        const string Conf = "conn %default\n left=192.0.2.1\n right=192.0.2.2\n auto=add\nconn a\n leftsubnet=10.1.0.0/16\nconn b\n leftsubnet=10.2.0.0/16\n auto=start\nconn c\n ikelifetime=4h\nconn d\n auto=ignore\n";
        var plan = Plan(Conf);
        Assert.Equal(["a", "c"], plan.Connections.Select(c => c.Name));
        Assert.Equal([("a", PlannedAction.Add), ("b", PlannedAction.Start)], plan.Connections[0].Children.Select(c => (c.Name, c.Action)));
        Assert.Equal(["a", "b"], Load(plan.Connections[0]).Children.Select(c => c.Name));
        // A change of one child changes the digest of its connection and of no other.
        var changed = Plan(Conf.Replace("10.2.0.0/16", "10.3.0.0/16", StringComparison.Ordinal));
        Assert.NotEqual(plan.Connections[0].Digest, changed.Connections[0].Digest);
        Assert.Equal(plan.Connections[1].Digest, changed.Connections[1].Digest);
    }

    [Theory]
    [InlineData("no", UniquePolicy.No)]
    [InlineData("yes", UniquePolicy.Replace)]
    [InlineData("replace", UniquePolicy.Replace)]
    [InlineData("keep", UniquePolicy.Keep)]
    [InlineData("never", UniquePolicy.Never)]
    public void Uniqueids_is_for_all(string value, UniquePolicy policy) =>
        Assert.Equal(policy, Load(Plan($"config setup\n uniqueids={value}\nconn a\n auto=add\n").Connections[0]).Unique);

    [Fact]
    public void Small_settings_arrive()
    {
        var c = One("keyingtries=%forever\ndpdaction=clear\ndpddelay=10s\ndpdtimeout=40s\nforceencaps=yes\nfragmentation=no\nreqid=7\nreplay_window=64\nsha256_96=yes\ninstallpolicy=no\nmobike=no\nkeyexchange=ikev2");
        Assert.Equal((0, 10, 40), (c.KeyingTries, c.DpdDelay.TotalSeconds, c.DpdTimeout.TotalSeconds));
        Assert.Equal((true, FragmentationPolicy.No, false, IkeVersion.V2), (c.ForceEncaps, c.Fragmentation, c.Mobike, c.Version));
        Assert.Equal((7u, 64, true, false), (c.Children[0].Reqid, c.Children[0].ReplayWindow, c.Children[0].Sha256_96, c.Children[0].InstallsPolicy));
        Assert.False(One("").Children[0].Sha256_96);
    }

    [Theory]
    [InlineData("config setup\n strictcrlpolicy=perhaps\nconn a\n auto=add\n")]
    [InlineData("conn a\n auto=add\nfoo\n")]
    [InlineData("config setup\n uniqueids=perhaps\nconn a\n auto=add\n")]
    public void A_fatal_error_loads_nothing(string conf)
    {
        var plan = Plan(Files(conf, ": PSK x"), "192.0.2.1");
        Assert.True(plan.IsFatal);
        Assert.Empty(plan.Requests);
    }

    [Fact]
    public void A_second_round_has_keywords_of_its_own()
    {
        var c = One("leftauth=psk\nleftid=@moon\nleftauth2=eap-mschapv2\nleftid2=carol@moon\neap_identity=carol\naaa_identity=@aaa\nrightauth=psk\nrightauth2=pubkey");
        Assert.Equal([AuthClass.Psk, AuthClass.Eap], c.Local.Select(r => r.Class));
        Assert.Equal(("eap-mschapv2", Identity.Parse("carol@moon"), Identity.Parse("carol"), Identity.Parse("@aaa")), (c.Local[1].Method, c.Local[1].Id, c.Local[1].EapId, c.Local[1].AaaId));
        Assert.Null(c.Local[0].EapId);
        Assert.Equal([AuthClass.Psk, AuthClass.PublicKey], c.Remote.Select(r => r.Class));
        Assert.Null(c.Remote[1].Id); // any: a second identity of the peer is its own business
    }

    [Fact]
    public void Certificates_keys_and_CAs_of_a_second_round()
    {
        byte[] Der(string pem) => Certificate.TryParse(Encoding.ASCII.GetBytes(pem), out _)!.Raw;
        var c = One("leftcert=moon-ed25519.pem, moon-rsa.pem\nleftauth2=pubkey\nleftcert2=moon-ecdsa.pem\nleftca2=\"C=CH, O=x\"\nrightauth2=pubkey\nrightcert2=sun-ecdsa.pem,sun-rsa.pem\nrightca2=%same\nrightcertpolicy=1.2.3");
        Assert.Equal([Der(Fixtures.Ed25519), Der(Fixtures.Rsa)], c.Local[0].Certificates.ToArray());
        Assert.Equal([Der(Fixtures.Ecdsa)], c.Local[1].Certificates.ToArray());
        Assert.Equal([Der(Fixtures.Ecdsa), Der(Fixtures.Rsa)], c.Remote[1].Certificates.ToArray());
        // Without rightid2 the peer is who its certificate says.
        Assert.Equal(Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Ecdsa), out _)!.Subject, c.Remote[1].Id);
        Assert.Equal((null, "C=CH, O=x"), (c.Remote[0].CaId?.ToString(), c.Remote[1].CaId?.ToString()));
        // What is said of policies and raw keys goes for both rounds, where signatures are made.
        var key = Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Rsa), out _)!.PublicKey.SubjectPublicKeyInfo;
        var two = One($"rightsigkey=0x{Convert.ToHexString(key)}\nrightcertpolicy=1.2.3\nrightauth2=pubkey");
        Assert.Equal([key], two.Remote[1].PublicKeys.ToArray());
        Assert.Equal([1, 1], two.Remote.Select(r => r.CertPolicies.Length));
        var eap = One($"rightsigkey=0x{Convert.ToHexString(key)}\nrightcertpolicy=1.2.3\nrightauth2=eap-mschapv2");
        Assert.Equal((1, 0, 0), (eap.Remote[0].PublicKeys.Length, eap.Remote[1].PublicKeys.Length, eap.Remote[1].CertPolicies.Length));
    }

    [Fact]
    public void Certificates_of_a_second_round_that_there_is_not_are_loaded_for_EAP_TLS()
    {
        var plan = Plan(Files("conn a\n right=192.0.2.2\n leftauth=eap-tls\n leftcert2=moon-ecdsa.pem\n auto=add\n"), "192.0.2.1");
        Assert.Empty(plan.Errors);
        var loaded = Assert.Single(plan.Credentials, r => r.Command == "load-cert" && r.Message.Text("flag") == "NONE").Message;
        Assert.Equal(Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Ecdsa), out _)!.Raw, loaded.Bytes("data")!);
        Assert.Single(Load(Assert.Single(plan.Connections)).Local);
        Assert.Contains("'leftauth2='", Assert.Single(Plan(Files("conn a\n right=192.0.2.2\n leftcert2=%smartcard:50\n auto=add\n"), "192.0.2.1").Errors).ToString());
    }

    [Fact]
    public void Our_second_identity_is_our_first_unless_it_is_said() =>
        Assert.Equal(Identity.Parse("@moon"), One("leftid=@moon\nleftauth=psk\nleftauth2=eap").Local[1].Id);

    [Fact]
    public void A_server_asks_for_the_EAP_identity() => Assert.Equal(Identity.Any, One("rightauth=eap-md5\neap_identity=%identity").Remote[0].EapId);

    [Fact]
    public void What_only_swanctl_has_is_reached_by_x()
    {
        var c = One("x-ppk_id=shared\nx-ppk_required=yes\nx-ocsp=both\nleftauth=x-null\nrightauth=x-null");
        Assert.Equal(("shared", true, OcspPolicy.Both, AuthClass.Null, AuthClass.Null), (c.PpkId, c.PpkRequired, c.Ocsp, c.Local[0].Class, c.Remote[0].Class));
    }

    [Theory]
    [InlineData("carol : EAP \"pw\"", "eap", "  loaded EAP secret for carol")]
    [InlineData("carol : XAUTH \"pw\"", "eap", "  loaded EAP secret for carol")]
    [InlineData("carol : NTLM 0x00112233445566778899aabbccddeeff", "ntlm", "  loaded NTLM secret for carol")]
    [InlineData("shared : PPK 0x0102", "ppk", "  loaded PPK secret for shared")]
    public void Each_kind_of_shared_secret_is_sent(string line, string type, string log)
    {
        var plan = Plan(Files("", line + "\n"), "192.0.2.1");
        Assert.Equal(type, Assert.Single(plan.Credentials, c => c.Command == "load-shared").Message.Text("type"));
        Assert.Contains(log, plan.Log);
    }
}
