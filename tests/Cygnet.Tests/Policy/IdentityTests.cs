// Identities: every text form, matching scores, wire forms.
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public sealed class IdentityTests
{
    [Theory]
    [InlineData("", IdentityKind.Any, "")]
    [InlineData("%any", IdentityKind.Any, "")]
    [InlineData("%any6", IdentityKind.Any, "")]
    [InlineData("0.0.0.0", IdentityKind.Any, "")]
    [InlineData("*", IdentityKind.Any, "")]
    [InlineData("::", IdentityKind.Any, "")]
    [InlineData("0::0", IdentityKind.Any, "")]
    [InlineData("192.0.2.1", IdentityKind.Ipv4, "c0000201")]
    [InlineData("192.0.2.77/24", IdentityKind.Ipv4Subnet, "c0000200ffffff00")]
    [InlineData("192.0.2.1-192.0.2.9", IdentityKind.Ipv4Range, "c0000201c0000209")]
    [InlineData("2001:db8::1", IdentityKind.Ipv6, "20010db8000000000000000000000001")]
    [InlineData("2001:db8::/32", IdentityKind.Ipv6Subnet, "20010db8000000000000000000000000ffffffff000000000000000000000000")]
    [InlineData("fe80::1:x", IdentityKind.KeyId, "666538303a3a313a78")]
    [InlineData("moon.example.org", IdentityKind.Fqdn, "6d6f6f6e2e6578616d706c652e6f7267")]
    [InlineData("192.0.2.1-x", IdentityKind.Fqdn, "3139322e302e322e312d78")]
    [InlineData("@#c0:ff:ee", IdentityKind.KeyId, "c0ffee")]
    [InlineData("@#fee", IdentityKind.KeyId, "0fee")]
    [InlineData("@@a@b", IdentityKind.Rfc822, "614062")]
    [InlineData("@moon", IdentityKind.Fqdn, "6d6f6f6e")]
    [InlineData("a@b", IdentityKind.Rfc822, "614062")]
    [InlineData("keyid:abc", IdentityKind.KeyId, "616263")]
    [InlineData("KeyID:#abcd", IdentityKind.KeyId, "abcd")]
    [InlineData("email:abc", IdentityKind.Rfc822, "616263")]
    [InlineData("fqdn:a=b", IdentityKind.Fqdn, "613d62")]
    [InlineData("dns:10.0.0.1", IdentityKind.Fqdn, "31302e302e302e31")]
    [InlineData("ipv4:10.0.0.1", IdentityKind.Ipv4, "0a000001")]
    [InlineData("ipv4:#0a000001", IdentityKind.Ipv4, "0a000001")]
    [InlineData("ipv6:2001:db8::1", IdentityKind.Ipv6, "20010db8000000000000000000000001")]
    [InlineData("ipv4net:10.0.0.0/8", IdentityKind.Ipv4Subnet, "0a000000ff000000")]
    [InlineData("ipv4:#0a0000", IdentityKind.KeyId, "697076343a23306130303030")]
    [InlineData("{1}:#0a000001", IdentityKind.Ipv4, "0a000001")]
    [InlineData("{13}:", IdentityKind.Other, "")]
    [InlineData("{200}:ab", IdentityKind.Other, "6162")]
    [InlineData("C=CH", IdentityKind.DistinguishedName, "300d310b3009060355040613024348")]
    [InlineData("C=CH, ", IdentityKind.DistinguishedName, "300d310b3009060355040613024348")]
    [InlineData("/C=CH", IdentityKind.DistinguishedName, "300d310b3009060355040613024348")]
    [InlineData("asn1dn:#300d310b3009060355040613024348", IdentityKind.DistinguishedName, "300d310b3009060355040613024348")]
    [InlineData("CN=*", IdentityKind.DistinguishedName, "300c310a300806035504030c012a")]
    [InlineData("E=a@b", IdentityKind.DistinguishedName, "30143112301006092a864886f70d0109011603614062")]
    [InlineData("CN=", IdentityKind.DistinguishedName, "300b3109300706035504031300")]
    [InlineData("XX=CH", IdentityKind.KeyId, "58583d4348")]
    [InlineData("C=CH, O", IdentityKind.KeyId, "433d43482c204f")]
    [InlineData("=", IdentityKind.KeyId, "3d")]
    [InlineData("xmppaddr:a@b", IdentityKind.GeneralName, "a01106082b06010505070805a0050c03614062")]
    public void Parse_takes_the_first_form_that_fits(string text, IdentityKind kind, string hex)
    {
        var id = Identity.Parse(text);
        Assert.Equal(kind, id.Kind);
        Assert.Equal(hex, Convert.ToHexStringLower(id.Encoded));
    }

    [Theory]
    [InlineData("%any", "%any")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0")]
    [InlineData("::1/128", "::1/128")]
    [InlineData("2001:db8::1-2001:db8::9", "2001:db8::1-2001:db8::9")]
    [InlineData("@moon", "moon")]
    [InlineData("@#00ff", "00:ff")]
    [InlineData("@#616263", "abc")]
    [InlineData("@#4142434445464748494a4b4c4d4e4f5051525354", "41:42:43:44:45:46:47:48:49:4a:4b:4c:4d:4e:4f:50:51:52:53:54")]
    [InlineData("@mo\u001bon", "mo?on")]
    [InlineData("/C=CH/O=a, b/CN=x", "C=CH, O=a, b, CN=x")]
    [InlineData("c=CH,  o = Linux strongSwan ,emailaddress=a@b", "C=CH, O=Linux strongSwan, E=a@b")]
    [InlineData("ND=1, UID=2, DC=3, CN=4, SN=5, serialNumber=6, L=7, ST=8, STREET=9, T=a, D=b", "ND=1, UID=2, DC=3, CN=4, SN=5, serialNumber=6, L=7, ST=8, STREET=9, T=a, D=b")]
    [InlineData("EN=1, UN=2, UA=3, TCGID=4", "employeeNumber=1, unstructuredName=2, unstructuredAddress=3, TCGID=4")]
    [InlineData("CN=\"a, x\"", "CN=\"a, x\"")]
    [InlineData("asn1dn:#300b31093007060329010e1300", "29:01:0e=")]
    [InlineData("CN=Zürich", "CN=Z??rich")]
    [InlineData("xmppaddr:a@b", "(ASN.1 general name)")]
    [InlineData("{200}:x", "(unknown ID type: 200)")]
    public void Prints_as_the_reference(string text, string printed) => Assert.Equal(printed, Identity.Parse(text).ToString());

    [Theory]
    [InlineData("moon.example.org", "moon.example.org", 20)]
    [InlineData("moon.example.org", "MOON.example.org", 20)]
    [InlineData("moon.example.org", "%any", 1)]
    [InlineData("moon.example.org", "@*", 1)]
    [InlineData("moon.example.org", "*.example.org", 19)]
    [InlineData("moon.example.org", "*.EXAMPLE.org", 19)]
    [InlineData("moon.example.org", "*.example.com", 0)]
    [InlineData("org", "*.example.org", 0)]
    [InlineData("moon.example.org", "moon.example.*", 0)]
    [InlineData("moon@example.org", "*@example.org", 19)]
    [InlineData("moon@example.org", "@*@example.org", 0)]
    [InlineData("*.example.org", "moon.example.org", 0)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, O=a, CN=b", 20)]
    [InlineData("C=CH, O=a, CN=b", "C=ch, O=A, CN=B", 20)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, O=a, CN=*", 19)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, O=*, CN=*", 18)]
    [InlineData("C=CH, O=a, CN=b", "C=*, O=*, CN=*", 17)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, CN=*", 0)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, CN=b, O=a", 0)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, OU=a, CN=*", 0)]
    [InlineData("C=CH, O=a, CN=b", "C=CH, OU=*, CN=b", 0)]
    [InlineData("CN=Zürich", "CN=zürich", 0)]
    [InlineData("10.1.2.3", "10.1.2.3", 20)]
    [InlineData("10.1.2.3", "10.0.0.0/8", 2)]
    [InlineData("10.1.2.3", "0.0.0.0/0", 2)]
    [InlineData("11.1.2.3", "10.0.0.0/8", 0)]
    [InlineData("10.1.2.3", "10.1.2.3-10.1.2.9", 2)]
    [InlineData("10.1.2.2", "10.1.2.3-10.1.2.9", 0)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", 2)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", 0)]
    [InlineData("2001:db8::1", "2001:db8::/32", 2)]
    [InlineData("2001:db8::1", "::/0", 2)]
    [InlineData("10.1.2.3", "::/0", 0)]
    [InlineData("10.1.2.3", "@10.1.2.3", 0)]
    [InlineData("@#aa", "@#aa", 20)]
    [InlineData("@#61", "@#41", 0)]
    [InlineData("{200}:x", "{201}:x", 0)]
    public void Match_scores(string id, string pattern, int score) => Assert.Equal(score, Identity.Parse(id).Match(Identity.Parse(pattern)));

    [Fact]
    public void Names_of_many_wildcards_score_two()
    {
        var words = string.Join(", ", Enumerable.Range(0, 20).Select(_ => "OU=x"));
        Assert.Equal(2, Identity.Parse(words).Match(Identity.Parse(words.Replace('x', '*'))));
        Assert.Equal(IdentityKind.KeyId, Identity.Parse(words + ", OU=x").Kind);
    }

    [Fact]
    public void Equal_names_hash_alike()
    {
        foreach (var (a, b) in new[] { ("A.b", "a.B"), ("C=CH, O=x", "C=ch, O=X"), ("x@Y", "X@y") })
        {
            Assert.Equal(Identity.Parse(a), Identity.Parse(b));
            Assert.Equal(Identity.Parse(a).GetHashCode(), Identity.Parse(b).GetHashCode());
        }
        Assert.NotEqual(Identity.Parse("@a"), Identity.Parse("@@a"));
        Assert.NotEqual(Identity.Parse("@#61"), Identity.Parse("@#41"));
    }

    [Fact]
    public void Names_differing_only_in_string_type_are_equal()
    {
        var printable = Identity.Parse("asn1dn:#300d310b3009060355040613024348");
        var utf8 = Identity.Parse("asn1dn:#300d310b300906035504060c024348");
        Assert.Equal(IdentityKind.DistinguishedName, utf8.Kind);
        Assert.Equal(printable, utf8);
        Assert.Equal(printable.GetHashCode(), utf8.GetHashCode());
    }

    [Theory]
    [InlineData(RdnMatching.Reordered, "CN=b, C=CH, O=a", 20)]
    [InlineData(RdnMatching.Reordered, "CN=*, C=CH, O=a", 19)]
    [InlineData(RdnMatching.Reordered, "C=CH, O=a", 0)]
    [InlineData(RdnMatching.Reordered, "CN=b, C=CH, OU=a", 0)]
    [InlineData(RdnMatching.Relaxed, "C=CH, O=a", 19)]
    [InlineData(RdnMatching.Relaxed, "CN=*", 17)]
    [InlineData(RdnMatching.Relaxed, "CN=*, CN=b", 0)]
    [InlineData(RdnMatching.Relaxed, "C=CH, O=a, CN=b, E=x@y", 0)]
    [InlineData(RdnMatching.Relaxed, "O=b", 0)]
    public void Distinguished_names_match_as_loosely_as_is_asked_for(RdnMatching rdns, string pattern, int score) =>
        Assert.Equal(score, Identity.Parse("C=CH, O=a, CN=b").Match(Identity.Parse(pattern), rdns));

    /// <summary>A wildcard leaves to a value the one attribute that has it.</summary>
    [Fact]
    public void A_wildcard_takes_no_value_that_the_pattern_names() =>
        Assert.Equal(19, Identity.Parse("OU=a, OU=b").Match(Identity.Parse("OU=*, OU=a"), RdnMatching.Reordered));

    [Theory]
    [InlineData("192.0.2.1", 1)]
    [InlineData("moon", 2)]
    [InlineData("a@b", 3)]
    [InlineData("::1", 5)]
    [InlineData("C=CH, CN=x", 9)]
    [InlineData("xmppaddr:a@b", 10)]
    [InlineData("@#0102", 11)]
    [InlineData("{13}:", 13)]
    public void Travels_and_comes_back(string text, byte type)
    {
        var id = Identity.Parse(text);
        Assert.True(id.TryGetWire(out var wire, out var data));
        Assert.Equal(type, wire);
        Assert.True(Identity.TryFromWire(wire, data, out var back));
        Assert.Equal(id, back);
        Assert.Equal(new byte[] { type, 0, 0, 0 }.Concat(data), id.ToIdBody());
    }

    [Theory]
    [InlineData("%any")]
    [InlineData("10.0.0.0/8")]
    [InlineData("::1-::2")]
    [InlineData("*.example.org")]
    [InlineData("C=CH, CN=*")]
    public void Patterns_do_not_travel(string text) => Assert.False(Identity.Parse(text).TryGetWire(out _, out _));

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "0a0000")]
    [InlineData(1, "0a00000001")]
    [InlineData(5, "0a000001")]
    [InlineData(4, "0a000001")]
    [InlineData(9, "")]
    [InlineData(9, "3100")]
    [InlineData(9, "300d310b300906035504061302434800")]
    [InlineData(9, "300d310b30090603550406130243")]
    [InlineData(9, "30023100")]
    public void Wire_data_must_fit_the_type(byte type, string hex) => Assert.False(Identity.TryFromWire(type, Convert.FromHexString(hex), out _));

    [Fact]
    public void Wire_data_is_bounded() => Assert.False(Identity.TryFromWire(2, new byte[Identity.MaxLength + 1], out _));

    [Fact]
    public void A_mask_with_holes_matches_nothing()
    {
        Assert.True(Identity.TryFromWire(4, Convert.FromHexString("0a000000ff00ff00"), out var holes));
        Assert.Equal(Identity.NoMatch, Identity.Parse("10.0.0.1").Match(holes));
        Assert.Equal("(invalid address range)", holes.ToString());
    }

    [Fact]
    public void Mutated_names_never_throw()
    {
        var seed = Identity.Parse("C=CH, O=strongSwan Lab, OU=rsa, CN=moon.strongswan.org, E=a@b").Encoded;
        var random = new Random(7);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = seed.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            if (!Identity.TryFromWire(9, bytes, out var id)) continue;
            Assert.NotEmpty(id.ToString() + id.GetHashCode());
            Assert.Equal(Identity.ExactMatch, id.Match(id));
        }
    }

    [Fact]
    public void Text_of_a_name_parses_to_the_same_name()
    {
        foreach (var text in new[] { "C=CH, O=strongSwan Project, CN=moon", "DC=org, DC=example, UID=joe, E=joe@example.org", "CN=a b c, serialNumber=1-2/3" })
            Assert.Equal(text, Identity.Parse(Identity.Parse(text).ToString()).ToString());
    }

    [Fact]
    public void Unspecified_addresses_are_any()
    {
        Assert.Same(Identity.Any, Identity.FromAddress(Address.Any6));
        Assert.Equal("192.0.2.1", Identity.FromAddress(Address.Parse("192.0.2.1")).ToString());
        Assert.Equal(Encoding.ASCII.GetBytes("a.b"), Identity.FromFqdn("a.b").Encoded);
    }
}
