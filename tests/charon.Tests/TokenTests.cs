// load-token, x-check-token, and certificates on tokens in load-conn.
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
        readonly PublicKey _key;

        public OneToken()
        {
            using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            _key = PublicKey.FromSubjectPublicKeyInfo(ec.ExportSubjectPublicKeyInfo(), out _)!;
            using var made = new CertificateRequest("CN=card", ec, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            Der = made.RawData;
        }

        TokenKey? ITokens.Key(TokenObject what, string? pin, out string reason)
        {
            Asked.Add(what);
            reason = "login to 'soft':0 failed: PIN_INCORRECT";
            return what.Id is [0x50] && pin == "1234" ? new Key(_key) : null;
        }

        byte[]? ITokens.Certificate(TokenObject what, out string reason)
        {
            Asked.Add(what);
            reason = $"no token has a certificate {what}";
            return what.Id is [0x50] ? Der : null;
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
        Assert.Equal("keyid missing", (await client.Request("load-token", Token("xyz", "1"))).Text("errmsg"));
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
        Assert.Equal(["one"], (await client.Request("x-check-conn", Conn("51"))).List("refused"));
        Assert.Empty((await client.Request("x-check-conn", Conn("50"))).List("refused"));
        Assert.Equal("yes", (await client.Request("load-conn", Conn("50"))).Text("success"));
        var local = Assert.Single(Assert.Single(control.Daemon.Store.Current.Connections).Local);
        Assert.Equal(token.Der, Assert.Single(local.Certificates));
        Assert.Equal("CN=card", local.Id!.ToString());
    }
}
