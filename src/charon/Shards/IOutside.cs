// What a shard needs of the machine around it: sending datagrams, and our addresses.
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

/// <summary>Thread safe and never blocking. The tests put a silent one in its place.</summary>
interface IOutside
{
    void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram);

    void SendKeepalive(Endpoint local, Endpoint remote);

    Address? SourceAddressFor(Address remote);

    bool IsLocalAddress(Address address);

    IReadOnlyList<Address> LocalAddresses();
}
