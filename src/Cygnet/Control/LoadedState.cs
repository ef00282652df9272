// Everything that clients have loaded: an immutable picture, replaced as a whole by each change.
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Ike;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Pools;

namespace Cygnet.Control;

/// <summary>A certification authority with a name; its certificate is among the credentials under <see cref="Source"/>.</summary>
public sealed record LoadedAuthority(string Name, Certificate Certificate, ImmutableArray<string> CrlUris, ImmutableArray<string> OcspUris)
{
    /// <summary>Where certificates of this CA are fetched from that are only named; null: nowhere.</summary>
    public string? CertificateBase { get; init; }

    /// <summary>The label of an authority's certificate in the credential store: clear-creds leaves these.</summary>
    public string Source => SourceOf(Name);

    public static string SourceOf(string name) => $"authority {name}";
}

/// <summary>A reading of a file of secrets: how many there were, of which file, whether it was read anew, and what there is to say about it.</summary>
public sealed record SecretsReading(int Count, string File, bool IsAnew, ImmutableArray<string> Lines)
{
    public static readonly SecretsReading None = new(0, "", false, []);
}

public sealed record LoadedState
{
    public static readonly LoadedState Empty = new();

    /// <summary>With the digests of the requests that loaded them; a connection that is loaded again keeps its place.</summary>
    public ConnectionTable Connections { get; init; } = ConnectionTable.Empty;
    public CredentialStore Credentials { get; init; } = CredentialStore.Empty;
    public ImmutableArray<LoadedAuthority> Authorities { get; init; } = [];

    /// <summary>Pools of virtual addresses in load order; one that is loaded again keeps its place.</summary>
    public ImmutableArray<Pool> Pools { get; init; } = [];

    /// <summary>Certificates of a replacement whose last request is still to come; not in use.</summary>
    public ImmutableArray<StoredCertificate> Incoming { get; init; } = [];

    /// <summary>Where verified CRLs that were fetched are kept as files; null: nowhere.</summary>
    public string? CrlDirectory { get; init; }

    /// <summary>Parts of connections whose last request is still to come, by name; not in use.</summary>
    public ImmutableDictionary<string, IncomingConnection> IncomingConnections { get; init; } = ImmutableDictionary<string, IncomingConnection>.Empty;

    /// <summary>Parts of a CRL whose last request is still to come.</summary>
    public ImmutableArray<byte[]> IncomingCrl { get; init; } = [];

    /// <summary>The last time that a client replaced its secrets as a whole.</summary>
    public SecretsReading SecretsRead { get; init; } = SecretsReading.None;

    /// <summary>The state with other credentials.</summary>
    public LoadedState With(Action<CredentialStoreBuilder> change)
    {
        var builder = new CredentialStoreBuilder(Credentials);
        change(builder);
        return this with { Credentials = builder.Build() };
    }
}
