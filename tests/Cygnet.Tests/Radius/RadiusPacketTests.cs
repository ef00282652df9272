// The RADIUS codec: examples of the RFCs, malformed packets, keys of an Access-Accept. RFC 2865 7, RFC 5997 6, RFC 2548.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Tests.Radius;

public sealed class RadiusPacketTests
{
    static readonly byte[] Secret = "xyzzy5461"u8.ToArray();

    static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    static RadiusPacket Parse(byte[] bytes)
    {
        Assert.True(RadiusPacket.TryParse(bytes, out var packet, out var reason), reason);
        return packet;
    }

    /// <summary>RFC 2865 7.1: the user nemo logs in.</summary>
    static readonly byte[] Request = Hex("01000038 0f403f94 73978057 bd83d5cb 98f4227a 01066e65 6d6f0212 0dbe708d 93d413ce 3196e43f 782a0aee 0406c0a8 01100506 00000003");
    static readonly byte[] Accept = Hex("02000026 86fe220e 7624ba2a 1005f6bf 9b55e0b2 06060000 00010f06 00000000 0e06c0a8 0103");

    [Fact]
    public void TheRfcsRequestIsRead()
    {
        var request = Parse(Request);
        Assert.Equal(RadiusCode.AccessRequest, request.Code);
        Assert.Equal("nemo", Encoding.ASCII.GetString(request.First(RadiusType.UserName)!.Value.Value.Span));
        Assert.Equal(Address.Parse("192.168.1.16"), request.First(RadiusType.NasIpAddress)!.Value.Address);
        Assert.Equal(3u, request.First(RadiusType.NasPort)!.Value.Number);
        Assert.Equal(request.First(RadiusType.UserPassword)!.Value.Value.ToArray(), RadiusAuthenticator.HidePassword("arctangent"u8, request.Authenticator, Secret));
        Assert.Null(RadiusAuthenticator.HasGoodMessageAuthenticator(request, request.Authenticator, Secret));
    }

    [Fact]
    public void TheRfcsResponseIsAuthenticAndOnlyToItsRequest()
    {
        var (request, accept) = (Parse(Request), Parse(Accept));
        Assert.True(RadiusAuthenticator.IsResponseTo(accept, request.Authenticator, Secret));
        Assert.False(RadiusAuthenticator.IsResponseTo(accept, request.Authenticator, "xyzzy5462"u8));
        Assert.False(RadiusAuthenticator.IsResponseTo(accept, new byte[16], Secret));
        for (var i = 0; i < Accept.Length; i++)
        {
            if (i is 2 or 3) continue; // the length
            byte[] changed = [.. Accept];
            changed[i] ^= 1;
            if (RadiusPacket.TryParse(changed, out var packet, out _)) Assert.False(RadiusAuthenticator.IsResponseTo(packet, request.Authenticator, Secret), $"byte {i}");
        }
        var again = RadiusAuthenticator.Response(RadiusCode.AccessAccept, 0, request.Authenticator,
            new RadiusAttributes().Add(RadiusType.ServiceType, 1).Add((RadiusType)15, 0).Add((RadiusType)14, Address.Parse("192.168.1.3")), Secret, withMessageAuthenticator: false);
        Assert.Equal(Accept, again);
    }

    [Fact]
    public void TheMessageAuthenticatorOfRfc5997IsGood()
    {
        var query = Parse(Hex("0cda0026 8a54f468 6fb394c5 2866e302 185d0623 50125a66 5e2e1e84 11f3e243 822097c8 4fa3"));
        Assert.True(RadiusAuthenticator.HasGoodMessageAuthenticator(query, query.Authenticator, Secret));
        Assert.False(RadiusAuthenticator.HasGoodMessageAuthenticator(query, query.Authenticator, "xyzzy546"u8));
        var answer = Parse(Hex("02da0014 ef0d552a 4bf2d693 ec2b6fe8 b5411d66"));
        Assert.True(RadiusAuthenticator.IsResponseTo(answer, query.Authenticator, Secret));
    }

    [Fact]
    public void AnAccessRequestBeginsWithItsMessageAuthenticator()
    {
        byte[] authenticator = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        var request = Parse(RadiusAuthenticator.AccessRequest(7, authenticator, new RadiusAttributes().Add(RadiusType.UserName, "carol").AddEap(new byte[600]), Secret)!);
        Assert.Equal(RadiusType.MessageAuthenticator, request.Attributes[0].Type);
        Assert.True(RadiusAuthenticator.HasGoodMessageAuthenticator(request, authenticator, Secret));
        Assert.Equal([253, 253, 94], request.All(RadiusType.EapMessage).Select(a => a.Value.Length));
        Assert.Equal(new byte[600], request.EapMessage());
        Assert.Null(RadiusAuthenticator.AccessRequest(7, authenticator, new RadiusAttributes().AddEap(new byte[4080]), Secret));
    }

    [Fact]
    public void RequestsWithAHashedAuthenticatorAreCheckedByIt()
    {
        var bytes = RadiusAuthenticator.Request(RadiusCode.DisconnectRequest, 9, new RadiusAttributes().Add(RadiusType.UserName, "carol"), Secret, withMessageAuthenticator: true)!;
        var request = Parse(bytes);
        Assert.True(RadiusAuthenticator.IsRequest(request, Secret));
        Assert.True(RadiusAuthenticator.HasGoodMessageAuthenticator(request, new byte[16], Secret));
        Assert.False(RadiusAuthenticator.IsRequest(request, "other"u8));
        bytes[^1] ^= 1;
        Assert.False(RadiusAuthenticator.IsRequest(Parse(bytes), Secret));
    }

    [Theory]
    [InlineData("", "below")]
    [InlineData("0100", "below")]
    [InlineData("01000013 00000000000000000000000000000000", "below")] // less than a header
    [InlineData("01000015 00000000000000000000000000000000", "only 20 bytes")] // more than came
    [InlineData("01001001 00000000000000000000000000000000", "above")] // more than is allowed
    [InlineData("01000015 00000000000000000000000000000000 01", "cut off")]
    [InlineData("0100002a 00000000000000000000000000000000 501200000000000000000000000000000000 5004 0000", "two Message")]
    [InlineData("01000018 00000000000000000000000000000000 50040000", "Message-Authenticator has length 4")]
    public void MalformedPacketsAreRefusedWithAReason(string hex, string expected)
    {
        Assert.False(RadiusPacket.TryParse(Hex(hex), out _, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-35333: an attribute whose length is 0 or 1, or beyond the packet, made a reader of a peer loop or read on.</summary>
    [Fact]
    public void Cve_2026_35333_an_attribute_is_as_long_as_its_header_at_least_and_ends_within_the_packet()
    {
        for (var length = 0; length < 256; length++)
            for (var room = 0; room < 8; room++)
            {
                byte[] bytes = [11, 1, 0, (byte)(22 + room), .. new byte[16], 79, (byte)length, .. new byte[room]];
                var isWhole = length >= 2 && length - 2 <= room && (length - 2 == room || room - (length - 2) >= 2 && bytes[22 + length - 2 + 1] >= 2);
                Assert.Equal(isWhole, RadiusPacket.TryParse(bytes, out var packet, out _));
                if (packet is not null) Assert.Equal(room, packet.Attributes[0].Value.Length);

                // the same inside Vendor-Specific, which is only passed over
                byte[] vendor = [0, 0, 1, 0x37, 17, (byte)length, .. new byte[room]];
                var inside = new RadiusAttribute(26, vendor).OfVendor(311);
                Assert.Equal(isWhole ? 1 : 0, inside.Count);
            }
        Assert.Empty(new RadiusAttribute(26, new byte[] { 0, 0, 1 }).OfVendor(311));
        Assert.Empty(new RadiusAttribute(26, new byte[] { 0, 0, 1, 0x37, 17 }).OfVendor(311));
        Assert.Empty(new RadiusAttribute(25, new byte[] { 0, 0, 1, 0x37, 17, 2 }).OfVendor(311));
    }

    [Fact]
    public void OctetsBehindTheLengthArePadding()
    {
        var packet = Parse([.. Accept, 1, 0, 0]);
        Assert.Equal(3, packet.Attributes.Count);
        Assert.True(RadiusAuthenticator.IsResponseTo(packet, Request.AsSpan(4, 16), Secret));
    }

    // Computed by another implementation: secret "testing123", authenticator 00..0f, salt 8001, key 40..5f.
    static readonly byte[] Mppe = Hex("800112e4450f495e607e886ff921f9f658bdc7a2d5d292b9ec4cddb2f068d703a4742ca58d79340c6cc695b6c02a75704757");
    static readonly byte[] Authenticator = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    [Fact]
    public void TheKeysOfAnAcceptBecomeTheMsk()
    {
        byte[] key = [.. Enumerable.Range(0x40, 32).Select(i => (byte)i)];
        Assert.Equal(key, MppeKeys.Decrypt(Mppe, Authenticator, "testing123"u8));
        var other = MppeEncryption.Encrypt([.. key.Reverse()], [0x80, 2], Authenticator, "testing123"u8);
        Assert.Equal(Mppe, MppeEncryption.Encrypt(key, [0x80, 1], Authenticator, "testing123"u8));
        var accept = Parse(RadiusAuthenticator.Response(RadiusCode.AccessAccept, 0, Authenticator,
            new RadiusAttributes().AddVendor(311, 16, other).AddVendor(311, 17, Mppe), "testing123"u8, true)!);
        Assert.Equal([.. key, .. key.Reverse()], MppeKeys.Msk(accept, Authenticator, "testing123"u8)!);
        var half = Parse(RadiusAuthenticator.Response(RadiusCode.AccessAccept, 0, Authenticator, new RadiusAttributes().AddVendor(311, 17, Mppe), "testing123"u8, true)!);
        Assert.Null(MppeKeys.Msk(half, Authenticator, "testing123"u8));
    }

    [Fact]
    public void ShortKeysAreFilledUpWithZeros()
    {
        var accept = Parse(RadiusAuthenticator.Response(RadiusCode.AccessAccept, 0, Authenticator, new RadiusAttributes()
            .AddVendor(311, 16, MppeEncryption.Encrypt(new byte[16], [0x80, 2], Authenticator, Secret))
            .AddVendor(311, 17, MppeEncryption.Encrypt([.. Enumerable.Repeat((byte)1, 16)], [0x80, 1], Authenticator, Secret)), Secret, true)!);
        Assert.Equal([.. Enumerable.Repeat((byte)1, 16), .. new byte[48]], MppeKeys.Msk(accept, Authenticator, Secret)!);
    }

    [Fact]
    public void KeysThatCannotBeAreNoKeys()
    {
        for (var length = 0; length < 60; length++)
            if (length < 18 || length % 16 != 2) Assert.Null(MppeKeys.Decrypt(new byte[length], Authenticator, Secret));
        // the length inside is beyond the text
        Assert.Null(MppeKeys.Decrypt([0x80, 1, .. MD5.HashData([.. Secret, .. Authenticator, 0x80, 1]).Select((b, i) => (byte)(i == 0 ? b ^ 16 : b))], Authenticator, Secret));
        Assert.Equal(new byte[15], MppeKeys.Decrypt([0x80, 1, .. MD5.HashData([.. Secret, .. Authenticator, 0x80, 1]).Select((b, i) => (byte)(i == 0 ? b ^ 15 : b))], Authenticator, Secret));
        Assert.Null(MppeKeys.Decrypt([0x80, 1, .. MD5.HashData([.. Secret, .. Authenticator, 0x80, 1])], Authenticator, Secret));
    }

    [Fact]
    public void NamesOfTypesAreThoseOfTheRfcs()
    {
        foreach (var (type, name) in ((RadiusType, string)[])[(RadiusType.UserName, "User-Name"), (RadiusType.ReplyMessage, "Reply-Message"), (RadiusType.NasIdentifier, "NAS-Identifier"),
            (RadiusType.AcctInputGigawords, "Acct-Input-Gigawords"), (RadiusType.TunnelType, "Tunnel-Type"), (RadiusType.MessageAuthenticator, "Message-Authenticator"),
            (RadiusType.AcctInterimInterval, "Acct-Interim-Interval"), (RadiusType.NasPortId, "NAS-Port-Id"), (RadiusType.NasIpv6Address, "NAS-IPv6-Address"),
            (RadiusType.ErrorCause, "Error-Cause"), (RadiusType.FramedIpv6Address, "Framed-IPv6-Address"), ((RadiusType)125, "MIP6-Home-Link-Prefix")])
        {
            Assert.Equal(name, RadiusTypeNames.Name((byte)type));
            Assert.True(RadiusTypeNames.TryFind(name.ToUpperInvariant(), out var found));
            Assert.Equal((byte)type, found);
        }
        Assert.Equal("200", RadiusTypeNames.Name(200));
        Assert.Equal("0", RadiusTypeNames.Name(0));
    }
}
