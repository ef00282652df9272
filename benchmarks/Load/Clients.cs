// The connections of a load generator's clients: each has an identity and an inner address that no other has.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks.Load;

static class Clients
{
    /// <summary>Client number i with a pre-shared key; without <paramref name="esp"/> its IKE_SA has no child.</summary>
    public static Connection Psk(int i, string ike, string? esp, string responder) => new()
    {
        Name = "load",
        Version = IkeVersion.V2,
        RemoteAddrs = [responder],
        RemotePort = 4500,
        Proposals = Proposals(SecurityProtocol.Ike, ike),
        Local = [new AuthRound { Class = AuthClass.Psk, Id = Identity.Parse($"u{i}@load.example") }],
        Remote = [new AuthRound { Class = AuthClass.Psk, Id = Identity.Parse("@sun.cygnet.test") }],
        Unique = UniquePolicy.Never,
        Mobike = false,
        RekeyTime = TimeSpan.Zero,
        Children = esp is null ? [] :
        [
            new ChildConfig
            {
                Name = "load",
                LocalTs = [TrafficSelector.Single(Address.FromV4((10u << 24) + 256 + (uint)i))],
                RemoteTs = [TrafficSelector.Subnet(Address.Parse("10.128.0.0"), 9)],
                Proposals = Proposals(SecurityProtocol.Esp, esp),
            },
        ],
    };

    public static ImmutableArray<Proposal> Proposals(SecurityProtocol protocol, string words) =>
        ProposalText.TryParse(protocol, words + "!", out var proposals, out var error) ? proposals : throw new BedFailure($"{words}: {error}");
}
