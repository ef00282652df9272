// What a shard needs of the machine around it: sending datagrams, and our addresses.
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

/// <summary>Thread safe and never blocking. The tests put a silent one in its place.</summary>
interface IOutside
{
    void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0);

    void SendKeepalive(Endpoint local, Endpoint remote);

    Address? SourceAddressFor(Address remote);

    bool IsLocalAddress(Address address);

    bool HasPath(Address local, Address remote);

    /// <summary>Those of our addresses that peers may use.</summary>
    IReadOnlyList<Address> UsableAddresses();

    /// <summary>All our addresses but those of the loopback device.</summary>
    IReadOnlyList<Address> LocalAddresses();
}
