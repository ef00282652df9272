// A shared secret with the identities it belongs to. ipsec.secrets, VICI load-shared.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Auth;

public enum SecretClass { Ike, Eap, Ntlm, Ppk, SimTriplet }

/// <summary>A secret, its owners (none: anybody) and, if it came with one, the id by which it is replaced and removed.</summary>
public sealed record SharedSecret(SecretClass Class, byte[] Value, ImmutableArray<Identity> Owners, string? Id = null)
{
    /// <summary>Who loaded it, where that is not the usual client of VICI: such a one neither sees it nor takes it away.</summary>
    public string Source { get; init; } = "";

    /// <summary>The identities as the file has them, for the log.</summary>
    public string Label { get; init; } = "";

    /// <summary>The best score of the identity against the owners, see <see cref="Identity.Match"/>.</summary>
    public int Match(Identity id)
    {
        if (Owners.IsDefaultOrEmpty) return Identity.AnyMatch;
        var best = Identity.NoMatch;
        foreach (var owner in Owners) best = Math.Max(best, id.Match(owner));
        return best;
    }

    // Secrets must not reach a log by way of a record's printing.
    public override string ToString() => $"{Class} secret for {(Owners.IsDefaultOrEmpty ? "%any" : string.Join(' ', Owners))}";
}
