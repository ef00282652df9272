// load-token, x-check-token, certificates on tokens in load-conn and load-authority; a token that takes its time.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Control;
using Cygnet.Crypto;
using PublicKey = Cygnet.Crypto.PublicKey;

namespace Cygnet.Charon.Tests;

public sealed class TokenTests
{
    // One key and its certificate under id 50, behind PIN 1234.
    sealed class OneToken : ITokens
    {
        sealed class Key(PublicKey publicKey) : TokenKey(publicKey)
        {
            public override byte[] Sign(SignatureScheme scheme, ReadOnlySpan<byte> data) => [1, 2, 3];
        }

        public byte[] Der { get; }
        public List<TokenObject> Asked { get; } = [];

        /// <summary>Closed, the token does not answer.</summary>
        public ManualResetEventSlim Answers { get; } = new(true);

        readonly PublicKey _key;

        public OneToken()
        {
            using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            _key = PublicKey.FromSubjectPublicKeyInfo(ec.ExportSubjectPublicKeyInfo(), out _)!;
            using var made = new CertificateRequest("CN=card", ec, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            Der = made.RawData;
            var request = new CertificateRequest("CN=card CA", ec, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using var authority = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            AuthorityDer = authority.RawData;
        }

        /// <summary>That of a CA, under id 60.</summary>
        public byte[] AuthorityDer { get; }

        TokenKey? ITokens.Key(TokenObject what, string? pin, out string reason)
        {
            Wait(what);
            reason = "login to 'soft':0 failed: PIN_INCORRECT";
            return what.Id is [0x50] && pin == "1234" ? new Key(_key) : null;
        }

        byte[]? ITokens.Certificate(TokenObject what, out string reason)
        {
            Wait(what);
            reason = $"no token has a certificate {what}";
            return what.Id switch { [0x50] => Der, [0x60] => AuthorityDer, _ => null };
        }

        void Wait(TokenObject what)
        {
            lock (Asked) Asked.Add(what);
            Answers.Wait(TimeSpan.FromMinutes(5));
        }
    }

    static ViciSection Token(string handle, string pin) => new ViciSection().Add("handle", handle).Add("slot", "3").Add("module", "soft").Add("pin", pin).Add("x-path", "%smartcard3@soft:50");

    static ViciSection Conn(string handle)
    {
        var m = new ViciSection();
        var conn = m.AddSection("a");
        conn.AddSection("local").Add("auth", "pubkey").AddSection("cert1").Add("handle", handle);
        conn.AddSection("remote").Add("auth", "pubkey");
        conn.AddSection("children").AddSection("one");
        return m;
    }

    [Fact]
    public async Task A_key_is_loaded_with_its_pin()
    {
        await using var control = new ControlSocket();
        var token = new OneToken();
        control.Daemon.Tokens = token;
        using var client = control.Connect();
        Assert.Equal("keyid missing", (await client.Request("load-token", new ViciSection().Add("pin", "1"))).Text("errmsg"));
        Assert.Equal("loading private key from token failed", (await client.Request("load-token", Token("xyz", "1"))).Text("errmsg"));
        var refused = await client.Request("load-token", Token("50", "9"));
        Assert.Equal(("no", "loading private key from token failed", "login to 'soft':0 failed: PIN_INCORRECT"), (refused.Text("success"), refused.Text("errmsg"), refused.Text("x-reason")));
        Assert.Equal("yes", (await client.Request("x-check-token", Token("50", "1234"))).Text("success"));
        Assert.Empty(control.Daemon.Store.Current.Credentials.Keys);
        var id = (await client.Request("load-token", Token("50", "1234"))).Text("id");
        Assert.Equal([id!], (await client.Request("get-keys")).List("keys"));
        Assert.Equal("  loaded private key from %smartcard3@soft:50", control.Daemon.Lines.Last());
        Assert.Equal((3L, "soft"), (token.Asked[^1].Slot, token.Asked[^1].Module));
        // The door signs with it.
        Assert.Equal([1, 2, 3], new SystemCrypto().Sign(control.Daemon.Store.Current.Credentials.Keys[0], SignatureScheme.EcdsaSha256Der, []));
    }

    [Fact]
    public async Task A_certificate_on_a_token_is_fetched()
    {
        await using var control = new ControlSocket();
        var token = new OneToken();
        control.Daemon.Tokens = token;
        using var client = control.Connect();
        Assert.Equal("unable to load certificate: cert1 (no token has a certificate '51')", (await client.Request("load-conn", Conn("51"))).Text("errmsg"));
        Assert.Equal("invalid value for: handle, config discarded", (await client.Request("load-conn", Conn("xy"))).Text("errmsg"));
        var leftOut = await client.Request("load-conn", Conn("51").Add("x-leave-out", "yes"));
        Assert.Equal("yes", leftOut.Text("success"));
        Assert.Equal(["one"], leftOut.List("refused"));
        Assert.Equal(["unable to load certificate: cert1 (no token has a certificate '51')"], leftOut.List("reasons"));
        Assert.Empty(control.Daemon.Store.Current.Connections);
        Assert.Empty((await client.Request("load-conn", Conn("50").Add("x-leave-out", "yes"))).List("refused"));
        var local = Assert.Single(Assert.Single(control.Daemon.Store.Current.Connections).Local);
        Assert.Equal(token.Der, Assert.Single(local.Certificates));
        Assert.Equal("CN=card", local.Id!.ToString());
    }

    static ViciSection Authority(string handle)
    {
        var message = new ViciSection();
        message.AddSection("lab").Add("handle", handle).Add("slot", "3").Add("module", "soft").AddList("crl_uris", ["http://192.0.2.1/ca.crl"]);
        return message;
    }

    [Fact]
    public async Task A_ca_certificate_on_a_token_is_fetched()
    {
        await using var control = new ControlSocket();
        var token = new OneToken();
        control.Daemon.Tokens = token;
        using var client = control.Connect();
        const string Absent = "CA certificate missing: lab (no token has a certificate '51' in slot 3 of module 'soft')", NoCa = "CA certificate missing: lab (\"CN=card\" lacks ca basic constraint)";
        foreach (var command in (string[])["x-check-authority", "load-authority"])
        {
            Assert.Equal(Absent, (await client.Request(command, Authority("51"))).Text("errmsg"));
            Assert.Equal(NoCa, (await client.Request(command, Authority("50"))).Text("errmsg"));
        }
        Assert.Equal("CN=card CA", (await client.Request("x-check-authority", Authority("60"))).Text("subject"));
        Assert.Empty(control.Daemon.Store.Current.Authorities);
        Assert.Equal("yes", (await client.Request("load-authority", Authority("60"))).Text("success"));
        var loaded = Assert.Single(control.Daemon.Store.Current.Authorities);
        Assert.Equal(token.AuthorityDer, loaded.Certificate.Raw);
        Assert.Equal(["http://192.0.2.1/ca.crl"], loaded.CrlUris.AsEnumerable());
        Assert.Equal(loaded.Certificate, Assert.Single(control.Daemon.Store.Current.Credentials.Certificates).Certificate);
        Assert.Equal((3L, "soft"), (token.Asked[^1].Slot, token.Asked[^1].Module));
    }

    public static TheoryData<string, ViciSection> Slow() => new()
    {
        { "load-conn", Conn("50") }, { "load-authority", Authority("60") }, { "x-check-authority", Authority("60") }, { "load-token", Token("50", "1234") }, { "x-check-token", Token("50", "1234") },
    };

    [Theory]
    [MemberData(nameof(Slow))]
    public async Task While_a_token_does_not_answer_others_are_served(string command, ViciSection message)
    {
        await using var control = new ControlSocket();
        var token = new OneToken();
        control.Daemon.Tokens = token;
        token.Answers.Reset();
        using TestClient waiting = control.Connect(), other = control.Connect();
        waiting.Send(ViciPacket.Request(command, message));
        Assert.True(SpinWait.SpinUntil(() => { lock (token.Asked) return token.Asked.Count == 1; }, TimeSpan.FromMinutes(1)));
        var shared = new ViciSection().Add("type", "ike").Add("data", "secret").Add("id", "one");
        Assert.Equal("yes", (await other.Request("load-shared", shared)).Text("success"));
        Assert.Equal(["one"], (await other.Request("get-shared")).List("keys"));
        token.Answers.Set();
        Assert.Equal("yes", (await waiting.Receive())!.Message.Text("success"));
    }

    [Fact]
    public async Task A_transaction_asks_a_token_once()
    {
        await using var control = new ControlSocket();
        var token = new OneToken();
        control.Daemon.Tokens = token;
        using TestClient client = control.Connect(), other = control.Connect();
        await client.Request("x-begin");
        Assert.Equal("yes", (await client.Request("load-conn", Conn("50"))).Text("success"));
        Assert.Equal("yes", (await client.Request("load-authority", Authority("60"))).Text("success"));
        Assert.Equal("yes", (await client.Request("load-token", Token("50", "1234"))).Text("success"));
        // The trial does not count any more: all is done again on what is there now.
        await other.Request("load-shared", new ViciSection().Add("type", "ike").Add("data", "secret").Add("id", "one"));
        token.Answers.Reset();
        Assert.Equal("yes", (await client.Request("x-commit")).Text("success"));
        Assert.Equal(3, token.Asked.Count);
        var state = control.Daemon.Store.Current;
        Assert.Equal((1, 1, 1, 1), (state.Connections.Count(), state.Authorities.Length, state.Credentials.StoredKeys.Count(), state.Credentials.Secrets.Count()));
    }
}
