// The configuration payload of IKE_AUTH: asking for virtual addresses and servers, and assigning them. RFC 7296 2.19, 3.15.
//   SK {IDi, .. AUTH, CP(CFG_REQUEST), SA, TSi, TSr}  -->
//                        <--  SK {IDr, .. AUTH, CP(CFG_REPLY), SA, TSi, TSr}
// With several rounds or EAP the request goes with the first message, the reply comes with the last.
using System.Collections.Immutable;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

static class ConfigurationPayloads
{
    /// <summary>What one message may ask for, or give: a peer shall not take a pool at once, nor fill our resolver.</summary>
    const int MostAddresses = 16, MostNameServers = 16;

    /// <summary>That of the reference; a single address is meant.</summary>
    const byte Prefix6 = 64;

    /// <summary>Initiator: what we ask for, or null if it is nothing.</summary>
    public static ConfigurationPayload? Request(IkeSa ike)
    {
        var connection = ike.Connection!;
        var wanted = ike.Virtual is { Wanted: { IsEmpty: false } former } ? former : connection.Vips;
        var attributes = wanted.Select(VirtualAddress).ToList();
        if (ike.Engine.Host.HostConfiguration is { UsesNameServers: true })
        {
            if (wanted.Any(a => !a.IsIPv6)) attributes.Add(new(ConfigurationAttributeType.InternalIp4Dns, []));
            if (wanted.Any(a => a.IsIPv6)) attributes.Add(new(ConfigurationAttributeType.InternalIp6Dns, []));
        }
        foreach (var server in connection.RequestedDns)
            if (!server.IsAny || attributes.All(a => a.Type != DnsType(server))) attributes.Add(new(DnsType(server), server.IsAny ? [] : server.ToBytes()));
        if (attributes.Count == 0) return null;
        (ike.Virtual ??= new()).HasAsked = true;
        return new(ConfigurationPayload.Request, [.. attributes]);
    }

    /// <summary>Initiator: takes over what the peer's last answer assigns. Without asking nothing is taken.</summary>
    public static void Accept(IkeSa ike, Message response)
    {
        if (ike.Virtual is not { HasAsked: true } ours) return;
        var attributes = response.All<ConfigurationPayload>().Where(p => p.CfgType == ConfigurationPayload.Reply).SelectMany(p => p.Attributes).ToList();
        List<Address> addresses = [];
        foreach (var a in attributes)
            switch (a.Type)
            {
                case ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp6Address:
                    if (TryReadAddress(a, out var address) && !address.IsAny && addresses.Count < MostAddresses) addresses.Add(address);
                    break;
                case ConfigurationAttributeType.InternalIp4Dns when a.Value.Length == 4:
                case ConfigurationAttributeType.InternalIp6Dns when a.Value.Length == 16:
                    if (Address.Read(a.Value) is { IsAny: false } server && ours.NameServers.Length < MostNameServers) ours.AddNameServer(ike, server);
                    break;
                default:
                    ike.Log(LogGroup.Cfg, 1, $"handling {Notation.AttributeName(a.Type)} attribute failed");
                    break;
            }
        foreach (var address in addresses) ours.Install(ike, address);
    }

    /// <summary>
    /// Responder, when the peer is authenticated: assigns what its first request asked for and adds the reply, or the refusal; false if that
    /// leaves no room for a CHILD_SA.
    /// </summary>
    public static bool Answer(IkeSa ike, Message request, List<Payload> payloads)
    {
        var connection = ike.Connection!;
        var wanted = Wanted(ike, request);
        if (wanted.Count == 0 && connection.Pools.IsEmpty) return true;
        if (wanted.Count == 0)
        {
            ike.Log(LogGroup.Ike, 1, $"expected a virtual IP request, sending FAILED_CP_REQUIRED");
            return Refuse(ike, payloads, NotifyType.FailedCpRequired, $"the peer asks for no virtual address, '{ike.Name}' has pools for them",
                "'leftsourceip=%config' on the peer would ask for one");
        }
        var pools = Pools(ike, connection);
        var given = ike.Virtual ??= new();
        var isGrantedFirst = connection.Pools is [EapGrant.Pool, ..];
        VirtualLease? Leased(Address address) => Pool.Acquire(pools, LeaseRequest(ike, request, address), line => ike.Log(LogGroup.Cfg, 1, $"{line}"));
        List<ConfigurationAttribute> attributes = [];
        foreach (var address in wanted)
        {
            ike.Log(LogGroup.Ike, 1, $"peer requested virtual IP {address}");
            if ((isGrantedFirst ? Granted(ike, given, address) ?? Leased(address) : Leased(address) ?? Granted(ike, given, address)) is { } lease)
            {
                ike.Log(LogGroup.Ike, 1, $"assigning virtual IP {lease.Address} to peer '{lease.Owner}'");
                given.Add(lease);
                attributes.Add(VirtualAddress(lease.Address));
            }
            else
            {
                ike.Log(LogGroup.Ike, 1, $"no virtual IP found for {address} requested by '{ike.RemoteAccount}'");
            }
        }
        if (attributes.Count == 0)
        {
            ike.Log(LogGroup.Ike, 1, $"no virtual IP found, sending INTERNAL_ADDRESS_FAILURE");
            return Refuse(ike, payloads, NotifyType.InternalAddressFailure, $"no virtual address for '{ike.RemoteAccount}'",
                connection.Pools.IsEmpty ? $"'rightsourceip=' of '{ike.Name}' would name a pool" : "'rightsourceip=' with a larger pool, or one of the family that is asked for",
                [.. pools.Select(p => $"pool '{p.Name}': {p.Addresses.OnlineCount} of {p.Addresses.Range.Size} online")]);
        }
        attributes.AddRange(ike.Engine.Settings.Attributes);
        attributes.AddRange(connection.Dns.Select(d => new ConfigurationAttribute(DnsType(d), d.ToBytes())));
        attributes.AddRange(given.Leases.Select(l => l.Pool).Distinct().SelectMany(p => p?.Attributes ?? []));
        if (ike.Grant is { } grant)
        {
            attributes.AddRange(grant.Dns.Select(d => new ConfigurationAttribute(DnsType(d), d.ToBytes())));
            attributes.AddRange(grant.Nbns.Select(d => new ConfigurationAttribute(d.IsIPv6 ? ConfigurationAttributeType.InternalIp6Nbns : ConfigurationAttributeType.InternalIp4Nbns, d.ToBytes())));
            if (grant.Netmask is { } mask) attributes.Add(new(ConfigurationAttributeType.InternalIp4Netmask, mask.ToBytes()));
        }
        payloads.Add(new ConfigurationPayload(ConfigurationPayload.Reply, [.. attributes]));
        return true;
    }

    static bool Refuse(IkeSa ike, List<Payload> payloads, NotifyType notify, string reason, string change, params ReadOnlySpan<string> facts)
    {
        payloads.Add(new NotifyPayload(notify, []));
        ike.Refused(RefusalKind.Limit, RefusedBy.Us, reason, change, facts);
        ike.Alert(AlertType.VipFailure);
        return false;
    }

    /// <summary>The addresses that the request asks for; unspecified ones leave the choice to us.</summary>
    static List<Address> Wanted(IkeSa ike, Message request)
    {
        List<Address> wanted = [];
        foreach (var attribute in request.All<ConfigurationPayload>().Where(p => p.CfgType == ConfigurationPayload.Request).SelectMany(p => p.Attributes))
        {
            if (attribute.Type is not (ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp6Address)) continue;
            if (wanted.Count == MostAddresses)
            {
                ike.Log(LogGroup.Ike, 1, $"the peer requests more than {MostAddresses} virtual IPs, ignoring the others");
                break;
            }
            if (TryReadAddress(attribute, out var address)) wanted.Add(address);
        }
        return wanted;
    }

    static List<Pool> Pools(IkeSa ike, Connection connection)
    {
        var loaded = ike.Engine.Configuration!.Pools;
        List<Pool> pools = [];
        foreach (var name in connection.Pools)
            if (loaded.FirstOrDefault(p => p.Name == name) is { } pool) pools.Add(pool);
            else if (name != EapGrant.Pool) ike.Log(LogGroup.Cfg, 1, $"pool '{name}' of '{connection.Name}' is not loaded");
        return pools;
    }

    /// <summary>An address that the authentication server gave the peer, if the connection lets it.</summary>
    static VirtualLease? Granted(IkeSa ike, VirtualAddresses given, Address wanted)
    {
        if (ike.Grant is not { } grant || !ike.Connection!.Pools.Contains(EapGrant.Pool)) return null;
        var left = grant.Addresses.Where(a => a.IsIPv6 == wanted.IsIPv6 && !given.Remote.Contains(a)).ToList();
        return left.Count == 0 ? null : new(null, left.Contains(wanted) ? wanted : left[0], ike.RemoteAccount!);
    }

    /// <summary>An IKE_SA that will replace those of the same peer takes their addresses over.</summary>
    static LeaseRequest LeaseRequest(IkeSa ike, Message request, Address wanted) => new(ike.RemoteAccount!, ike.LocalId!, ike.Remote, wanted)
    {
        Now = ike.Engine.Now.Milliseconds,
        Replaces = ike.Connection!.Unique switch
        {
            UniquePolicy.Never => null,
            // the leases of this very message are of now
            UniquePolicy.Replace => ike.Engine.Now.Milliseconds,
            _ => request.Has(NotifyType.InitialContact) ? ike.Created.Milliseconds : null,
        },
    };

    static ConfigurationAttribute VirtualAddress(Address a) => a.IsIPv6
        ? new(ConfigurationAttributeType.InternalIp6Address, a.IsAny ? [] : [.. a.ToBytes(), Prefix6])
        : new(ConfigurationAttributeType.InternalIp4Address, a.IsAny ? [] : a.ToBytes());

    static bool TryReadAddress(ConfigurationAttribute attribute, out Address address)
    {
        var isIPv6 = attribute.Type == ConfigurationAttributeType.InternalIp6Address;
        address = isIPv6 ? Address.Any6 : Address.Any4;
        var length = attribute.Value.Length;
        if (length == 0) return true;
        // some send IPv6 addresses without a prefix
        if (isIPv6 ? length is not (16 or 17) : length != 4) return false;
        address = Address.Read(attribute.Value.AsSpan(0, isIPv6 ? 16 : 4));
        return true;
    }

    static ushort DnsType(Address server) => server.IsIPv6 ? ConfigurationAttributeType.InternalIp6Dns : ConfigurationAttributeType.InternalIp4Dns;
}
