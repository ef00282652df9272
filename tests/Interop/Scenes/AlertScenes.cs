// What goes wrong is told by both daemons, beside each other, in the same types and as often.
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class AlertScenes
{
    /// <summary>One conn at both ends: what each says of it, seen from its own side. An end without lines does not have it.</summary>
    sealed record Conn(string Name, string? Moon, string? Sun);

    const string Secret = "authby=secret";

    static readonly Conn[] s_conns =
    [
        new("good", Secret, Secret),
        new("wrong", Secret, Secret),
        new("unknown", Secret, $"{Secret}|rightid=@somebody"),
        new("from-moon", $"{Secret}|ike=aes256-sha512-ecp384!", null),
        new("from-sun", null, $"{Secret}|ike=aes256-sha384-ecp256!"),
        new("esp", $"{Secret}|esp=aes256-sha256!", Secret),
        new("apart", $"{Secret}|rightsubnet=10.99.0.0/24", Secret),
        new("narrow", $"{Secret}|leftsubnet=10.1.0.0/16|rightsubnet=10.2.0.0/16", Secret),
        new("wide", Secret, $"{Secret}|leftsubnet=10.2.0.0/16|rightsubnet=10.1.0.0/16"),
        new("pool", $"{Secret}|rightsourceip=10.7.0.0/28|rightsubnet=", Secret),
        new("nobody", $"{Secret}|right=192.168.0.77|keyingtries=1", null),
        new("plain", "leftauth=psk|rightauth=pubkey", "leftauth=pubkey|rightauth=psk|leftcert=plain.pem"),
        new("late", "leftauth=psk|rightauth=pubkey", "leftauth=pubkey|rightauth=psk|leftcert=late.pem"),
        new("stray", "leftauth=psk|rightauth=pubkey", "leftauth=pubkey|rightauth=psk|leftcert=stray.pem"),
        new("alone", "leftauth=psk|rightauth=pubkey", "leftauth=pubkey|rightauth=psk|leftcert=alone.pem"),
    ];

    static string Conf(bool isMoon)
    {
        var (own, peer, left, right) = isMoon ? ("moon", "sun", 1, 2) : ("sun", "moon", 2, 1);
        var text = new StringBuilder("config setup\n\tuniqueids=no\n");
        foreach (var conn in s_conns)
        {
            if ((isMoon ? conn.Moon : conn.Sun) is not { } lines) continue;
            string[] usual =
            [
                "keyexchange=ikev2", "ike=aes128-sha256-x25519!", "esp=aes128gcm16!", "mobike=no", "reauth=no", "auto=add", $"left=192.168.0.{left}", $"right=192.168.0.{right}",
                $"leftid=@{own}-{conn.Name}", $"rightid=@{peer}-{conn.Name}", $"leftsubnet=10.{left}.0.0/24", $"rightsubnet=10.{right}.0.0/24",
            ];
            var special = lines.Split('|');
            text.Append($"\nconn {conn.Name}\n");
            foreach (var line in usual.Where(u => !special.Any(s => s.Split('=')[0] == u.Split('=')[0])).Concat(special.Where(s => !s.EndsWith('='))))
                text.Append($"\t{line}\n");
        }
        return text.ToString();
    }

    static Pair Side(Product moon)
    {
        var pair = new Pair($"alerts-{moon}", moon, Product.StrongSwan);
        pair.Moon.Settings("retransmit_tries = 2\nretransmit_timeout = 0.5\nretransmit_base = 1.1", plugins: "error-notify");
        // what the sun says again and again is not what is looked at
        pair.Sun.Settings("retransmit_timeout = 30");
        pair.Moon.Configure(Conf(isMoon: true), $"@moon-wrong @sun-wrong : PSK \"one\"\n: PSK {Pair.Secret}\n");
        pair.Sun.Configure(Conf(isMoon: false), $"@moon-wrong @sun-wrong : PSK \"another\"\n: PSK {Pair.Secret}\n: RSA sun.key\n");
        pair.Moon.Write("ipsec.d/cacerts/ca.pem", File.ReadAllText(TestPki.PathOf("ca.pem")));
        pair.Sun.Write("ipsec.d/private/sun.key", File.ReadAllText(TestPki.PathOf("sun-rsa.key")));
        foreach (var (name, pem) in s_certificates.Value) pair.Sun.Write($"ipsec.d/certs/{name}.pem", pem);
        pair.Start();
        return pair;
    }

    /// <summary>All for sun's RSA key: a good one, one whose time is over, one of a CA that moon does not know, one that it has signed itself.</summary>
    static readonly Lazy<Dictionary<string, string>> s_certificates = new(() =>
    {
        var key = TestPki.PathOf("sun-rsa.key");
        string Issue(string name, string ca, string caKey, params string[] more) => Command.Run(["pki", "--issue", "--in", key, "--type", "priv", "--cacert", ca, "--cakey", caKey,
            "--dn", $"C=CH, O=Cygnet Test, CN={name}", "--san", $"sun-{name}", "--outform", "pem", .. more]).ShouldSucceed().Output;
        var (ca, caKey, other, otherKey) = (TestPki.PathOf("ca.pem"), TestPki.PathOf("ca.key"), TestPki.PathOf("other.pem"), TestPki.PathOf("moon-rsa.key"));
        File.WriteAllText(other, Command.Run("pki", "--self", "--ca", "--in", otherKey, "--type", "priv", "--dn", "C=CH, O=Cygnet Test, CN=other CA", "--outform", "pem").ShouldSucceed().Output);
        return new()
        {
            ["plain"] = Issue("plain", ca, caKey),
            ["late"] = Issue("late", ca, caKey, "--not-before", "01.01.20 00:00:00", "--not-after", "02.01.20 00:00:00"),
            ["stray"] = Issue("stray", other, otherKey),
            ["alone"] = Command.Run("pki", "--self", "--in", key, "--type", "priv", "--dn", "C=CH, O=Cygnet Test, CN=alone", "--san", "sun-alone", "--outform", "pem").ShouldSucceed().Output,
        };
    });

    [Fact]
    public void Both_daemons_tell_the_same_of_what_goes_wrong()
    {
        using Pair reference = Side(Product.StrongSwan), ours = Side(Subject.Product);
        ours.Bed.Play(() =>
        {
            using AlertWatch theirs = new(reference.Moon), own = new(ours.Moon);
            var (told, toldByUs) = (0, 0);

            // By moon, then by sun: what moon tells.
            Up("good", [], []);
            Up("wrong", ["local-auth-failed"], ["peer-auth-failed"]);
            Up("unknown", ["local-auth-failed"], ["peer-auth-failed"]);
            Up("from-moon", ["proposal-mismatch-ike"], null);
            Up("from-sun", null, ["proposal-mismatch-ike"]);
            Up("esp", ["keep-on-child-sa-failure", "proposal-mismatch-child"], ["keep-on-child-sa-failure", "proposal-mismatch-child"]);
            // later versions than Debian's tell of the peer's TS_UNACCEPTABLE too
            Up("apart", ["keep-on-child-sa-failure", "ts-mismatch"], ["keep-on-child-sa-failure", "ts-mismatch"], alsoOurs: "ts-mismatch");
            Up("narrow", ["ts-narrowed", "ts-narrowed"], ["ts-narrowed", "ts-narrowed"]);
            Up("wide", [], []);
            // strongSwan looks at the selectors of a child that it has refused already
            Up("pool", null, ["keep-on-child-sa-failure", "vip-failure"], alsoTheirs: "ts-mismatch");
            Up("plain", ["cert-validation-failed"], ["cert-validation-failed"]);
            Up("late", ["cert-expired", "peer-auth-failed"], ["cert-expired", "peer-auth-failed"]);
            Up("stray", ["cert-no-issuer", "peer-auth-failed"], ["cert-no-issuer", "peer-auth-failed"]);
            Up("alone", ["cert-untrusted-root", "peer-auth-failed"], ["cert-untrusted-root", "peer-auth-failed"]);
            Up("nobody", ["peer-init-unreachable", "retransmit-send", "retransmit-send", "retransmit-send-timeout"], null);

            // the initiator's SPI is zero
            Sends([0, 0, 0, 0, 0, 0, 0, 0, .. Header(spi: 0, exchange: 34, next: 0, length: 28).Skip(8)], "parse-error-header");
            // an IKE_SA_INIT request whose only payload is longer than the message
            Sends([.. Header(spi: 0, exchange: 34, next: 40, length: 36), 0, 0, 0xff, 0xff, 1, 2, 3, 4], "parse-error-body");
            Sends([.. Header(spi: 7, exchange: 37, next: 46, length: 36), 0, 0, 0, 8, 1, 2, 3, 4], "invalid-ike-spi");

            void Up(string conn, string[]? asked, string[]? answered, string alsoOurs = "", string alsoTheirs = "")
            {
                foreach (var (isMoons, expected) in new[] { (true, asked), (false, answered) })
                    if (expected is not null)
                        Tells(pair =>
                        {
                            var at = isMoons ? pair.Moon : pair.Sun;
                            at.Up(conn);
                            at.Down(conn);
                            Wait.Until($"nothing of {conn} stays", () => (pair.Moon.Sas(), pair.Sun.Sas()) is ({ Ike.Count: 0 }, { Ike.Count: 0 }));
                        }, $"up {conn} by {(isMoons ? "moon" : "sun")}", expected, isMoons ? alsoOurs : "", alsoTheirs);
            }

            void Sends(byte[] datagram, string alert) => Tells(pair =>
            {
                using var socket = pair.Sun.Host.Net.Within(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
                socket.SendTo(datagram, new IPEndPoint(IPAddress.Parse("192.168.0.1"), 500));
            }, $"a datagram for {alert}", [alert]);

            void Tells(Action<Pair> act, string what, string[] expected, string alsoOurs = "", string alsoTheirs = "")
            {
                string[] byStrongSwan = [.. expected.Where(t => t != alsoOurs).Append(alsoTheirs).Where(t => t.Length > 0).Order(StringComparer.Ordinal)];
                act(reference);
                told = Reach(theirs, told, $"strongSwan tells of: {what}", byStrongSwan);
                act(ours);
                toldByUs = Reach(own, toldByUs, $"the subject tells of: {what}", ours.Moon.Product == Product.Cygnet ? expected : byStrongSwan);
            }
        });
    }

    // A lost packet is repeated, an answer comes when its SA is gone: that is told too, and is no difference unless it is what is looked for.
    static int Reach(AlertWatch watch, int from, string what, string[] expected)
    {
        string[] New() =>
        [
            .. watch.Seen.Skip(from).Where(t => t is not ("retransmit-send" or "retransmit-send-cleared" or "retransmit-receive" or "invalid-ike-spi") || expected.Contains(t))
                .Order(StringComparer.Ordinal),
        ];

        Wait.Until(() => $"{what}: {string.Join(' ', expected)}; it told {string.Join(' ', New())}", () => New().SequenceEqual(expected));
        return watch.Seen.Length;
    }

    static byte[] Header(byte spi, byte exchange, byte next, byte length) => [9, 8, 7, 6, 5, 4, 3, 2, 0, 0, 0, 0, 0, 0, 0, spi, next, 0x20, exchange, 0x08, 0, 0, 0, 0, 0, 0, 0, length];
}
