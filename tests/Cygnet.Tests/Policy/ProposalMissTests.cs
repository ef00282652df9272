// The nearest miss: what it says, and that the setting it names would really agree.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Tests.Policy;

public sealed class ProposalMissTests
{
    static ImmutableArray<Proposal> Parse(string text, SecurityProtocol protocol)
    {
        Assert.True(ProposalText.TryParse(protocol, text + "!", out var proposals, out var error), error?.Reason);
        return proposals;
    }

    static List<(byte, Proposal)> Offer(IEnumerable<Proposal> proposals) => [.. proposals.Select((p, i) => ((byte)(i + 1), p))];

    [Theory]
    [InlineData("ike", "aes128-sha256-ecp256", "aes128-sha256-modp2048", "their proposal 1 fails only on the key exchange: offered modp2048, we allow ecp256", "aes128-sha256-modp2048")]
    [InlineData("ike", "aes128-sha256-ecp256", "aes256-sha512-ecp256,aes256-sha256-ecp256", "their proposal 2 fails only on the encryption: offered aes256, we allow aes128", "aes256-sha256-ecp256")]
    [InlineData("ike", "aes128-sha256-ecp256", "aes128-sha1-ecp256", "their proposal 1 fails on the PRF: offered prfsha1, we allow prfsha256; and on the integrity algorithm: offered sha1, we allow sha256", "aes128-sha1-ecp256")]
    [InlineData("ike", "aes128gcm16-prfsha256-ecp256", "aes128-sha256-ecp256", "their proposal 1 fails on the encryption: offered aes128, we allow aes128gcm16; and on the integrity algorithm: offered sha256, we allow none", "aes128-sha256-ecp256")]
    [InlineData("esp", "aes128gcm16", "aes256gcm16", "their proposal 1 fails only on the encryption: offered aes256gcm16, we allow aes128gcm16", "aes256gcm16")]
    [InlineData("esp", "aes128gcm16-ecp256", "aes128gcm16", "their proposal 1 fails only on the key exchange: offered none, we allow ecp256", "aes128gcm16")]
    [InlineData("esp", "aes128gcm16-esn", "aes128gcm16-noesn", "their proposal 1 fails only on the choice of sequence numbers: offered noesn, we allow esn", "aes128gcm16")]
    [InlineData("esp", "aes128-sha256", "aes128-sha1", "their proposal 1 fails only on the integrity algorithm: offered sha1, we allow sha256", "aes128-sha1")]
    public void It_says_what_failed_and_the_setting_that_it_names_agrees(string keyword, string ours, string theirs, string explained, string setting)
    {
        var protocol = keyword == "ike" ? SecurityProtocol.Ike : SecurityProtocol.Esp;
        var offer = Offer(Parse(theirs, protocol));
        var miss = ProposalChoice.Nearest(Parse(ours, protocol), offer);
        Assert.Equal(explained, miss!.Explain());
        Assert.StartsWith($"'{keyword}={setting}' would accept it", miss.Change());
        Assert.NotNull(ProposalChoice.Select(Parse(setting, protocol), offer, true, out _, out _));
    }

    [Fact]
    public void Weak_ones_are_called_weak() =>
        Assert.EndsWith("would accept it, but sha1 is weak", ProposalChoice.Nearest(Parse("aes128-sha256", SecurityProtocol.Esp), Offer(Parse("aes128-sha1", SecurityProtocol.Esp)))!.Change());

    [Fact]
    public void What_this_build_cannot_run_is_not_proposed()
    {
        var theirs = new Proposal(SecurityProtocol.Esp, [new(TransformType.Encryption, 5), new(TransformType.Integrity, Integ.HmacSha256_128)]);
        Assert.Null(ProposalChoice.Nearest(Parse("aes128-sha256", SecurityProtocol.Esp), [(1, theirs)])!.Change());
        var plain = new Proposal(SecurityProtocol.Ike, [new(TransformType.Encryption, Encr.Null), .. Parse("aes128-sha256-ecp256", SecurityProtocol.Ike)[0].Transforms.Skip(1)]);
        Assert.Null(ProposalChoice.Nearest(Parse("aes128-sha256-ecp256", SecurityProtocol.Ike), [(1, plain)])!.Change());
    }
}
