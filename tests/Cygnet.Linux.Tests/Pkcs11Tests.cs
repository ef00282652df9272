// Keys and certificates on a PKCS#11 token: found, used, refused with a reason.
using System.Runtime.InteropServices;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Linux.Pkcs11;

namespace Cygnet.Linux.Tests;

public sealed class Pkcs11Tests(FilledHsm hsm) : IClassFixture<FilledHsm>
{
    readonly List<string> _log = [];

    Tokens Open(string name = "soft", string path = SoftHsm.Library) => new([(name, path, false)], _log.Add);

    static TokenObject Object(string id, long? slot = null, string? module = null) => new(Convert.FromHexString(id), slot, module);

    static string Reason(Tokens tokens, TokenObject what, string? pin)
    {
        Assert.Null(tokens.Key(what, pin, out var reason));
        return reason;
    }

    [SoftHsmFact]
    public void Keys_sign_with_every_scheme_that_fits_them()
    {
        var (tokens, crypto, data) = (Open(), new SystemCrypto(), "to be signed"u8.ToArray());
        var signed = 0;
        foreach (var id in (string[])["50", "51", "52", "53"])
        {
            var key = tokens.Key(Object(id), SoftHsm.Pin, out var reason);
            Assert.True(key is not null, reason);
            Assert.Equal(hsm[$"{id}.pub"], key.Public.SubjectPublicKeyInfo);
            Assert.Same(key, tokens.Key(Object(id), SoftHsm.Pin, out _));
            foreach (var scheme in Enum.GetValues<SignatureScheme>())
            {
                byte[] signature;
                try { signature = crypto.Sign(key, scheme, data); }
                catch (Exception e) when (e is ArgumentException or NotSupportedException) { continue; } // does not fit the key, or no token has the digest
                Assert.True(crypto.Verify(key.Public, scheme, data, signature), $"{id} {scheme}");
                Assert.False(crypto.Verify(key.Public, scheme, "else"u8, signature));
                signed++;
            }
        }
        // RSA: 4 and 3; ECDSA: 4 hashes and the raw one, for each curve.
        Assert.Equal(7 + 3 * 5, signed);
        Assert.Contains(_log, l => l.StartsWith("loaded PKCS#11 v2.", StringComparison.Ordinal) && l.EndsWith($"library 'soft' ({SoftHsm.Library})", StringComparison.Ordinal));
        Assert.Contains(_log, l => l.StartsWith("  found token in slot 'soft':", StringComparison.Ordinal) && l.EndsWith("(cygnet)", StringComparison.Ordinal));
    }

    [SoftHsmFact]
    public void Certificates_need_no_login()
    {
        Assert.Equal(hsm["50.der"], Open().Certificate(Object("50"), out _));
        Assert.Null(Open().Certificate(Object("51"), out var reason));
        Assert.Equal("no token has a certificate '51'", reason);
    }

    /// <summary>The key is under an id that says nothing, and is asked for by what its certificate calls it.</summary>
    [SoftHsmTheory]
    [InlineData("keyid")]
    [InlineData("spki")]
    [InlineData("serial")]
    [InlineData("own")]
    public void Keys_are_found_by_their_certificate(string by)
    {
        var certificate = Pki.Certificate.TryParse(hsm["54.der"], out _)!;
        var id = by switch
        {
            "keyid" => certificate.PublicKey.KeyId, "spki" => System.Security.Cryptography.SHA1.HashData(certificate.PublicKey.SubjectPublicKeyInfo), "serial" => certificate.SerialNumber, _ => certificate.SubjectKeyId!,
        };
        Assert.NotEqual(certificate.SubjectKeyId, certificate.PublicKey.KeyId);
        var key = Open().Key(new(id, null, null), SoftHsm.Pin, out var reason);
        Assert.True(key is not null, reason);
        Assert.Equal(certificate.PublicKey, key.Public);
        Assert.True(new SystemCrypto().Verify(key.Public, SignatureScheme.RsaPkcs1Sha256, [7], new SystemCrypto().Sign(key, SignatureScheme.RsaPkcs1Sha256, [7])));
        // One token, one wrong PIN: it is tried once.
        var asked = 0;
        Assert.Null(Open().Key(new(id, null, null), () => $"{++asked}{SoftHsm.Pin}", out reason));
        Assert.EndsWith("failed: PIN_INCORRECT", reason);
        Assert.Equal(1, asked);
    }

    [SoftHsmFact]
    public void What_cannot_be_had_is_refused_with_the_reason()
    {
        var tokens = Open();
        Assert.Equal("no token has a private key '77'", Reason(tokens, Object("77"), SoftHsm.Pin));
        Assert.Matches("^login to 'soft':[0-9]+ failed: PIN_INCORRECT$", Reason(tokens, Object("50"), "4321"));
        Assert.Matches("^no PIN for the token in 'soft':[0-9]+$", Reason(tokens, Object("50"), null));
        Assert.Equal("PKCS#11 module 'other' not found", Reason(tokens, Object("50", module: "other"), SoftHsm.Pin));
        Assert.Equal("there is no token in slot 3 of PKCS#11 module 'soft'", Reason(tokens, Object("50", 3), SoftHsm.Pin));
        Assert.Equal("no PKCS#11 module is loaded; 'charon.plugins.pkcs11.modules' in strongswan.conf names them", Reason(Open(path: "/nowhere.so"), Object("50"), SoftHsm.Pin));
        Assert.Contains("loading PKCS#11 library 'soft' failed: opening PKCS#11 library '/nowhere.so' failed: no such file, or no library for this machine", _log);
        Reason(Open(path: "libc.so.6"), Object("50"), SoftHsm.Pin);
        Assert.Contains("loading PKCS#11 library 'soft' failed: no PKCS#11 library: 'libc.so.6' has no C_GetFunctionList", _log);
        // After all that the right one still opens it.
        Assert.NotNull(tokens.Key(Object("50", module: "soft"), SoftHsm.Pin, out _));
    }

    [SoftHsmFact]
    public unsafe void A_token_that_was_away_is_logged_in_to_anew()
    {
        var tokens = Open();
        var key = tokens.Key(Object("50"), SoftHsm.Pin, out var reason);
        Assert.True(key is not null, reason);
        var crypto = new SystemCrypto();
        crypto.Sign(key, SignatureScheme.RsaPkcs1Sha256, [1]);
        // All sessions end, and the login with them, as when a card is pulled out.
        var closeAll = (delegate* unmanaged<nuint, nuint>)NativeLibrary.GetExport(NativeLibrary.Load(SoftHsm.Library), "C_CloseAllSessions");
        foreach (var slot in _log.Where(l => l.Contains("(cygnet)", StringComparison.Ordinal)).Select(l => l.Split(':')[1].Split(' ')[0]))
            Assert.Equal(0u, (uint)closeAll(nuint.Parse(slot)));
        Assert.True(crypto.Verify(key.Public, SignatureScheme.RsaPkcs1Sha256, [1], crypto.Sign(key, SignatureScheme.RsaPkcs1Sha256, [1])));
    }
}
