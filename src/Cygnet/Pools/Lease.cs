// A picture of a lease, for get-pools and ipsec leases.
using Cygnet.Policy;

namespace Cygnet.Pools;

/// <summary>Offline: released, and kept for its owner as long as the pool has others to give.</summary>
public readonly record struct Lease(Address Address, Identity Owner, bool IsOnline);
