// Whatever byte of a certificate changes, it is refused, and nothing throws. RFC 5280 6.1.3 (a).
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using static Cygnet.Tests.Pki.TestExtensions;

namespace Cygnet.Tests.Pki;

public sealed class ChainMutationTests
{
    static readonly TestAuthority s_root = new("root", extensions: [Policies("1.2.3"), Blocks([10])]);
    static readonly TestAuthority s_ca = new("ca", s_root, extensions: [Policies("1.2.3"), Mappings(("1.2.3", "1.2.4")), PolicyConstraints(0), InhibitAny(1), Blocks([10, 1])]);
    static readonly Certificate s_leaf = s_ca.Leaf("leaf", Policies("1.2.4"), Blocks([10, 1, 2]), TestAuthority.Dns("a.example.org")).Certificate;

    static TrustResult? Validate(byte[] leaf, byte[] ca)
    {
        if (Certificate.TryParse(leaf, out var reason) is not { } end || Certificate.TryParse(ca, out reason) is not { } issuer)
        {
            Assert.NotEqual("", reason);
            return null;
        }
        return new TrustChain(new SystemCrypto(), [s_root.Certificate], [issuer], TestAuthority.Now, Cygnet.Pki.Revocation.SilentStatus.Instance).Validate(end);
    }

    [Fact]
    public void Each_changed_byte_of_a_chain_is_refused()
    {
        Assert.NotNull(Validate(s_leaf.Raw, s_ca.Certificate.Raw)!.Key);
        foreach (var isLeaf in (bool[])[true, false])
        {
            var raw = (isLeaf ? s_leaf : s_ca.Certificate).Raw;
            for (var at = 0; at < raw.Length; at++)
            {
                foreach (var mask in (byte[])[0x01, 0x80, 0xff])
                {
                    var changed = (byte[])raw.Clone();
                    changed[at] ^= mask;
                    var result = isLeaf ? Validate(changed, s_ca.Certificate.Raw) : Validate(s_leaf.Raw, changed);
                    Assert.True(result?.Key is null, $"byte {at} ^ {mask:x2} of the {(isLeaf ? "leaf" : "CA")}");
                    if (result is not null) Assert.NotNull(result.Change);
                }
            }
        }
    }

    [Fact]
    public void Each_beginning_of_a_certificate_is_refused()
    {
        for (var length = 0; length < s_leaf.Raw.Length; length++) Assert.Null(Certificate.TryParse(s_leaf.Raw.AsSpan(0, length), out _));
    }
}
