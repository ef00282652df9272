// RFC 3779: whose addresses a certificate speaks for, along a path.
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using static Cygnet.Tests.Pki.TestExtensions;

namespace Cygnet.Tests.Pki;

public sealed class AddressBlockTests
{
    static readonly byte[] s_ten = [10], s_tenOne = [10, 1], s_elven = [11];

    static TrustResult Under(X509Extension? root, X509Extension? middle, X509Extension? leaf)
    {
        static X509Extension[] List(X509Extension? e) => e is null ? [] : [e];
        var anchor = new TestAuthority("root", extensions: List(root));
        var ca = new TestAuthority("middle", anchor, extensions: List(middle));
        return new TrustChain(new SystemCrypto(), [anchor.Certificate], [ca.Certificate], TestAuthority.Now, Revocation.RevocationLab.NoStatus).Validate(ca.Leaf("leaf", List(leaf)).Certificate);
    }

    [Fact]
    public void Blocks_are_contained_in_those_of_the_issuer()
    {
        var good = Under(Blocks(s_ten, s_elven), Blocks(s_ten), Blocks(s_tenOne));
        Assert.NotNull(good.Key);
        Assert.Equal("10.1.0.0/16", Assert.Single(good.AddressBlocks!).ToString());
        Assert.Equal("subject address block 11.0.0.0/8 is not contained in any issuer address block: \"CN=leaf\" exceeds \"CN=middle\"", Under(Blocks(s_ten, s_elven), Blocks(s_ten), Blocks(s_elven)).Reason);
        Assert.Null(Under(Blocks(s_ten), Blocks(s_ten, s_elven), Blocks(s_ten)).Key);
        // Two halves hold the whole.
        Assert.NotNull(Under(Blocks([10, 0], [10, 1], [10, 2]), Blocks([10, 0], [10, 1]), Range([10, 0], [10, 1])).Key);
        Assert.Null(Under(Blocks([10, 0], [10, 2]), Blocks([10, 0], [10, 2]), Range([10, 0], [10, 2])).Key);
        Assert.Null(Under(null, null, null).AddressBlocks);
    }

    [Fact]
    public void All_of_a_chain_has_the_extension_or_nothing()
    {
        Assert.Equal("issuer certificate lacks ipAddrBlocks extension: \"CN=middle\", whose subject \"CN=leaf\" has it", Under(null, null, Blocks(s_ten)).Reason);
        Assert.StartsWith("issuer certificate lacks ipAddrBlocks extension: \"CN=root\"", Under(null, Blocks(s_ten), Blocks(s_ten)).Reason);
        Assert.Equal("subject certificate lacks ipAddrBlocks extension: \"CN=leaf\", whose issuer has it", Under(Blocks(s_ten), Blocks(s_ten), null).Reason);
    }

    [Fact]
    public void Inherited_blocks_are_those_of_the_issuer()
    {
        var inherited = Under(Blocks(s_ten, s_elven), Blocks(null), Blocks(null));
        Assert.Equal("10.0.0.0/8 11.0.0.0/8", string.Join(' ', inherited.AddressBlocks!));
        Assert.Null(Under(Blocks(s_ten), Blocks(null), Blocks(s_elven)).Key);
        // An anchor has nobody to inherit from.
        Assert.Empty(Under(Blocks(null), Blocks(null), Blocks(null)).AddressBlocks!);
    }

    [Fact]
    public void Malformed_blocks_refuse_the_certificate()
    {
        foreach (var (extension, why) in new[]
        {
            (Blocks([10, 1, 2, 3, 4]), "an address is too long"), (Range([11], [10]), "an address range ends before it begins"),
            (Family([0, 3]), "address family 0003 is not supported"), (Family([0, 1, 1]), "address family 000101 is not supported"), (Family([0, 1], [0, 1]), "an address family occurs twice"),
        })
            Assert.Equal($"malformed certificate: {why}", Assert.Throws<InvalidOperationException>(() => new TestAuthority("x", extensions: extension)).Message);
        var all = new TestAuthority("x", extensions: Range([], [])).Certificate.AddressBlocks!;
        Assert.Equal("0.0.0.0/0", Assert.Single(all.Ranges).ToString());
    }

    static X509Extension Range(byte[] from, byte[] to) => Of("1.3.6.1.5.5.7.1.7", true, w =>
    {
        using (w.PushSequence())
        {
            w.WriteOctetString([0, 1]);
            using (w.PushSequence())
            using (w.PushSequence())
            {
                w.WriteBitString(from);
                w.WriteBitString(to);
            }
        }
    });

    static X509Extension Family(params byte[][] families) => Of("1.3.6.1.5.5.7.1.7", true, w =>
    {
        foreach (var family in families)
        {
            using (w.PushSequence())
            {
                w.WriteOctetString(family);
                w.WriteNull();
            }
        }
    });
}
