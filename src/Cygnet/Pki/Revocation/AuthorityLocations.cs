// Where the operator says that a CA's CRLs and responders are: a ca section. ipsec-conf.md section 4, swanctl-conf.md section 6.3.
using System.Collections.Immutable;

namespace Cygnet.Pki.Revocation;

/// <summary>Asked before what certificates say. <paramref name="Source"/> names the section.</summary>
public sealed record AuthorityLocations(Certificate Authority, ImmutableArray<string> CrlUris, ImmutableArray<string> OcspUris, string Source)
{
    /// <summary>By key: a CA whose certificate was renewed is the same one.</summary>
    public bool IsOf(Certificate issuer) => Authority.PublicKey.Equals(issuer.PublicKey) || Authority.Equals(issuer);
}
