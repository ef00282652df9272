// What an authentication server grants together with success. RFC 2865 5, 2869 5, 3162 2, 6911 3.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>Immutable; an IKE_SA that was authenticated so keeps it, and hands it to its successors when it is rekeyed.</summary>
public sealed record EapGrant
{
    /// <summary>The name of the virtual pool, among <c>pools</c>, that stands for <see cref="Addresses"/>.</summary>
    public const string Pool = "radius";

    /// <summary>How long the SA may live before it has to authenticate again (AUTH_LIFETIME); null: as configured.</summary>
    public TimeSpan? AuthLifetime { get; init; }

    /// <summary>Virtual addresses for the peer if the connection names the pool <see cref="Pool"/>.</summary>
    public ImmutableArray<Address> Addresses { get; init; } = [];

    /// <summary>Name servers for the peer, whatever the pool: INTERNAL_IP4_DNS, INTERNAL_IP6_DNS.</summary>
    public ImmutableArray<Address> Dns { get; init; } = [];

    /// <summary>INTERNAL_IP4_NBNS.</summary>
    public ImmutableArray<Address> Nbns { get; init; } = [];

    /// <summary>INTERNAL_IP4_NETMASK.</summary>
    public Address? Netmask { get; init; }

    /// <summary>Group memberships, to be compared with <see cref="AuthRound.Groups"/>.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>What accounting has to repeat, opaque. RFC 2865 5.25.</summary>
    public ImmutableArray<byte[]> Classes { get; init; } = [];

    /// <summary>How often accounting is to report; null: as configured. RFC 2869 5.16.</summary>
    public TimeSpan? InterimInterval { get; init; }

    /// <summary>The name under which accounting knows the user, if the server gave another one. RFC 2865 5.1.</summary>
    public string? UserName { get; init; }

    public override string ToString() => $"grant of {Addresses.Length} addresses, {Groups.Length} groups";
}
