// How strictly certificates are looked at, from strongswan.conf.
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>Defaults are those of strongSwan 5.9.8.</summary>
public sealed record TrustSettings
{
    /// <summary>Refuses certificates with critical extensions that are not known: <c>x509.enforce_critical</c>. RFC 5280 4.2.</summary>
    public bool EnforceCritical { get; init; } = true;

    /// <summary>How configured distinguished names are compared with those of peers: <c>rdn_matching</c>.</summary>
    public RdnMatching RdnMatching { get; init; }
}
