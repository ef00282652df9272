// What a certificate to be made shall say. RFC 5280 4.1 and 4.2.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki.Make;

/// <summary>The fields of a certificate before it is signed.</summary>
public sealed record CertificateContent
{
    public required Identity Subject { get; init; }
    public required Identity Issuer { get; init; }
    public required PublicKey PublicKey { get; init; }

    /// <summary>Serial number, unsigned and big-endian; leading zero bytes do not matter.</summary>
    public required byte[] SerialNumber { get; init; }
    public required DateTimeOffset NotBefore { get; init; }
    public required DateTimeOffset NotAfter { get; init; }

    public bool IsCa { get; init; }
    public int? PathLength { get; init; }
    public bool IsCrlSigner { get; init; }

    /// <summary>Null for a certificate that its own key signs.</summary>
    public byte[]? AuthorityKeyId { get; init; }
    public IReadOnlyList<Identity> AltNames { get; init; } = [];
    public IReadOnlyList<string> ExtendedKeyUsages { get; init; } = [];
    public IReadOnlyList<CrlLocation> CrlLocations { get; init; } = [];
    public IReadOnlyList<string> OcspUris { get; init; } = [];
    public IReadOnlyList<Identity> PermittedNames { get; init; } = [];
    public IReadOnlyList<Identity> ExcludedNames { get; init; } = [];
    public IReadOnlyList<CertificatePolicy> Policies { get; init; } = [];
    public IReadOnlyList<(string Issuer, string Subject)> PolicyMappings { get; init; } = [];
    public int? RequireExplicitPolicy { get; init; }
    public int? InhibitPolicyMapping { get; init; }
    public int? InhibitAnyPolicy { get; init; }

    /// <summary>Single addresses, subnets and ranges, RFC 3779.</summary>
    public IReadOnlyList<Identity> AddressBlocks { get; init; } = [];

    /// <summary>Empty critical extensions, for tests of what reads them.</summary>
    public IReadOnlyList<string> CriticalOids { get; init; } = [];
}
