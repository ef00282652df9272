// Choosing a proposal. RFC 7296 2.7, 3.3.6.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public sealed class ProposalChoiceTests
{
    static ImmutableArray<Proposal> Parse(string text, SecurityProtocol protocol = SecurityProtocol.Ike)
    {
        Assert.True(ProposalText.TryParse(protocol, text + "!", out var proposals, out var error), error?.Reason);
        return proposals;
    }

    static List<(byte, Proposal)> Offer(IEnumerable<Proposal> proposals) => [.. proposals.Select((p, i) => ((byte)(i + 1), p))];

    [Fact]
    public void Own_order_wins_or_the_peers()
    {
        var ours = Parse("aes256-sha512-ecp384,aes128-sha256-sha384-x25519-ecp256");
        var theirs = Offer(Parse("aes192-sha1-modp2048,aes128-sha384-sha256-ecp256-x25519,aes256-sha512-ecp384"));
        Assert.Equal("IKE:AES_CBC_256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/ECP_384", ProposalChoice.Select(ours, theirs, true, out var number, out _)!.ToString());
        Assert.Equal(3, number);
        Assert.Equal("IKE:AES_CBC_128/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/ECP_256", ProposalChoice.Select(ours, theirs, false, out number, out _)!.ToString());
        Assert.Equal(2, number);
    }

    [Fact]
    public void The_reason_names_what_both_sides_want()
    {
        var ours = Parse("aes128-sha256-x25519-ecp256");
        Assert.Null(ProposalChoice.Select(ours, Offer(Parse("aes128-sha256-modp2048")), true, out var number, out var reason));
        Assert.Equal(0, number);
        Assert.Equal("peer offers modp2048 only; 'ike=' allows curve25519, ecp256", reason);
    }

    [Fact]
    public void The_nearest_miss_is_the_one_with_the_fewest_differences()
    {
        var ours = Parse("aes256gcm16-prfsha384-ecp384,aes128-sha256-ecp256");
        Assert.Null(ProposalChoice.Select(ours, Offer(Parse("aes192-sha512-modp2048,aes128-sha256-modp3072")), true, out _, out var reason));
        Assert.Equal("peer offers modp3072 only; 'ike=' allows ecp256", reason);
        var esp = Parse("aes128gcm16", SecurityProtocol.Esp);
        Assert.Null(ProposalChoice.Select(esp, Offer(Parse("aes256gcm16", SecurityProtocol.Esp)), true, out _, out reason));
        Assert.Equal("peer offers aes256gcm16 only; 'esp=' allows aes128gcm16", reason);
        Assert.Null(ProposalChoice.Select(esp, [], true, out _, out reason));
        Assert.Equal("peer offers no proposal", reason);
    }

    [Fact]
    public void Without_ke_the_groups_do_not_matter()
    {
        var ours = Parse("aes128gcm16-ecp256", SecurityProtocol.Esp);
        var theirs = Offer(Parse("aes128gcm16", SecurityProtocol.Esp));
        Assert.Null(ProposalChoice.Select(ours, theirs, true, out _, out var reason));
        Assert.Equal("peer offers no key exchange only; 'esp=' allows ecp256", reason);
        Assert.Equal("ESP:AES_GCM_16_128/NO_EXT_SEQ", ProposalChoice.SelectWithoutKe(ours, theirs, true, out _, out _)!.ToString());
    }

    [Theory]
    [InlineData("aes128gcm16-ecp256-none", "aes128gcm16", "ESP:AES_GCM_16_128/NO_EXT_SEQ")]
    [InlineData("aes128gcm16", "aes128gcm16-ecp256-none", "ESP:AES_GCM_16_128/NO_EXT_SEQ")]
    [InlineData("aes128gcm16-none-ecp256", "aes128gcm16-ecp256-none", "ESP:AES_GCM_16_128/NO_EXT_SEQ")]
    [InlineData("aes128gcm16-ecp256-none", "aes128gcm16-none-ecp256", "ESP:AES_GCM_16_128/ECP_256/NO_EXT_SEQ")]
    [InlineData("aes128gcm16-esn-noesn", "aes128gcm16-noesn-esn", "ESP:AES_GCM_16_128/EXT_SEQ")]
    public void None_agrees_with_nothing(string ours, string theirs, string chosen) =>
        Assert.Equal(chosen, ProposalChoice.Select(Parse(ours, SecurityProtocol.Esp), Offer(Parse(theirs, SecurityProtocol.Esp)), true, out _, out _)!.ToString());

    [Fact]
    public void A_transform_type_that_we_do_not_know_refuses_that_proposal()
    {
        var ours = Parse("aes128-sha256-ecp256");
        var strange = new Proposal(SecurityProtocol.Ike, ours[0].Transforms.Add(new((TransformType)77, 5)));
        var more = new Proposal(SecurityProtocol.Ike, ours[0].Transforms.Add(new(TransformType.AdditionalKeyExchange1, Ke.MlKem768)));
        Assert.Null(ProposalChoice.Select(ours, [(1, strange)], true, out _, out _));
        Assert.Null(ProposalChoice.Select(ours, [(1, more)], true, out _, out _));
        Assert.NotNull(ProposalChoice.Select(ours, [(1, strange), (2, more), (3, ours[0])], true, out var number, out _));
        Assert.Equal(3, number);
    }

    [Fact]
    public void An_aead_needs_no_integrity_and_takes_none()
    {
        var ours = Parse("aes128gcm16", SecurityProtocol.Esp);
        var none = new Proposal(SecurityProtocol.Esp, ours[0].Transforms.Add(new(TransformType.Integrity, Integ.None)));
        Assert.Equal(ours[0], ProposalChoice.Select(ours, [(1, none)], true, out _, out _));
        // And a classic cipher never goes without one.
        var classic = Parse("aes128-sha256", SecurityProtocol.Esp);
        var bare = new Proposal(SecurityProtocol.Esp, [.. classic[0].Transforms.Where(t => t.Type != TransformType.Integrity)]);
        Assert.Null(ProposalChoice.Select(classic, [(1, bare)], true, out _, out _));
    }

    [Fact]
    public void A_peer_that_says_nothing_of_sequence_numbers_gets_plain_ones()
    {
        var ours = Parse("aes128gcm16-noesn", SecurityProtocol.Esp);
        var silent = new Proposal(SecurityProtocol.Esp, [new(TransformType.Encryption, Encr.AesGcm16, 128)]);
        Assert.Equal(silent, ProposalChoice.Select(ours, [(1, silent)], true, out _, out _));
        Assert.Null(ProposalChoice.Select(Parse("aes128gcm16-esn", SecurityProtocol.Esp), [(1, silent)], true, out _, out _));
    }

    [Fact]
    public void Other_protocols_do_not_match()
    {
        Assert.Null(ProposalChoice.Select(Parse("aes128gcm16", SecurityProtocol.Esp), Offer(Parse("sha256", SecurityProtocol.Ah)), true, out _, out var reason));
        Assert.Equal("peer offers AH only; configured is ESP", reason);
    }
}
