// Every command of the protocol: what it says to requests that lack something or are wrong, and the keys of what it answers. docs/vici.md.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class EveryCommandTests
{
    // What is loaded when a request comes.
    static async Task<TestClient> Loaded(ControlSocket control)
    {
        control.Daemon.OnWish = wish =>
        {
            if (wish is Wish.Initiate i) i.Watcher?.Done(i.Connection.Name == "gw" ? null : "the peer does not answer");
            if (wish is Wish.TerminateIke t) t.Watcher?.Done(null);
            if (wish is Wish.Install { Watcher: { } w }) w.Done("no route");
        };
        var client = control.Connect();
        foreach (var (command, words) in ((string, string)[])
            [("load-conn", "gw.remote_addrs[]=192.0.2.2 gw.local.auth=psk gw.children.net{}"), ("load-conn", "far.children.off{}"), ("load-pool", "pool.addrs=10.3.0.0/28"),
                ("load-shared", "id=one type=IKE data=secret owners[]=moon,sun")])
            Assert.Equal("success=yes", Notation.Show(await client.Request(command, Notation.Message(words))));
        return client;
    }

    [Theory]
    [InlineData("version", "", "daemon=charon version=1.2.3 sysname=Linux release=6.1 machine=x86_64")]
    [InlineData("reload-settings", "", "success=yes")]
    [InlineData("initiate", "", "success=no errmsg=missing configuration name")]
    [InlineData("initiate", "child=nosuch", "success=no errmsg=CHILD_SA config 'nosuch' not found")]
    [InlineData("initiate", "ike=nosuch", "success=no errmsg=IKE_SA config 'nosuch' not found")]
    [InlineData("initiate", "ike=far child=net", "success=no errmsg=CHILD_SA config 'net' not found")]
    [InlineData("initiate", "child=net", "success=yes")]
    [InlineData("initiate", "ike=gw timeout=-1", "success=yes")]
    [InlineData("initiate", "child=off", "success=no errmsg=establishing CHILD_SA 'off' failed")]
    [InlineData("initiate", "ike=far timeout=nonsense", "success=no errmsg=establishing IKE_SA 'far' failed")]
    [InlineData("terminate", "", "success=no errmsg=missing terminate selector")]
    [InlineData("terminate", "ike-id=0", "success=no errmsg=missing terminate selector")]
    [InlineData("terminate", "ike=gw", "success=no matches=0 terminated=0 errmsg=no matching SAs to terminate found")]
    [InlineData("rekey", "reauth=yes", "success=no errmsg=missing rekey selector")]
    [InlineData("rekey", "child-id=7", "success=no matches=0 errmsg=no matching SAs to rekey found")]
    [InlineData("redirect", "ike=gw", "success=no errmsg=missing target gateway")]
    [InlineData("redirect", "gateway=a@b.c ike=gw", "success=no errmsg=unsupported gateway identity")]
    [InlineData("redirect", "gateway=192.0.2.9", "success=no errmsg=missing redirect selector")]
    [InlineData("redirect", "gateway=192.0.2.9 peer-ip=nonsense", "success=no errmsg=invalid peer IP selector")]
    [InlineData("redirect", "gateway=192.0.2.9 peer-ip=192.0.2.0/24", "success=no matches=0 errmsg=no matching SAs to redirect found")]
    [InlineData("install", "", "success=no errmsg=missing configuration name")]
    [InlineData("install", "child=nosuch", "success=no errmsg=configuration name not found")]
    [InlineData("install", "child=net ike=far", "success=no errmsg=configuration name not found")]
    [InlineData("install", "child=net", "success=no errmsg=installing policy 'net' failed x-reason=no route")]
    [InlineData("uninstall", "ike=gw", "success=no errmsg=missing configuration name")]
    [InlineData("uninstall", "child=net", "success=no errmsg=policy 'net' not found")]
    [InlineData("list-sas", "noblock=no", "")]
    [InlineData("list-policies", "trap=yes", "")]
    [InlineData("list-conns", "", "")]
    [InlineData("get-conns", "", "conns=[gw far]")]
    [InlineData("list-certs", "type=nonsense", "")]
    [InlineData("list-authorities", "", "")]
    [InlineData("get-authorities", "", "authorities=[]")]
    [InlineData("load-conn", "", "success=yes")]
    [InlineData("load-conn", "ignored=at+the+root new.children.a{}", "success=yes")]
    [InlineData("load-conn", "new.local.cert1{}", "success=no errmsg=handle or file path missing: cert1")]
    [InlineData("load-conn", "new.remote.cacert.file=/a new.remote.cacert.handle=50", "success=no errmsg=handle and file path given: cacert")]
    [InlineData("load-conn", "new.local.cert.file=/none", "success=no errmsg=unable to load certificate: cert ('/none' does not exist)")]
    [InlineData("load-conn", "new.local.cert.file=none", "success=no errmsg=unable to load certificate: cert ('file' takes an absolute path)")]
    [InlineData("load-conn", "new.local.cert.foo=1", "success=no errmsg=unknown option: foo, config discarded")]
    [InlineData("load-conn", "new.local.cert.handle=xy", "success=no errmsg=invalid value for: handle, config discarded")]
    [InlineData("load-conn", "new.children.cert.updown=a\\xffb", "success=no errmsg=invalid value for: updown, config discarded")]
    [InlineData("load-conn", "new.children.cert.local_ts[]=\\xff", "success=no errmsg=invalid value for: local_ts, config discarded")]
    [InlineData("load-conn", "new.local.id=\\xc3\\xa4@example.org", "success=yes")]
    [InlineData("unload-conn", "", "success=no errmsg=unload: missing connection name")]
    [InlineData("unload-conn", "name=nosuch", "success=no errmsg=unload: connection 'nosuch' not found")]
    [InlineData("unload-conn", "name=far", "success=yes")]
    [InlineData("load-cert", "data=x", "success=no errmsg=certificate type missing")]
    [InlineData("load-cert", "type=nonsense data=x", "success=no errmsg=invalid certificate type 'nonsense'")]
    [InlineData("load-cert", "type=X509 flag=nonsense data=x", "success=no errmsg=invalid certificate flag 'nonsense'")]
    [InlineData("load-cert", "type=X509", "success=no errmsg=certificate data missing")]
    [InlineData("load-cert", "type=pubkey", "success=no errmsg=certificate data missing")]
    [InlineData("load-cert", "type=x509ca data=x", "success=no errmsg=parsing X509 certificate failed")]
    [InlineData("load-cert", "type=X509_AC data=x", "success=no errmsg=parsing X509_AC certificate failed")]
    [InlineData("load-cert", "type=PubKey data=x", "success=no errmsg=parsing PUBKEY certificate failed")]
    [InlineData("load-cert", "type=PGP data=x", "success=no errmsg=parsing PGP certificate failed")]
    [InlineData("load-cert", "type=any data=x", "success=no errmsg=parsing ANY certificate failed")]
    [InlineData("load-key", "data=x", "success=no errmsg=key type missing")]
    [InlineData("load-key", "type=dsa data=x", "success=no errmsg=invalid key type: dsa")]
    [InlineData("load-key", "type=RSA", "success=no errmsg=key data missing")]
    [InlineData("load-key", "type=any data=x", "success=no errmsg=parsing ANY private key failed")]
    [InlineData("unload-key", "", "success=no errmsg=key id missing")]
    [InlineData("unload-key", "id=00", "success=no errmsg=key not found")]
    [InlineData("get-keys", "", "keys=[]")]
    [InlineData("load-token", "slot=1", "success=no errmsg=keyid missing")]
    [InlineData("load-shared", "data=x", "success=no errmsg=shared key type missing")]
    [InlineData("load-shared", "type=nonsense data=x", "success=no errmsg=invalid shared key type: nonsense")]
    [InlineData("load-shared", "type=ppk", "success=no errmsg=shared key data missing")]
    [InlineData("load-shared", "type=xauth data=x owners[]=\\x01", "success=no errmsg=parsing shared key owners failed")]
    [InlineData("load-shared", "type=NTLM data=x", "success=yes")]
    [InlineData("unload-shared", "", "success=no errmsg=unique identifier missing")]
    [InlineData("unload-shared", "id=nosuch", "success=yes")]
    [InlineData("get-shared", "", "keys=[one]")]
    [InlineData("flush-certs", "type=nonsense", "success=no errmsg=invalid certificate type 'nonsense'")]
    [InlineData("flush-certs", "type=OCSP_REQUEST", "success=yes")]
    [InlineData("clear-creds", "", "success=yes")]
    [InlineData("load-authority", "ca{}", "success=no errmsg=CA certificate missing: ca")]
    [InlineData("load-authority", "ca.cacert=x", "success=no errmsg=CA certificate missing: ca")]
    [InlineData("load-authority", "ca.file=/none", "success=no errmsg=CA certificate missing: ca ('/none' does not exist)")]
    [InlineData("load-authority", "ca.handle=zz", "success=no errmsg=invalid value for: handle, authority discarded")]
    [InlineData("load-authority", "ca.slot=-1", "success=no errmsg=invalid value for: slot, authority discarded")]
    [InlineData("load-authority", "ca.crl_uris[]=http://a,\\x01", "success=no errmsg=invalid value for: crl_uris, authority discarded")]
    [InlineData("load-authority", "ca.crl_uris=http://a", "success=no errmsg=unknown option: crl_uris, authority discarded")]
    [InlineData("load-authority", "ca.foo=1", "success=no errmsg=unknown option: foo, authority discarded")]
    [InlineData("unload-authority", "", "success=no errmsg=unload: missing authority name")]
    [InlineData("unload-authority", "name=nosuch", "success=no errmsg=unload: authority 'nosuch' not found")]
    [InlineData("load-pool", "p{}", "success=no errmsg=missing addrs for pool 'p'")]
    [InlineData("load-pool", "p.addrs=x", "success=no errmsg=invalid addrs value: x")]
    [InlineData("load-pool", "p.addrs=\\x01", "success=no errmsg=invalid addrs value")]
    [InlineData("load-pool", "p.addrs=10.0.0.0/24 p.addrs=10.0.1.0/24", "success=no errmsg=multiple addrs defined")]
    [InlineData("load-pool", "p.foo[]=10.0.0.1", "success=no errmsg=invalid attribute: foo")]
    [InlineData("load-pool", "p.dns[]=x", "success=no errmsg=invalid attribute value for dns")]
    [InlineData("unload-pool", "", "success=no errmsg=missing pool name to unload")]
    [InlineData("unload-pool", "name=nosuch", "success=no errmsg=nosuch not found")]
    [InlineData("get-pools", "", "pool {base=10.3.0.0 size=14 online=0 offline=0}")]
    [InlineData("get-pools", "leases=yes", "pool {base=10.3.0.0 size=14 online=0 offline=0 leases {}}")]
    [InlineData("get-pools", "name=nosuch", "")]
    [InlineData("get-counters", "name=nosuch", "counters {} success=no errmsg=no counters found for this connection")]
    [InlineData("reset-counters", "name=nosuch", "success=yes")]
    [InlineData("get-counters", "name=", "counters {} success=no errmsg=no counters found for this connection")]
    // A name that is not ASCII is nobody's here; the request does not go on without it.
    [InlineData("get-counters", "name=b\\xc3\\xbcro", "counters {} success=no errmsg=no counters found for this connection")]
    [InlineData("terminate", "ike=b\\xc3\\xbcro child=net", "success=no matches=0 terminated=0 errmsg=no matching SAs to terminate found")]
    [InlineData("rekey", "ike=\\xff child=net", "success=no matches=0 errmsg=no matching SAs to rekey found")]
    [InlineData("redirect", "gateway=192.0.2.9 peer-id=\\xc3\\xbc ike=gw", "success=no matches=0 errmsg=no matching SAs to redirect found")]
    [InlineData("install", "child=net ike=b\\xc3\\xbcro", "success=no errmsg=configuration name not found")]
    [InlineData("uninstall", "child=\\x01", "success=no errmsg=missing configuration name")]
    [InlineData("x-set-loglevel", "group=\\xc3\\xbc level=1", "success=no errmsg=0x756e6b6e6f776e20747970652027c3bc27")]
    [InlineData("get-pools", "name=\\xc3\\xbc", "")]
    public async Task Says_what_the_reference_says(string command, string request, string answer)
    {
        await using var control = new ControlSocket();
        using var client = await Loaded(control);
        Assert.Equal(answer, Notation.Show(await client.Request(command, Notation.Message(request))));
    }

    [Fact]
    public async Task Stats_have_every_number_that_exporters_read()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var stats = await client.Request("stats");
        Assert.Equal(["uptime", "workers", "queues", "scheduled", "ikesas", "plugins", "mallinfo"], stats.Elements.Select(e => e.Name));
        Assert.Equal(["total", "idle", "active"], stats.Section("workers")!.Elements.Select(e => e.Name));
        foreach (var section in (ViciSection[])[stats.Section("workers")!.Section("active")!, stats.Section("queues")!])
            Assert.Equal(["critical", "high", "medium", "low"], section.Elements.Select(e => e.Name));
        Assert.Equal(["sbrk", "mmap", "used", "free"], stats.Section("mallinfo")!.Elements.Select(e => e.Name));
        Assert.All(stats.Section("mallinfo")!.Values, v => ulong.Parse(v.Text!));
        Assert.Equal("total=0 half-open=0", Notation.Show(stats.Section("ikesas")!));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    public async Task A_clock_that_jumps_moves_the_beginning_and_not_the_uptime(int hours)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        control.Daemon.WallTime = new DateTimeOffset(new DateTime(2026, 11, 1, 12, 0, 0, DateTimeKind.Local)).AddHours(hours);
        control.Daemon.Now = new(control.Daemon.Started.Milliseconds + 90_000);
        var began = new DateTime(2026, 11, 1, 11, 58, 30).AddHours(hours);
        Assert.Equal($"running=90 seconds since={began.ToString("MMM dd HH:mm:ss yyyy", System.Globalization.CultureInfo.InvariantCulture)}",
            Notation.Show((await client.Request("stats")).Section("uptime")!));
    }

    [Fact]
    public async Task Counters_of_all_are_without_the_global_ones()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Equal(["net"], (await client.Request("get-counters", Notation.Message("all=yes"))).Section("counters")!.Sections.Select(s => s.Name));
        var global = Assert.Single((await client.Request("get-counters")).Section("counters")!.Sections);
        Assert.Equal("", global.Name);
        Assert.Equal((21, "ike-rekey-init", "info-out-resp"), (global.Elements.Count, global.Elements[0].Name, global.Elements[^1].Name));
    }

    [Fact]
    public async Task Algorithms_come_by_kind()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Equal(["encryption", "integrity", "aead", "hasher", "prf", "xof", "kdf", "drbg", "ke", "rng", "nonce-gen"], (await client.Request("get-algorithms")).Elements.Select(e => e.Name));
    }

    [Fact]
    public async Task A_listed_connection_has_what_was_configured()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Equal("success=yes", Notation.Show(await client.Request("load-conn", Notation.Message(
            "gw.local_addrs[]=192.0.2.1 gw.remote_addrs[]=192.0.2.2,sun.example gw.version=2 gw.dpd_delay=30s gw.unique=keep gw.ppk_id=@ppk gw.ppk_required=yes gw.proposals[]=aes128-sha256-x25519 "
            + "gw.local.auth=psk gw.local.id=moon gw.remote.auth=pubkey gw.remote.revocation=strict gw.remote.groups[]=sales gw.remote.cert_policy[]=1.2.3 "
            + "gw.children.net.local_ts[]=10.1.0.0/16 gw.children.net.start_action=none gw.children.net.dpd_action=trap gw.children.net.close_action=trap|start gw.children.net.rekey_bytes=1k "
            + "gw.children.net.interface=eth0 gw.children.net.priority=7"))));
        var (events, response) = await client.Stream("list-conn", "list-conns", Notation.Message("ike=gw"));
        Assert.Equal(("", "gw {local_addrs=[192.0.2.1] remote_addrs=[192.0.2.2 sun.example] local_port=500 remote_port=500 version=IKEv2 reauth_time=0 rekey_time=14400 unique=UNIQUE_KEEP dpd_delay=30 "
            + "ppk_id=ppk ppk_required=yes local-1 {class=pre-shared key id=moon groups=[] cert_policy=[] certs=[] cacerts=[]} remote-1 {class=public key revocation=GOOD groups=[sales] cert_policy=[1.2.3] certs=[] cacerts=[]} "
            + "children {net {mode=TUNNEL rekey_time=3600 rekey_bytes=1024 rekey_packets=0 dpd_action=trap close_action=trap | start local-ts=[10.1.0.0/16] remote-ts=[dynamic] interface=eth0 priority=7}}}"),
            (Notation.Show(response), Notation.Show(Assert.Single(events).Message)));
        using var other = control.Connect();
        Assert.Empty((await other.Stream("list-conn", "list-conns", Notation.Message("ike=nosuch"))).Events);
    }

    [Fact]
    public async Task A_certificate_may_be_named_by_its_file()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        control.Daemon.Files["/etc/ca.der"] = made.RawData;
        Assert.Equal("success=yes", Notation.Show(await client.Request("load-conn", Notation.Message("gw.local.cert.file=/etc/ca.der gw.remote.cacert-1.file=/etc/ca.der"))));
        var connection = Assert.Single(control.Daemon.Store.Current.Connections);
        Assert.Equal(made.RawData, Assert.Single(connection.Local[0].Certificates));
        Assert.Equal(made.RawData, Assert.Single(connection.Remote[0].CaCertificates));
        Assert.Equal("CN=ca", connection.Local[0].Id!.ToString());
        Assert.Equal("success=yes", Notation.Show(await client.Request("load-authority", Notation.Message("ca.file=/etc/ca.der ca.ocsp_uris[]=http://a,http://b"))));
        Assert.Equal("ca {cacert=CN=ca crl_uris=[] ocsp_uris=[http://a http://b]}", Notation.Show(Assert.Single((await client.Stream("list-authority", "list-authorities")).Events).Message));
        // What is sent goes before what is named.
        Assert.Equal("success=no errmsg=CA certificate missing: ca", Notation.Show(await client.Request("load-authority", Notation.Message("ca.file=/etc/ca.der ca.cacert=x"))));
    }

    [Fact]
    public async Task A_raw_public_key_is_listed_and_cleared()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var info = key.ExportSubjectPublicKeyInfo();
        Assert.Equal("success=yes", Notation.Show(await client.Request("load-cert", new ViciSection().Add("type", "PUBKEY").Add("data", info))));
        Assert.Equal("success=yes", Notation.Show(await client.Request("load-cert", new ViciSection().Add("type", "PUBKEY").Add("data", System.Text.Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem())))));
        var listed = Assert.Single((await client.Stream("list-cert", "list-certs", Notation.Message("type=pubkey"))).Events).Message;
        Assert.Equal(["type", "data"], listed.Elements.Select(e => e.Name));
        Assert.Equal(info, listed.Bytes("data"));
        Assert.StartsWith("success=yes id=", Notation.Show(await client.Request("load-key", new ViciSection().Add("type", "any").Add("data", key.ExportPkcs8PrivateKey()))));
        using var other = control.Connect();
        Assert.Equal("yes", Assert.Single((await other.Stream("list-cert", "list-certs")).Events).Message.Text("has_privkey"));
        await client.Request("clear-creds");
        using var third = control.Connect();
        Assert.Empty((await third.Stream("list-cert", "list-certs")).Events);
    }

    [Fact]
    public async Task Credentials_of_ipsec_conf_are_not_cleared()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        foreach (var source in (string?[])[null, "ipsec.conf"])
        {
            await client.Request("load-shared", new ViciSection().Add("id", "s").Add("type", "IKE").Add("data", "x").Add("x-source", source));
            await client.Request("load-cert", new ViciSection().Add("type", "X509").Add("data", made.RawData).Add("x-source", source));
        }
        await client.Request("clear-creds");
        var kept = control.Daemon.Store.Current.Credentials;
        Assert.Equal(("ipsec.conf", "ipsec.conf"), (Assert.Single(kept.Secrets).Source, Assert.Single(kept.Certificates).Source));
    }

    [Fact]
    public async Task What_precedes_the_error_of_a_malformed_message_counts_where_keys_are_looked_up()
    {
        await using var control = new ControlSocket();
        using var client = await Loaded(control);
        // name=far, then an item outside of a list
        client.SendSegment([0, 11, .. "unload-conn"u8, 3, 4, .. "name"u8, 0, 3, .. "far"u8, 5, 0, 1, 65]);
        Assert.Equal("success=yes", Notation.Show((await client.Receive())!.Message));
        foreach (var (command, error) in ((string, string)[])[("load-conn", "parsing request failed"), ("load-authority", "parsing request failed"), ("load-pool", "parsing request failed")])
        {
            client.SendSegment([0, (byte)command.Length, .. System.Text.Encoding.ASCII.GetBytes(command), 1, 1, (byte)'a', 5]);
            Assert.Equal($"success=no errmsg={error}", Notation.Show((await client.Receive())!.Message));
        }
        client.SendSegment([0, 11, .. "load-shared"u8, 3, 4, .. "type"u8, 0, 3, .. "ike"u8, 3, 4, .. "data"u8, 0, 1, 65, 4, 6, .. "owners"u8, 1]);
        Assert.Equal("success=no errmsg=parsing shared key owners failed", Notation.Show((await client.Receive())!.Message));
    }

    [Fact]
    public async Task A_response_comes_for_every_name_of_the_table()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        string[] standard =
        [
            "version", "stats", "reload-settings", "initiate", "terminate", "rekey", "redirect", "install", "uninstall", "list-sas", "list-policies", "list-conns", "get-conns", "list-certs",
            "list-authorities", "get-authorities", "load-conn", "unload-conn", "load-cert", "load-key", "unload-key", "get-keys", "load-token", "load-shared", "unload-shared", "get-shared",
            "flush-certs", "clear-creds", "load-authority", "unload-authority", "load-pool", "unload-pool", "get-pools", "get-algorithms", "get-counters", "reset-counters",
        ];
        var names = (await client.Request("x-capabilities")).List("commands");
        Assert.Empty(standard.Except(names));
        Assert.All(names.Except(standard), name => Assert.StartsWith(Commands.ExtensionPrefix, name));
        foreach (var name in names.Except(["x-shutdown"])) await client.Request(name);
        Assert.Equal(["log", "control-log", "list-sa", "list-policy", "list-conn", "list-cert", "list-authority", "ike-updown", "ike-rekey", "ike-update", "child-updown", "child-rekey", "alert"],
            (await client.Request("x-capabilities")).List("events").Where(e => !e.StartsWith(Commands.ExtensionPrefix, StringComparison.Ordinal)));
        foreach (var name in EventHub.Names)
        {
            client.Send(new(ViciPacketType.EventRegister, name));
            Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        }
        client.Send(new(ViciPacketType.EventRegister, "Log"));
        ViciPacket packet;
        while ((packet = (await client.Receive())!).Type == ViciPacketType.Event) { }
        Assert.Equal(ViciPacketType.EventUnknown, packet.Type);
    }
}
