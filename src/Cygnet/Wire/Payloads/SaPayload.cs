// Security Association payload: the list of proposals. RFC 7296 3.3.
using System.Collections.Immutable;

namespace Cygnet.Wire;

/// <summary>Proposals in the sender's order of preference; in a response the one that was chosen.</summary>
public sealed record SaPayload(ImmutableArray<SaProposal> Proposals) : Payload(PayloadType.Sa)
{
    internal static SaPayload? Read(ref WireReader r, ref string reason)
    {
        var proposals = ImmutableArray.CreateBuilder<SaProposal>(1);
        while (!r.AtEnd)
        {
            // Numbers are one byte, from 1 on: there cannot be more.
            if (proposals.Count == byte.MaxValue)
            {
                reason = "too many proposals";
                return null;
            }
            if (SaProposal.Read(ref r, ref reason) is not { } proposal) return null;
            proposals.Add(proposal);
        }
        if (proposals.Count > 0) return new(proposals.DrainToImmutable());
        reason = "no proposal";
        return null;
    }

    protected override void WriteBody(WireWriter to)
    {
        for (var i = 0; i < Proposals.Length; i++) Proposals[i].Write(to, i == Proposals.Length - 1);
    }
}
