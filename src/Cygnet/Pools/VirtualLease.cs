// An address that an IKE_SA has from a pool.
using Cygnet.Policy;

namespace Cygnet.Pools;

/// <summary>Held by one IKE_SA at a time: a rekeyed one hands it to its successor. Without a pool an authentication server gave it.</summary>
public sealed record VirtualLease(Pool? Pool, Address Address, Identity Owner)
{
    /// <summary>Gives it back, once; true if it is offline now.</summary>
    public bool Release() => Pool?.Addresses.Release(Address, Owner) == true;
}
