// SUPPORTED_AUTH_METHODS: what is announced, what a key makes of it. RFC 9593.
using System.Security.Cryptography;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Auth;

public sealed class AuthAnnouncementTests
{
    static AuthAnnouncement Of(params AuthRound[] rounds) => AuthAnnouncement.Read(AuthAnnouncement.Encode(rounds));

    static AuthRound PublicKey(params string[] constraints) => new() { Class = AuthClass.PublicKey, SignatureConstraints = [.. constraints] };

    [Fact]
    public void A_round_announces_its_class()
    {
        Assert.Equal("pre-shared key", Of(new AuthRound { Class = AuthClass.Psk }).ToString());
        Assert.Equal("NULL", Of(new AuthRound { Class = AuthClass.Null }).ToString());
        Assert.Equal("RSA signature, ECDSA-256 signature, ECDSA-384 signature, ECDSA-521 signature, any digital signature", Of(PublicKey()).ToString());
        Assert.Empty(AuthAnnouncement.Encode([new AuthRound { Class = AuthClass.Eap }]));
        Assert.Equal([2, 2], AuthAnnouncement.Encode([new AuthRound { Class = AuthClass.Psk }, new AuthRound { Class = AuthClass.Psk }]));
    }

    [Fact]
    public void Constraints_announce_schemes()
    {
        var announced = Of(PublicKey("ike:rsa/pss-sha384", "ike:ecdsa-sha256"));
        Assert.True(announced.Accepts(SignatureScheme.RsaPssSha384));
        Assert.True(announced.Accepts(SignatureScheme.EcdsaSha256Der));
        Assert.False(announced.Accepts(SignatureScheme.RsaPkcs1Sha256));
        Assert.False(announced.Accepts(AuthMethod.SharedKey));
    }

    [Fact]
    public void A_key_signs_as_the_peer_announces()
    {
        using var rsa = RSA.Create(2048);
        var key = Cygnet.Crypto.PublicKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo(), out _)!;
        ushort[] hashes = [SignatureHash.Sha256, SignatureHash.Sha384, SignatureHash.Sha512];
        Assert.Equal(SignatureScheme.RsaPkcs1Sha256, SignatureAuth.Choose(key, hashes, SignatureConstraints.None, false, out _)!.Value.Scheme);
        Assert.Equal(SignatureScheme.RsaPssSha384, SignatureAuth.Choose(key, hashes, SignatureConstraints.None, false, out _, Of(PublicKey("ike:rsa/pss-sha384")))!.Value.Scheme);
        Assert.Null(SignatureAuth.Choose(key, hashes, SignatureConstraints.None, false, out var reason, Of(PublicKey("ike:ed25519"))));
        Assert.Contains("the peer accepts ED25519", reason);
    }

    [Fact]
    public void Whatever_a_peer_announces_is_read_without_harm()
    {
        var whole = AuthAnnouncement.Encode([PublicKey("ike:rsa/pss-sha384", "ike:ecdsa-sha256"), new() { Class = AuthClass.Psk }]);
        for (var at = 0; at < whole.Length; at++)
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])whole.Clone();
                changed[at] = (byte)value;
                _ = AuthAnnouncement.Read(changed).ToString();
                _ = AuthAnnouncement.Read(changed.AsSpan(0, at)).ToString();
            }
        Assert.Equal("", AuthAnnouncement.Read(new byte[300]).ToString()); // a length of 0 does not advance
    }

    [Fact]
    public void Both_ends_tell_each_other()
    {
        var outcome = new Pair().Up();
        Assert.Null(outcome.Error);
        Assert.Equal(2, outcome.Lines.Count(l => l.Contains("N(SUP_AUTH)", StringComparison.Ordinal)));
    }
}
