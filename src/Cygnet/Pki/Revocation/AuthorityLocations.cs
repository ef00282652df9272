// Where the operator says that a CA's CRLs and responders are: a ca section. ipsec.conf(5), swanctl.conf(5).
using System.Collections.Immutable;

namespace Cygnet.Pki.Revocation;

/// <summary>Asked before what certificates say. <paramref name="Source"/> names the section.</summary>
public sealed record AuthorityLocations(Certificate Authority, ImmutableArray<string> CrlUris, ImmutableArray<string> OcspUris, string Source)
{
    /// <summary>Below it lie the CA's certificates, each under its SHA-1 in hexadecimal; null: nowhere. RFC 7296 3.6.</summary>
    public string? CertificateBase { get; init; }

    /// <summary>Whether that can be such a base: an HTTP URL, not longer than what a name has room for.</summary>
    public static bool IsCertificateBase(string text) =>
        text.Length is > 0 and < 900 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp;

    /// <summary>Whether a URL lies below that base: of the same server, and further down. The URL is what a stranger says.</summary>
    public bool IsAbove(string url) =>
        CertificateBase is not null && Uri.TryCreate(CertificateBase, UriKind.Absolute, out var @base) && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0 && uri.Scheme == @base.Scheme && uri.Host == @base.Host && uri.Port == @base.Port
        && uri.PathAndQuery.StartsWith(@base.PathAndQuery, StringComparison.Ordinal);

    /// <summary>By key: a CA whose certificate was renewed is the same one.</summary>
    public bool IsOf(Certificate issuer) => Authority.PublicKey.Equals(issuer.PublicKey) || Authority.Equals(issuer);
}
