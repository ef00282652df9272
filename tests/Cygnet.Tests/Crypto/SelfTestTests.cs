// Every algorithm that claims to be built gives its known answer; others are not offered.
using Cygnet.Crypto;

namespace Cygnet.Tests.Crypto;

public sealed class SelfTestTests
{
    static IEnumerable<Transform> Every() => Transforms.All.Where(a => a.Id is not null)
        .SelectMany(a => a.KeyLengths.DefaultIfEmpty((ushort)0), (a, bits) => new Transform(a.Type, a.Id!.Value, bits));

    public static TheoryData<string> Names() => [.. Every().Select(Transforms.Name).Distinct()];

    [Theory, MemberData(nameof(Names))]
    public void What_is_built_passes_and_what_is_not_does_not(string name)
    {
        var transform = Every().First(t => Transforms.Name(t) == name);
        Assert.Equal(Transforms.IsBuilt(transform), SelfTest.Passed(transform));
    }

    [Fact]
    public void Every_signature_scheme_passes()
    {
        foreach (var scheme in Enum.GetValues<SignatureScheme>()) Assert.True(SelfTest.Passed(scheme), scheme.ToString());
    }

    [Fact]
    public void Default_proposals_hold_only_what_passes()
    {
        foreach (var t in (Transform[])[.. DefaultProposals.IkeClassic, .. DefaultProposals.IkeAead, .. DefaultProposals.EspClassic, .. DefaultProposals.EspAead, .. DefaultProposals.Ah])
            Assert.True(SelfTest.Passed(t), Transforms.Name(t));
    }

    [Fact]
    public void Nothing_is_offered_that_is_unknown()
    {
        Assert.False(SelfTest.Passed(new Transform(TransformType.Encryption, 4711, 128)));
        Assert.False(SelfTest.Passed(new Transform(TransformType.Encryption, Encr.AesGcm16, 129)));
        Assert.False(new SystemCrypto().Supports(Ke.None));
        Assert.False(new SystemCrypto().Supports(1030));
        Assert.Throws<NotSupportedException>(() => new SystemCrypto().Start(1030));
    }
}
