// The targets: every parser that a stranger, a peer, a file or a client of the control socket can reach.
using System.Text;
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Tests.Config;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Wire;
using Cygnet.Wire;

namespace Cygnet.Fuzz;

static class Targets
{
    const string Secrets = "# secrets\n@moon @sun : PSK \"abc def\"\n192.0.2.1 %any : PSK 0x0102\n\"C=CH, O=x\" : PSK 0sAQID\n: RSA moon.pem \"pass\"\n: PKCS8 'k.der' %prompt\n: PIN %smartcard1@lib:50 1234\ncarol : EAP x\ninclude more/*.secrets\n";
    const string Settings = "charon {\n load_modular = yes\n plugins { include strongswan.d/*.conf }\n filelog { main { path = /var/log/x # y\n default = 1 } }\n port = \"500\"\n}\nother : charon, charon.plugins { a = b }\ninclude *.conf\n";

    public static IReadOnlyDictionary<string, Func<Target>> All { get; } = new SortedDictionary<string, Func<Target>>(StringComparer.Ordinal)
    {
        ["ike"] = IkeDoor.Target,
        ["esp"] = EspDoor.Target,
        ["eap"] = EapDoor.Methods,
        ["eap-tls"] = EapDoor.Tls,
        ["eap-inside"] = EapDoor.Inside,
        ["eap-parsers"] = EapDoor.Parsers,
        ["radius"] = RadiusDoor.Packets,
        ["message"] = Wire,
        ["ticket"] = Tickets,
        ["hash-and-url"] = RevocationDoor.Names,
        ["ipsecconf"] = () => Text("ipsecconf", [SampleConfigurations.Moon, SampleConfigurations.Sun],
            "conn \n,conn %default\n,config setup\n,ca x\n,\n,\n\t,also=,also=%default,include /etc/*\n,include ipsec.conf\n,left=,right=%any,ike=,esp=,=,\",#,\\,0x,%,!,leftsubnet=0.0.0.0/0,auto=start,keyexchange=ikev2,lifetime=1h,leftid=@x",
            t => Conf(t)),
        ["secrets"] = () => Text("secrets", [Secrets], ": PSK , : RSA , : EAP ,0x,0s,include *\n,%any,\",',\n,\n ,@,#, : ,%prompt,%smartcard",
            t => Words(IpsecSecrets.Parse("/etc/ipsec.secrets", MemoryFiles.With("/etc/ipsec.secrets", t)).Errors)),
        ["settings"] = () => Text("settings", [Settings], "{,},=,#,\n,\",include *.conf\n,include strongswan.conf\n,charon,.,\\n, : ,\\", SettingsFile),
        ["vici"] = ViciMessages,
        ["control"] = ControlDoor.Target,
        ["certificate"] = () => new("certificate", [.. new[] { Fixtures.RootCa, Fixtures.Rsa, Fixtures.Ecdsa, Fixtures.EdLeaf }.SelectMany(p => (byte[][])[Encoding.ASCII.GetBytes(p), Der(p)])],
            [[0x30, 0x80], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x06, 0x03, 0x55, 0x1d, 0x1e], [0x05, 0], [0x02, 1, 0], [0xa3], [0x1f, 0xff, 0x7f], [0x24, 0x80], [0x17, 0]], Certificates),
        ["acert"] = () => Der("acert", Fixtures.Attributes, AttributeCertificates),
        ["pkcs7"] = () => new("pkcs7", [Pkcs7ContainerTests.SignedData(), Pkcs7ContainerTests.EnvelopedData()],
            [[0x30, 0x80], [0, 0], [0x24, 0x80], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0xa0, 0x80], [0xa1], [0x31, 0], [0x05, 0], [0x1f, 0xff, 0x7f]], SignedContainers),
        ["pkcs10"] = () => Der("pkcs10", Fixtures.Request, Requests),
        ["privatekey"] = () => new("privatekey", [.. new[] { Fixtures.EcdsaKey, Fixtures.Ed25519Key, Fixtures.RsaKey, Fixtures.EcdsaPbes2, Fixtures.EcdsaDekAes, Fixtures.RsaPbes1 }.SelectMany(p => (byte[][])[Encoding.ASCII.GetBytes(p), PemContent(p)])],
            [.. Dictionary("-----BEGIN RSA PRIVATE KEY-----\n,-----END RSA PRIVATE KEY-----\n,-----BEGIN ENCRYPTED PRIVATE KEY-----\n,Proc-Type: 4\\,ENCRYPTED\n,DEK-Info: AES-256-CBC,DEK-Info: DES-CBC,:,\n\n,=="), [0x30, 0x80], [0x02, 1, 0], [0x02, 1, 1], [0x04, 0x80], [0x05, 0], [0xa0, 0x03], [0xa1, 0x02]], PrivateKeys),
        ["pkcs12"] = () => new("pkcs12", [.. new[] { Fixtures.Ed25519Container, Fixtures.EcdsaOldContainer }.SelectMany(p => (byte[][])[Encoding.ASCII.GetBytes(p), PemContent(p)])],
            [[0x30, 0x80], [0, 0], [0x24, 0x80], [0xa0, 0x80], [0x02, 1, 3], [0x02, 1, 1], [0x04, 0], [0x05, 0], [0x31, 0]], Containers),
        ["pem"] = () => Text("pem", [Fixtures.Rsa, Fixtures.RsaDekAes, Fixtures.Ed25519Container, Fixtures.EdLeaf + "\n" + Fixtures.EdLeafKey], "-----BEGIN ,-----END ,-----,\n,\r\n,:,=,A,Proc-Type: ,\n\n", t =>
            Pem.Read(Encoding.Latin1.GetBytes(t), out var reason) is { } blocks ? string.Join(' ', blocks.Select(b => $"{b.Label.Length} {b.Headers.Count}")) : reason),
        ["chain"] = ChainDoor.Target,
        ["pubkey"] = PublicKeys,
        ["dn"] = ChainDoor.Names,
        ["crl"] = RevocationDoor.Crls,
        ["ocsp"] = RevocationDoor.Responses,
        ["identity"] = () => new("identity", [.. new[] { "@moon.example", "192.0.2.1", "C=CH, O=strong, CN=*", "carol@example.org", "@#0a0b0c", "fe80::1", "%any", "\"CN=a\\, b, E=x@y\"", "asn1dn:#300c310a300806035504030c0178", "ipv4net:10.0.0.0/8" }.Select(Encoding.UTF8.GetBytes), [9, .. DerName()], [1, 192, 0, 2, 1], [5, .. new byte[16]], [2, 65, 66]],
            Dictionary("C=,O=,CN=,OU=,E=,/,\\,,#,*,=,@#,asn1dn:,fqdn:,ipv4:,ipv6:,email:,ipv4range:,keyid:,{,}"), Identities),
        ["ts"] = () => Text("ts", ["10.0.0.0/8[tcp/80]", "10.1.0.1-10.2.3.4[17/1000-2000]", "dynamic[icmp/8(3)]", "fe80::/10", "0.0.0.0/0[gre]", "%dynamic[/%opaque]"], "[,],/,-,tcp,udp,%any,opaque,65536,::,(,),dynamic,0.0.0.0,/33,/129", t =>
            TrafficSelectorText.TryParse(t, out var ts, out var error) ? TrafficSelectorText.Format(ts) : error),
        ["proposal"] = () => Text("proposal", ["aes128gcm16-prfsha256-x25519", "aes256-sha256-modp2048!", "aes128-aes256-sha1-sha2_256-ecp256-curve25519,3des-md5-modp1024", "null-sha256-esn-noesn", "chacha20poly1305-sha512-ke1_mlkem768"],
            "-,!,aes,gcm,sha,modp,ke1_,prf,none,default,+,esn,_,256,;,|", Proposals),
    };

    static Target Text(string name, string[] corpus, string words, Func<string, string> run) =>
        new(name, [.. corpus.Select(Encoding.UTF8.GetBytes)], Dictionary(words), input => run(Encoding.UTF8.GetString(input)));

    static byte[][] Dictionary(string words) => [.. words.Split(',').Where(w => w.Length > 0).Select(Encoding.UTF8.GetBytes)];

    static Target Wire()
    {
        List<byte[]> corpus = [Message.EncodePlain(Samples.Header, Samples.All), .. Samples.All.Select(p => Message.EncodePlain(Samples.Header, [p]))];
        return new("message", corpus, [[0, 0, 0, 4], [0, 0, 0, 8], [3, 0, 0, 12], [0x80, 14], [33, 0], [46, 0, 0, 4], [53, 0, 0, 8, 0, 1, 0, 2]], input =>
        {
            // whole: lengths are a matter of the header, and the fuzzer shall come past them
            if (input.Length >= IkeHeader.Bytes) System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(24), input.Length);
            var result = Message.TryParse(input, out var message);
            _ = message.ToString();
            if (!result.IsOk) return result.Reason;
            var text = Notation.Describe(message.Header, message.Payloads);
            // what was understood can be written, and is understood again; selectors of unknown types are left out, and a payload without any is none
            if (message.Encrypted is null && !message.All<TsPayload>().Any(t => t.HasUnknown) && Message.TryParse(Message.EncodePlain(message.Header, message.Payloads), out _) is { IsOk: false } again)
                throw new Fault($"what was read cannot be read again once written: {again.Reason}");
            return text;
        });
    }

    // Only who has the gateway's key comes so far; what the key protects is read with the same care.
    static Target Tickets()
    {
        var state = new TicketState
        {
            Id = 7, Expires = new(1000), Connection = "net-net", Settings = 1, Credentials = 2, LocalId = Identity.Parse("@sun.example"), RemoteId = Identity.Parse("carol@example.org"),
            RemoteEapId = Identity.Parse("C=CH, CN=carol"), SkD = new byte[32], ReauthAt = Instant.Never, IkeId = 3,
            Proposal = new(SecurityProtocol.Ike, [new(TransformType.Encryption, 20, 256), new(TransformType.Prf, 5), new(TransformType.KeyExchange, 31)]),
        };
        return new("ticket", [state.Write(), (state with { RemoteEapId = null }).Write()], [[0, 0], [0, 1], [0xff, 0xff], [0, 5, 1, 0, 20, 1, 0]], input =>
        {
            if (TicketState.Read(input) is not { } read) return "nothing of the kind";
            if (TicketState.Read(read.Write()) is not { } again || !again.Write().AsSpan().SequenceEqual(read.Write())) throw new Fault("what was read cannot be read again once written");
            return $"{read.Proposal.Transforms.Length} {read.LocalId.Kind} {read.RemoteId.Kind} {read.RemoteEapId?.Kind}";
        });
    }

    static string Conf(string text)
    {
        var files = MemoryFiles.With("/etc/ipsec.conf", text);
        var plan = Lowering.Plan(ConfCheck.Of(StrongSwanConf.Parse("/etc/ipsec.conf", files)), IpsecSecrets.Parse("/none", files), files, new("/etc/ipsec.d"), _ => false);
        foreach (var c in plan.Connections)
            if (!LoadConn.TryParse(c.Name, c.Message.Sections.Single(), out _, out var error)) throw new Fault($"the daemon refuses what the client lets pass: {error}");
        _ = Lowering.Plan(ConfCheck.OfWhole(StrongSwanConf.Parse("/etc/ipsec.conf", files, isWhole: true)), IpsecSecrets.Parse("/none", files), files, new("/etc/ipsec.d"), _ => false);
        return Words(plan.Errors);
    }

    static string Words(IEnumerable<ConfigError> errors) => string.Join('\n', errors.SelectMany(e => e.Lines));

    static string SettingsFile(string text)
    {
        var settings = StrongswanSettings.Parse("/etc/strongswan.conf", MemoryFiles.With("/etc/strongswan.conf", text));
        CharonSettings.Read(settings);
        CharonSettings.Read(settings, "other");
        settings.Sections("other");
        settings.Unasked("charon");
        return Words(settings.Errors);
    }

    static Target ViciMessages()
    {
        var files = MemoryFiles.With("/etc/ipsec.conf", SampleConfigurations.Moon);
        var plan = Lowering.Plan(ConfCheck.Of(StrongSwanConf.Parse("/etc/ipsec.conf", files)), IpsecSecrets.Parse("/none", files), files, new("/etc/ipsec.d"), _ => false);
        List<byte[]> corpus = [.. plan.Connections.Select(c => ViciPacket.Request("load-conn", c.Message).ToSegment(out _)![Vici.LengthBytes..])];
        return new("vici", corpus, [[1, 1, (byte)'a'], [2], [3, 1, (byte)'k', 0, 1, (byte)'v'], [4, 1, (byte)'l'], [5, 0xff, 0xff], [6], [3, 0, 0, 0]], input =>
        {
            if (!ViciPacket.TryParse(input, out var packet)) return "no packet";
            if (packet.Malformed) return "malformed";
            List<string> outcomes = [packet.Type.ToString()];
            foreach (var section in packet.Message.Sections)
                outcomes.Add(LoadConn.TryParse(section.Name, section, out _, out var error) ? "loaded" : error);
            return string.Join('\n', outcomes);
        });
    }

    static string Certificates(byte[] input)
    {
        if (Certificate.TryParse(input, out var reason) is not { } certificate) return reason;
        _ = certificate.Subject.ToString();
        _ = certificate.Subject.Match(certificate.Subject);
        return "a certificate";
    }

    static string AttributeCertificates(byte[] input)
    {
        if (AttributeCertificate.TryParse(input, out var reason) is not { } certificate) return reason;
        var text = new StringWriter();
        new CertificateLines(text, DateTimeOffset.UnixEpoch, utc: true, new SystemCrypto()).Write(certificate);
        return string.Join(' ', certificate.Groups.Select(g => g.Form).Distinct());
    }

    static string SignedContainers(byte[] input)
    {
        if (Pkcs7Container.TryParse(input, out var reason) is not { } container) return reason;
        var certificate = CertificateTests.Parse(Fixtures.Rsa);
        return $"{container.Kind} {string.Join(' ', container.Signers.Select(s => s.WhyNotGenuine(container.Content ?? [], certificate, new SystemCrypto())))} {container.Recipients.Count} {container.Cipher}";
    }

    static string Requests(byte[] input)
    {
        if (Pkcs10Request.TryParse(input, out var reason) is not { } request) return reason;
        _ = request.Subject.ToString();
        return $"{request.AltNames.Count > 0} {request.Profile is null} {request.ChallengePassword is null} {request.IsGenuine(new SystemCrypto())}";
    }

    static string PrivateKeys(byte[] input)
    {
        _ = PrivateKeyFile.WantsPassphrase(input);
        if (PrivateKeyFile.Read(input, ["secret"u8.ToArray()], out var reason) is not { } pkcs8) return reason.Length > 0 ? reason : throw new Fault("no key and no reason");
        using var key = SoftwareKey.FromDer(pkcs8, out var why);
        return key?.Public.Kind.ToString() ?? why!;
    }

    static string Containers(byte[] input)
    {
        if (Pkcs12File.Read(input, ["secret"u8.ToArray()], out var reason) is not { } content) return reason.Length > 0 ? reason : throw new Fault("no content and no reason");
        return $"{content.Keys.Count} keys, {content.Certificates.Count} certificates {string.Concat(content.Certificates.Select(Certificates))}";
    }

    static byte[] PemContent(string pem) => Pem.Read(Encoding.ASCII.GetBytes(pem), out _)![0].Content;

    static Target PublicKeys()
    {
        var key = Certificate.TryParse(Encoding.ASCII.GetBytes(Fixtures.Rsa), out _)!.PublicKey;
        return new("pubkey", [key.SubjectPublicKeyInfo, key.KeyBits, .. new[] { "dns:0x03010001c1c3c5", "ssh:0sAAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me", $"0x{Convert.ToHexString(key.SubjectPublicKeyInfo)}" }.Select(Encoding.ASCII.GetBytes)],
            Dictionary("dns:,ssh:,0x,0s,00,ssh-rsa ,AAAA,=,ffff"), input =>
        {
            if (PublicKeyFile.Read(input, out var reason) is { } read && PublicKeyFile.Read(read.SubjectPublicKeyInfo, out _) is not { } again) throw new Fault("a key that was read is none");
            return PublicKeyFile.Parse(Encoding.UTF8.GetString(input), out var why) is { } key ? $"{key.Kind} {key.Bits}" : $"{reason}; {why}";
        });
    }

    static string Identities(byte[] input)
    {
        var id = Identity.Parse(Encoding.UTF8.GetString(input));
        Use(id);
        if (input.Length == 0 || !Identity.TryFromWire(input[0], input.AsSpan(1), out var other)) return id.Kind.ToString();
        Use(other);
        _ = id.Match(other) + other.Match(id);
        return $"{id.Kind} {other.Kind}";

        static void Use(Identity id)
        {
            var text = id.ToString();
            _ = Identity.Parse(text).Match(id);
            if (id.TryGetWire(out var type, out var data) && !Identity.TryFromWire(type, data, out _) && data.Length <= Identity.MaxLength)
                throw new Fault($"an identity of kind {id.Kind} cannot be read from its own encoding");
        }
    }

    static string Proposals(string text)
    {
        List<string> outcomes = [];
        foreach (var protocol in (SecurityProtocol[])[SecurityProtocol.Ike, SecurityProtocol.Esp])
            outcomes.Add(ProposalText.TryParse(protocol, text, out var proposals, out var error) ? ProposalText.Format(proposals) : error.ToString()!);
        return string.Join('\n', outcomes);
    }

    static Target Der(string name, string pem, Func<byte[], string> run) => new(name, [Encoding.ASCII.GetBytes(pem), Der(pem)],
        [[0x30, 0x80], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0xa0], [0xa1, 2], [0xa4], [0x31, 0], [0x05, 0], [0x02, 1, 0], [0x0c, 1, 65], [0x06, 3, 0x55, 0x1d, 0x37], [0x1f, 0xff, 0x7f], [0x24, 0x80]], run);

    static byte[] Der(string pem) => Convert.FromBase64String(string.Concat(pem.Split('\n').Where(l => !l.StartsWith("---", StringComparison.Ordinal))));

    static byte[] DerName() => Identity.Parse("C=CH, O=strong, CN=moon").Encoded;
}
