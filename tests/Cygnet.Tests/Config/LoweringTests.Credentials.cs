// What ipsec.d, ipsec.secrets and ca sections become: CRLs, authorities, keys, containers, tokens, passwords. ipsec.conf(5), ipsec.secrets(5).
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
    [Fact]
    public void Crls_and_signers_of_ocsp_responses_are_read_from_ipsec_d()
    {
        var files = Files("");
        var crl = RevocationLab.Crl(new TestAuthority("ca"), 1);
        files.Add("/etc/ipsec.d/crls/a.crl", crl);
        files["/etc/ipsec.d/crls/bad.crl"] = "?";
        files["/etc/ipsec.d/ocspcerts/signer.pem"] = Fixtures.Rsa;
        var plan = Plan(files, "192.0.2.1");
        var load = Assert.Single(plan.Credentials, r => r.Message.Text("type") == "X509_CRL");
        Assert.Equal(("load-cert", "/etc/ipsec.d/crls/a.crl"), (load.Command, load.Label));
        Assert.Equal(crl, load.Message.Bytes("data"));
        Assert.Equal("/etc/ipsec.d/ocspcerts/signer.pem", Assert.Single(plan.Credentials, r => r.Message.Text("flag") == "OCSP").Label);
        Assert.Contains("loading crls from '/etc/ipsec.d/crls'", plan.Log);
        Assert.Contains("  loaded crl from '/etc/ipsec.d/crls/a.crl'", plan.Log);
        Assert.Contains("loading ocsp signer certificates from '/etc/ipsec.d/ocspcerts'", plan.Log);
        Assert.Equal("  loading crl from '/etc/ipsec.d/crls/bad.crl' failed", Assert.Single(plan.Errors).Reference);
        Assert.Equal(["rereading crls from '/etc/ipsec.d/crls'", "  loaded crl from '/etc/ipsec.d/crls/a.crl'"], Lowering.PlanCrls(files, _directories).Log);
    }

    [Fact]
    public void A_ca_section_says_where_crls_and_responders_are_and_whether_crls_are_kept()
    {
        var plan = Plan("config setup\n cachecrls=yes\nca one\n cacert=ca.pem\n crluri1=http://a/\n crluri2=ldap://b/c\n ocspuri=http://d/\n certuribase=http://e/\n auto=add\nca two\n cacert=ca.pem\n auto=ignore\n");
        var section = Assert.Single(plan.Credentials, r => r.Command == "load-authority").Message.Section("one")!;
        Assert.Equal(["http://a/", "ldap://b/c"], section.List("crl_uris"));
        Assert.Equal(["http://d/"], section.List("ocsp_uris"));
        Assert.Equal("http://e/", section.Text("cert_uri_base"));
        Assert.Equal("/etc/ipsec.d/crls", Assert.Single(plan.Credentials, r => r.Command == "x-cache-crls").Message.Text("directory"));
        Assert.Contains("crl caching to /etc/ipsec.d/crls enabled", plan.Log);
        Assert.Empty(plan.Errors);
        Assert.DoesNotContain(Plan("").Credentials, r => r.Command == "x-cache-crls");
        // Certificates are fetched by HTTP alone; the section stays.
        var other = Plan("ca one\n cacert=ca.pem\n certuribase=ldap://e/\n auto=add\n");
        Assert.False(Assert.Single(other.Credentials, r => r.Command == "load-authority").Message.Section("one")!.Has("cert_uri_base"));
    }

    [Fact]
    public void A_long_crl_goes_in_parts_that_change_together()
    {
        var files = Files("");
        var crl = RevocationLab.Crl(new TestAuthority("ca"), 1, [.. Enumerable.Range(1, 30_000).Select(i => new RevokedCertificate([1, (byte)(i >> 8), (byte)i], RevocationLab.Now, RevocationReason.KeyCompromise))]);
        files.Add("/etc/ipsec.d/crls/a.crl", crl);
        var parts = Plan(files, "192.0.2.1").Credentials.Where(r => r.Message.Text("type") == "X509_CRL").ToList();
        Assert.True(parts.Count > 1);
        Assert.Equal(crl, parts.SelectMany(r => r.Message.Lists.Single(l => l.Name == "data").Items).SelectMany(i => i));
        Assert.All(parts[..^1], p => Assert.True(p.Message.Boolean("more")));
        Assert.False(parts[^1].Message.Has("more"));
        Assert.Single(parts.Select(p => p.Message.Text("x-digest")).Distinct());
        Assert.Equal(parts.Count, parts.Select(p => p.Label).Distinct().Count());
    }

    [Theory]
    [InlineData("yes", "", "strict")]
    [InlineData("ifuri", "rightauth=any", "ifuri")]
    [InlineData("no", "", null)]
    [InlineData("yes", "rightauth=psk", null)]
    [InlineData("yes", "rightauth=eap-tls", null)]
    public void The_policy_for_crls_is_that_of_rounds_with_signatures(string policy, string auth, string? expected)
    {
        var section = Plan($"config setup\n strictcrlpolicy={policy}\nconn a\n right=192.0.2.9\n {auth}\n auto=add\n").Connections[0].Message.Section("a")!;
        Assert.Equal(expected, section.Section("remote")!.Text("revocation"));
        Assert.False(section.Section("local")!.Has("revocation"));
    }

    [Fact]
    public void Credentials_come_first()
    {
        var files = Files("ca one\n cacert=ca.pem\n auto=add\nca two\n cacert=/else/leaf.pem\n auto=add\nca three\n auto=add\nca four\n cacert=none.pem\nconn a\n auto=add\n",
            "@moon @sun : PSK 0x0102\n: PSK \"any\"\n: ECDSA moon.pem\n: RSA enc.pem \"secret\"\n: RSA enc.pem \"wrong\"\n: PKCS8 enc.pem %prompt\n: PIN %smartcard:50 1234\n");
        files["/else/leaf.pem"] = Fixtures.Rsa;
        files["/etc/ipsec.d/private/moon.pem"] = Fixtures.EcdsaKey;
        files["/etc/ipsec.d/private/enc.pem"] = Fixtures.RsaPbes2;
        var plan = Plan(files, "192.0.2.1");
        // The certificate of the ca section is in ipsec.d/cacerts too.
        Assert.Equal(["load-cert", "load-authority", "load-shared", "load-shared", "load-key", "load-key", "load-token", "load-conn"], plan.Requests.Select(r => r.Command));
        var shared = plan.Credentials[2].Message;
        Assert.Equal(("ipsec.secrets:1", "ike"), (shared.Text("id"), shared.Text("type")));
        Assert.Equal([1, 2], shared.Bytes("data")!);
        Assert.Equal(["@moon", "@sun"], shared.List("owners"));
        Assert.False(plan.Credentials[3].Message.Has("owners"));
        Assert.Equal(["ecdsa", "rsa", null], plan.Credentials.Skip(4).Select(r => r.Message.Text("type")));
        Assert.Contains(plan.Errors, e => e.Reference == "missing cacert parameter");
        Assert.Contains(plan.Errors, e => e.Reference.EndsWith("lacks ca basic constraint, discarded", StringComparison.Ordinal));
        Assert.Single(plan.Errors, e => e.Reference == "  loading private key from '/etc/ipsec.d/private/enc.pem' failed");
        Assert.Contains("  loaded IKE secret for @moon @sun", plan.Log);
        // With somebody to ask, the key behind %prompt is loaded as well.
        Assert.Equal(3, Plan(files, "192.0.2.1", new(_ => "secret"u8.ToArray(), _ => { })).Credentials.Count(r => r.Command == "load-key"));
    }

    [Fact]
    public void A_container_brings_its_certificates_and_its_key()
    {
        var files = Files("", ": P12 ed.p12 \"secret\"\n: P12 'ed.p12' wrong\n: P12 none.p12\n: P12 ed.p12 %prompt\n");
        files["/etc/ipsec.d/private/ed.p12"] = Fixtures.Ed25519Container;
        var plan = Plan(files, "192.0.2.1");
        Assert.Equal(["CA", "NONE", "CA", null], plan.Credentials.Select(r => r.Message.Text("flag")));
        Assert.Equal(["load-cert", "load-cert", "load-cert", "load-key"], plan.Credentials.Select(r => r.Command));
        Assert.Equal(CertificateTests.Parse(Fixtures.EdLeaf).Raw, plan.Credentials[1].Message.Bytes("data"));
        Assert.Equal(
        [
            "  loaded certificate \"C=CH, O=Cygnet Test, CN=sun.example.org\" from '/etc/ipsec.d/private/ed.p12'",
            "  loaded ca certificate \"C=CH, O=Cygnet Test, CN=Ed Intermediate CA\" from '/etc/ipsec.d/private/ed.p12'",
            "  loaded ED25519 private key from '/etc/ipsec.d/private/ed.p12'",
        ], plan.Log.Where(l => l.Contains("ed.p12", StringComparison.Ordinal)));
        Assert.Equal(
        [
            "  loading credentials from '/etc/ipsec.d/private/ed.p12' failed\n/etc/ipsec.secrets:2:1: 'ed.p12': the passphrase does not open the PKCS#12 container, or it is damaged",
            "  loading credentials from '/etc/ipsec.d/private/none.p12' failed\n/etc/ipsec.secrets:3:1: 'none.p12': the file cannot be read",
        ], plan.Errors.Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("RSA", Fixtures.RsaKey, "RSA", null)]
    [InlineData("ECDSA", Fixtures.Ecdsa384Key, "ECDSA", null)]
    [InlineData("PKCS8", Fixtures.Ed25519Key, "ED25519", null)]
    [InlineData("PKCS8", Fixtures.RsaKey, "RSA", null)]
    [InlineData("RSA", Fixtures.Ed448Key, "ED448", null)]
    [InlineData("RSA", Fixtures.EcdsaKey, "ECDSA", "it holds a key of type ECDSA; PKCS8 in place of RSA takes any")]
    [InlineData("ECDSA", Fixtures.RsaKey, "RSA", "it holds a key of type RSA; PKCS8 in place of ECDSA takes any")]
    public void A_key_is_of_the_type_that_the_line_says(string word, string key, string type, string? refusal)
    {
        var files = Files("", $": {word} k.pem\n");
        files["/etc/ipsec.d/private/k.pem"] = key;
        var plan = Plan(files, "192.0.2.1");
        if (refusal is null)
        {
            Assert.Empty(plan.Errors);
            Assert.Contains($"  loaded {type} private key from '/etc/ipsec.d/private/k.pem'", plan.Log);
            Assert.Single(plan.Credentials, r => r.Command == "load-key");
            return;
        }
        Assert.Equal($"  loading private key from '/etc/ipsec.d/private/k.pem' failed\n/etc/ipsec.secrets:1:1: 'k.pem': {refusal}", Assert.Single(plan.Errors).ToString());
        Assert.DoesNotContain(plan.Credentials, r => r.Command == "load-key");
    }

    [Fact]
    public void Keys_and_certificates_on_tokens_are_the_daemons()
    {
        var files = Files("conn a\n leftcert=%smartcard1@lib:50,moon-rsa.pem\n auto=add\nconn b\n leftcert=%smartcard:xy\n auto=add\n", ": PIN %smartcard1@lib:50 1234\n: PIN %smartcard:51 %prompt\n");
        var plan = Plan(files, "192.0.2.1");
        var token = Assert.Single(plan.Credentials, r => r.Command == "load-token");
        Assert.Equal(["handle=50", "slot=1", "module=lib", "pin=1234", "x-source=ipsec.secrets", "x-path=%smartcard1@lib:50"], token.Message.Elements.OfType<ViciValue>().Select(v => $"{v.Name}={v.Text}"));
        var local = Assert.Single(plan.Connections).Message.Section("a")!.Sections.First(s => s.Name.StartsWith("local", StringComparison.Ordinal));
        Assert.Equal(["handle=50", "slot=1", "module=lib"], Assert.Single(local.Sections).Elements.OfType<ViciValue>().Select(v => $"{v.Name}={v.Text}"));
        Assert.Single(local.Lists, l => l.Name == "certs");
        Assert.Contains("'%smartcard:xy': expected %smartcard[<slot>[@<module>]]:<keyid>", Assert.Single(plan.Errors).ToString());
        var asked = new List<string>();
        var prompted = Plan(files, "192.0.2.1", new(text =>
        {
            asked.Add(text);
            return "99"u8.ToArray();
        }, _ => { }));
        Assert.Equal(["1234", "99"], prompted.Credentials.Where(r => r.Command == "load-token").Select(r => r.Message.Text("pin")));
        Assert.Equal(["Login to '%smartcard:51' required\nPIN: "], asked);
    }

    [Theory]
    [InlineData("%smartcard:50", "handle=50")]
    [InlineData("%smartcard2:50", "handle=50 slot=2")]
    [InlineData("%smartcard2@lib:50ab", "handle=50ab slot=2 module=lib")]
    [InlineData("%smartcard@lib:50", null)]
    [InlineData("%smartcard:xy", null)]
    public void The_certificate_of_a_ca_section_may_be_on_a_token(string word, string? expected)
    {
        var plan = Plan(Files($"ca card\n cacert={word}\n crluri=http://192.0.2.1/crl\n auto=add\nca off\n cacert={word}\n", ""), "192.0.2.1");
        if (expected is null)
        {
            Assert.DoesNotContain(plan.Credentials, r => r.Command == "load-authority");
            Assert.Equal($"  loading ca certificate from '{word}' failed\n/etc/ipsec.conf:2:9: '{word}': expected %smartcard[<slot>[@<module>]]:<keyid>", Assert.Single(plan.Errors).ToString());
            return;
        }
        Assert.Empty(plan.Errors);
        var section = Assert.Single(Assert.Single(plan.Credentials, r => r.Command == "load-authority").Message.Sections);
        Assert.Equal(("card", expected), (section.Name, string.Join(' ', section.Elements.OfType<ViciValue>().Select(v => $"{v.Name}={v.Text}"))));
        Assert.Equal(["http://192.0.2.1/crl"], section.List("crl_uris"));
    }

    [Fact]
    public void A_passphrase_is_asked_for_three_times()
    {
        var files = Files("", ": RSA enc.pem %prompt\n: P12 ed.p12 %prompt\n: ECDSA plain.pem %prompt\n");
        files["/etc/ipsec.d/private/enc.pem"] = Fixtures.RsaPbes2;
        files["/etc/ipsec.d/private/plain.pem"] = Fixtures.EcdsaKey;
        files["/etc/ipsec.d/private/ed.p12"] = Fixtures.Ed25519Container;
        var (asked, said) = (new List<string>(), new List<string>());
        var answers = new Queue<string>(["wrong", "wrong again", "still wrong", "no", "secret"]);
        byte[]? Ask(string text)
        {
            asked.Add(text);
            return Encoding.UTF8.GetBytes(answers.Dequeue());
        }
        var plan = Plan(files, "192.0.2.1", new(Ask, said.Add));
        const string key = "Private key '/etc/ipsec.d/private/enc.pem' is encrypted.\nPassphrase: ", container = "PKCS#12 file '/etc/ipsec.d/private/ed.p12' is encrypted.\nPassphrase: ";
        Assert.Equal([key, "Passphrase invalid!\n" + key, "Passphrase invalid!\n" + key, container, "Passphrase invalid!\n" + container], asked);
        Assert.Equal(["Passphrase invalid, giving up."], said);
        Assert.Equal(["  loading private key from '/etc/ipsec.d/private/enc.pem' failed"], plan.Errors.Select(e => e.Reference));
        Assert.Equal(2, plan.Credentials.Count(r => r.Command == "load-key"));
        // At the start there is nobody to ask, and nothing is said.
        var silent = Plan(files, "192.0.2.1");
        Assert.Empty(silent.Errors);
        Assert.DoesNotContain(silent.Credentials, r => r.Command == "load-key");
    }

    [Fact]
    public void Passwords_of_users_are_sent_by_their_class()
    {
        var plan = Plan(Files("", "carol : EAP x\ncarol : XAUTH y\ndave : NTLM 0x00112233445566778899aabbccddeeff\n"), "192.0.2.1");
        Assert.Equal(["eap", "eap", "ntlm"], plan.Credentials.Where(r => r.Command == "load-shared").Select(r => r.Message.Text("type")));
        Assert.Equal(["  loaded EAP secret for carol", "  loaded EAP secret for carol", "  loaded NTLM secret for dave"], plan.Log.Where(l => l.Contains("secret for")));
    }

    [Fact]
    public void Triplets_of_SIM_cards_are_sent_as_secrets_of_their_own()
    {
        var files = Files("", "");
        files["/etc/ipsec.d/triplets.dat"] = "# IMSI,RAND,SRES,Kc\n\n228060123456001,00112233445566778899aabbccddeeff,01234567,0123456789abcdef # first\r\n"
            + "228060123456001,0011,01234567,0123456789abcdef\n228060123456001 , ffeeddccbbaa99887766554433221100 , 89abcdef , fedcba9876543210, more\n,,,\n";
        var plan = Plan(files, "192.0.2.1");
        var triplets = plan.Credentials.Where(r => r.Command == "load-shared").ToList();
        Assert.Equal(["x-triplet", "x-triplet"], triplets.Select(r => r.Message.Text("type")));
        Assert.Equal("00112233445566778899aabbccddeeff012345670123456789abcdef", Convert.ToHexStringLower(triplets[0].Message.Bytes("data")!));
        Assert.Equal(["228060123456001"], triplets[1].Message.List("owners"));
        Assert.Equal(["error in triplet file, line 4", "error in triplet file, line 6"], plan.Errors.Select(e => e.Reference));
        Assert.Contains("read 2 triplets from /etc/ipsec.d/triplets.dat", plan.Log);
    }
}
