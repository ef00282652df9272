// The security policy database as packet threads see it: one immutable object. RFC 4301 4.4.1.
namespace Cygnet.Esp;

sealed record Spd(PolicyTrie? IPv4, PolicyTrie? IPv6)
{
    public static readonly Spd Empty = new(null, null);

    public Spd With(InstalledPolicy policy)
    {
        var spd = this;
        foreach (var local in policy.Parameters.LocalTs)
            foreach (var remote in policy.Parameters.RemoteTs)
            {
                if (local.IsIPv6 != remote.IsIPv6) continue;
                var entry = new PolicyEntry(policy, local, remote);
                foreach (var (network, prefix) in remote.ToSubnets())
                    spd = remote.IsIPv6
                        ? spd with { IPv6 = PolicyTrie.Add(spd.IPv6, network.Bits, prefix, entry) }
                        : spd with { IPv4 = PolicyTrie.Add(spd.IPv4, network.Bits << 96, prefix, entry) };
            }
        return spd;
    }

    public Spd Without(InstalledPolicy policy)
    {
        var spd = this;
        foreach (var remote in policy.Parameters.RemoteTs)
            foreach (var (network, prefix) in remote.ToSubnets())
                spd = remote.IsIPv6
                    ? spd with { IPv6 = PolicyTrie.Remove(spd.IPv6, network.Bits, prefix, policy) }
                    : spd with { IPv4 = PolicyTrie.Remove(spd.IPv4, network.Bits << 96, prefix, policy) };
        return spd;
    }

    public PolicyEntry? Find(in InnerHeader h) => PolicyTrie.Find(h.IsIPv6 ? IPv6 : IPv4, h);
}
