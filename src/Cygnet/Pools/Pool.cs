// A pool of virtual addresses as a connection names it: addresses, and what goes along with them. swanctl.conf(5).
using System.Collections.Immutable;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Pools;

/// <summary>A loaded pool. Loading it again with the same addresses makes another that goes on with the same leases.</summary>
public sealed record Pool(string Name, AddressPool Addresses)
{
    /// <summary>Handed to peers that have an address from this pool.</summary>
    public ImmutableArray<ConfigurationAttribute> Attributes { get; init; } = [];

    /// <summary>Label of the front end that loaded it (<c>x-source</c>).</summary>
    public string Source { get; init; } = "";

    /// <summary>What the operator is told when it is loaded; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>
    /// Goes through the pools, first for the address that was asked for, then for one that the peer had, for a new one, and last for one
    /// that somebody else had. Null, after saying so, if they are full.
    /// </summary>
    public static VirtualLease? Acquire(IReadOnlyList<Pool> pools, LeaseRequest request, Action<string> log)
    {
        for (var step = request.Wanted.IsAny ? LeaseStep.Existing : LeaseStep.Wanted; step <= LeaseStep.Reassigned; step++)
            foreach (var pool in pools)
            {
                var address = pool.Addresses.Acquire(step, request, out var line);
                if (line is not null) log(line);
                if (address is { } found) return new(pool, found, request.Owner);
                if (step == LeaseStep.Reassigned && !pool.Addresses.IsEcho && pool.Addresses.Range.First.IsIPv6 == request.Wanted.IsIPv6)
                    log($"pool '{pool.Name}' is full, unable to assign address");
            }
        return null;
    }
}
