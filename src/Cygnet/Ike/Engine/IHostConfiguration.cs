// What a server configures on this host while we are its client: virtual addresses and name servers. RFC 7296 2.19, 3.15.1.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>
/// Thread safe, and never waits for the network or a program. Several IKE_SAs may have the same address or server (reauthentication):
/// each addition is counted and taken back once.
/// </summary>
public interface IHostConfiguration
{
    /// <summary>Puts the address on a device, so that routes can use it at once; null, or the reason why not. <paramref name="outer"/> is our address towards the server.</summary>
    string? AddAddress(Address address, Address outer);

    void RemoveAddress(Address address);

    /// <summary>Whether name servers are of use here, so that servers are asked for them.</summary>
    bool UsesNameServers { get; }

    /// <summary>Has the resolver ask that server first; returns what is to be logged about it, null for nothing.</summary>
    string? AddNameServer(Address server);

    string? RemoveNameServer(Address server);
}
