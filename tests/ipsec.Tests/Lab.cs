// What charon would tell of the two gateways of the golden texts.
using Cygnet.Control;

namespace Cygnet.Command.Tests;

static class Lab
{
    public static ViciSection Stats(int ikeSas, int halfOpen)
    {
        var s = new ViciSection();
        s.AddSection("uptime").Add("running", "11 seconds").Add("since", "Nov 21 23:03:08 2026");
        Four(s.AddSection("workers").Add("total", 16).Add("idle", 6).AddSection("active"), 6, 0, 4, 0);
        Four(s.AddSection("queues"), 0, 0, 0, 0);
        s.Add("scheduled", 43).AddSection("ikesas").Add("total", ikeSas).Add("half-open", halfOpen);
        s.AddList("plugins", ["charon", "openssl", "vici"]);
        s.AddSection("mallinfo").Add("sbrk", 3440640).Add("mmap", 0).Add("used", 1955984).Add("free", 1484656);
        return s;
    }

    static void Four(ViciSection s, int critical, int high, int medium, int low) =>
        s.Add("critical", critical).Add("high", high).Add("medium", medium).Add("low", low);

    public static ViciSection Version => new ViciSection().Add("daemon", "charon").Add("version", "0.1.0").Add("sysname", "Linux").Add("release", "6.1.0").Add("machine", "x86_64");

    public static ViciSection Pools
    {
        get
        {
            var s = new ViciSection();
            s.AddSection("10.3.0.0/28").Add("base", "10.3.0.1").Add("size", 14).Add("online", 0).Add("offline", 1);
            s.AddSection("config").Add("base", "%any").Add("size", 0).Add("online", 0).Add("offline", 0);
            return s;
        }
    }

    public static ViciSection Addresses => new ViciSection().AddList("addresses", ["192.168.0.1"]);

    static ViciSection Conn(string name, string remote, string version, int dpd, Action<ViciSection> rounds, params (string Name, string Local, string Remote, string Mode)[] children)
    {
        var message = new ViciSection();
        var c = message.AddSection(name).AddList("local_addrs", ["192.168.0.1"]).AddList("remote_addrs", [remote]).Add("version", version);
        if (dpd > 0) c.Add("dpd_delay", dpd);
        rounds(c);
        var s = c.AddSection("children");
        foreach (var (child, local, peer, mode) in children)
            s.AddSection(child).Add("mode", mode).Add("dpd_action", dpd > 0 ? "start" : "none").AddList("local-ts", local.Split(' ')).AddList("remote-ts", peer.Split(' '));
        return message;
    }

    static void Round(ViciSection conn, string name, string @class, string? id, string? cert = null, params (string Key, string Value)[] more)
    {
        var r = conn.AddSection(name).Add("class", @class);
        foreach (var (key, value) in more) r.Add(key, value);
        r.Add("id", id).AddList("groups", Array.Empty<string>()).AddList("certs", cert is null ? [] : [cert]).AddList("cacerts", Array.Empty<string>());
    }

    const string Moon = "C=CH, O=strongSwan Lab, OU=rsa, CN=moon.strongswan.org", Sun = "C=CH, O=strongSwan Lab, OU=rsa, CN=sun.strongswan.org";

    public static ViciSection[] Connections =>
    [
        Conn("net-net", "192.168.0.2", "IKEv2", 0, c =>
        {
            Round(c, "local-1", "pre-shared key", "moon.strongswan.org");
            Round(c, "remote-1", "pre-shared key", "sun.strongswan.org");
        }, ("net-net", "10.1.0.0/24", "10.2.0.0/24", "TUNNEL"), ("second-child", "10.1.9.0/24", "10.2.9.0/24", "TUNNEL"), ("trap", "10.1.4.0/24", "10.2.4.0/24", "TUNNEL")),
        Conn("rsa", "192.168.0.2", "IKEv2", 30, c =>
        {
            Round(c, "local-1", "public key", Moon, Moon);
            Round(c, "remote-1", "public key", Sun);
        }, ("rsa", "10.1.1.0/24", "10.2.1.0/24", "TUNNEL")),
        Conn("v1-aggr", "192.168.0.2", "IKEv1", 0, c =>
        {
            c.Add("x-aggressive", true);
            Round(c, "local-1", "pre-shared key", "moon-aggr");
            Round(c, "remote-1", "pre-shared key", "sun-aggr");
        }, ("v1-aggr", "10.1.6.0/24", "10.2.6.0/24", "TUNNEL")),
        Conn("local-pass", "192.168.0.2", "IKEv2", 0, c =>
        {
            Round(c, "local-1", "public key", "192.168.0.1");
            Round(c, "remote-1", "public key", "192.168.0.2");
        }, ("local-pass", "10.1.0.0/16", "10.1.0.0/16", "PASS"), ("local-drop", "10.1.0.0/16", "10.66.0.0/16[tcp/smtp]", "DROP")),
        Conn("rw", "%any", "IKEv2", 0, c =>
        {
            Round(c, "local-1", "public key", "moon.strongswan.org", Moon);
            Round(c, "remote-1", "EAP", "*@strongswan.org", null, ("eap-type", "EAP_MSCHAPV2"), ("eap_id", "%any"));
        }, ("rw", "10.1.0.0/16", "dynamic", "TUNNEL")),
        Conn("xauth", "%any", "IKEv1", 0, c =>
        {
            Round(c, "local-1", "pre-shared key", "moon-xauth");
            Round(c, "remote-1", "pre-shared key", "dave");
            Round(c, "remote-2", "XAuth", null);
        }, ("xauth", "10.1.0.0/16", "dynamic", "TUNNEL")),
    ];

    public static ViciSection[] Policies
    {
        get
        {
            var shunts = new[] { ("local-pass", "10.1.0.0/16", "PASS"), ("local-drop", "10.66.0.0/16[tcp/smtp]", "DROP") }.Select(p =>
            {
                var m = new ViciSection();
                m.AddSection($"local-pass/{p.Item1}").Add("child", p.Item1).Add("ike", "local-pass").Add("mode", p.Item3).AddList("local-ts", ["10.1.0.0/16"]).AddList("remote-ts", [p.Item2]);
                return m;
            });
            var trap = new ViciSection();
            trap.AddSection("net-net/trap").Add("child", "trap").Add("reqid", 1).Add("ike", "net-net").Add("mode", "TUNNEL").Add("x-uniqueid", 1).Add("x-state", "ROUTED")
                .AddList("local-ts", ["10.1.4.0/24"]).AddList("remote-ts", ["10.2.4.0/24"]);
            return [trap, .. shunts];
        }
    }

    static ViciSection Sa(string name, int id, string state, bool initiator, string spis, string localId, string remoteId, int established, (string Key, long Value) renewal, params Action<ViciSection>[] children)
    {
        var message = new ViciSection();
        var s = message.AddSection(name).Add("uniqueid", id).Add("version", 2).Add("state", state)
            .Add("local-host", "192.168.0.1").Add("local-port", 4500).Add("local-id", localId).Add("remote-host", "192.168.0.2").Add("remote-port", 4500).Add("remote-id", remoteId);
        if (initiator) s.Add("initiator", "yes");
        s.Add("initiator-spi", spis.Split(' ')[0]).Add("responder-spi", spis.Split(' ')[1]);
        s.Add("encr-alg", "AES_CBC").Add("encr-keysize", 128).Add("integ-alg", "HMAC_SHA2_256_128").Add("prf-alg", "PRF_HMAC_SHA2_256").Add("dh-group", "MODP_2048");
        if (state == "ESTABLISHED") s.Add("established", established);
        if (renewal.Key != "") s.Add(renewal.Key, renewal.Value);
        if (state == "CONNECTING") s.AddList("tasks-passive", ["IKE_INIT", "IKE_AUTH", "CHILD_CREATE"]);
        var list = s.AddSection("child-sas");
        foreach (var child in children) child(list);
        return message;
    }

    static Action<ViciSection> Child(string name, int id, int reqid, string state, string spis, string local, string remote, Action<ViciSection>? more = null) => list =>
    {
        var s = list.AddSection($"{name}-{id}").Add("name", name).Add("uniqueid", id).Add("reqid", reqid).Add("state", state).Add("mode", "TUNNEL").Add("protocol", "ESP").Add("encap", "yes")
            .Add("spi-in", spis.Split(' ')[0]).Add("spi-out", spis.Split(' ')[1]).Add("encr-alg", "AES_GCM_16").Add("encr-keysize", 128);
        more?.Invoke(s);
        if (more is null) s.Add("bytes-in", 0).Add("packets-in", 0).Add("bytes-out", 0).Add("packets-out", 0).Add("rekey-time", 935);
        s.Add("life-time", 1100).Add("install-time", 5).AddList("local-ts", local.Split(' ')).AddList("remote-ts", remote.Split(' '));
    };

    public static ViciSection[] Sas =>
    [
        Sa("net-net", 1, "ESTABLISHED", true, "33013c7b935c0796 e53444c86cd6590c", "moon.strongswan.org", "sun.strongswan.org", 9, ("reauth-time", 3344),
            Child("net-net", 2, 2, "INSTALLED", "ba5834a2 4e91ab46", "10.1.0.0/24", "10.2.0.0/24", s => s
                .Add("bytes-in", 168).Add("packets-in", 2).Add("use-in", 7).Add("bytes-out", 84).Add("packets-out", 1).Add("use-out", 0).Add("rekey-time", 893)),
            Child("second-child", 4, 3, "INSTALLED", "53c0bec2 53c57ac2", "10.1.9.0/24", "10.2.9.0/24")),
        Sa("rsa", 2, "ESTABLISHED", false, "f51ef3217cb9037a e7cd8a52dd460f50", Moon, Sun, 1, ("rekey-time", 7300),
            Child("rsa", 5, 4, "REKEYED", "43d4da17 cca1b0de", "10.1.1.0/24", "10.2.1.0/24"),
            Child("rsa", 6, 4, "INSTALLED", "43d4da18 cca1b0df", "10.1.1.0/24", "10.2.1.0/24 fd03::1/128", s => s
                .Add("esn", 1).Add("dh-group", "CURVE_25519").Add("bytes-in", 0).Add("packets-in", 0).Add("bytes-out", 0).Add("packets-out", 0).Add("rekey-time", -3))),
        Sa("ecdsa", 3, "ESTABLISHED", true, "84d26a9753cef3ab e1b97a54cfd11cff", "moon", "sun", 130, ("", 0),
            Child("ecdsa", 7, 5, "INSTALLED", "08057638 2fbddff3", "10.1.2.0/24", "10.2.2.0/24", s => s.Add("bytes-in", 0).Add("packets-in", 0).Add("bytes-out", 0).Add("packets-out", 0))),
        Sa("(unnamed)", 14, "CONNECTING", false, "2c2505feed4b9a05 305f7ed811563043", "%any", "%any", 0, ("", 0)),
    ];

    public static CannedVici Charon(params ViciSection[] sas) => new CannedVici()
        .On("stats", Stats(sas.Length, sas.Count(s => s.Sections.Single().Text("state") == "CONNECTING")))
        .On("version", Version).On("get-pools", Pools).On("x-list-addresses", Addresses)
        .On("list-conns", new(), Connections).On("list-policies", new(), Policies).On("list-sas", new(), sas);
}
