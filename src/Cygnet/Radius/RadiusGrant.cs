// What an Access-Accept grants. RFC 2865 5, RFC 2868 3.1, RFC 2869 5.16, RFC 3162 2, RFC 6911 3, RFC 2548 2.7.
using System.Collections.Immutable;
using System.Text;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Radius;

static class RadiusGrant
{
    /// <summary>Tunnel-Type of ESP in tunnel mode. RFC 2868 3.1.</summary>
    const int TunnelTypeEsp = 9;

    /// <summary>What a server may send in one packet is bounded; what is kept of it for the life of an SA is bounded further.</summary>
    const int MaxOfAKind = 16;

    /// <summary>A longer Class has another purpose, as with Microsoft's server; the reference's bound.</summary>
    const int MaxGroup = 43;

    /// <summary>Attributes that have a wrong length are passed over. <paramref name="log"/> takes lines of group CFG and IKE, level 1.</summary>
    public static EapGrant Read(RadiusPacket accept, RadiusSettings settings, Action<string> log)
    {
        var addresses = accept.All(RadiusType.FramedIpAddress).Concat(accept.All(RadiusType.FramedIpv6Address));
        return new()
        {
            AuthLifetime = Seconds(accept.First(RadiusType.SessionTimeout)),
            InterimInterval = Seconds(accept.First(RadiusType.AcctInterimInterval)),
            // 255.255.255.255: the user chooses; 255.255.255.254: we do. Neither is an address. RFC 2865 5.8.
            Addresses = Kept(addresses.Select(a => a.Address).OfType<Address>().Where(a => !a.IsAny && (a.IsIPv6 || a.Bits < 0xfffffffe))),
            Netmask = accept.First(RadiusType.FramedIpNetmask) is { Number: { } mask and not uint.MaxValue } ? Address.FromV4(mask) : null,
            Dns = Kept(Servers(accept, RadiusVendor.MsPrimaryDnsServer, RadiusVendor.MsSecondaryDnsServer, RadiusVendor.AltigaPrimaryDns, RadiusVendor.AltigaSecondaryDns)
                .Concat(accept.All(RadiusType.DnsServerIpv6Address).Select(a => a.Address).OfType<Address>().Where(a => a.IsIPv6))),
            Nbns = Kept(Servers(accept, RadiusVendor.MsPrimaryNbnsServer, RadiusVendor.MsSecondaryNbnsServer, RadiusVendor.AltigaPrimaryWins, RadiusVendor.AltigaSecondaryWins)),
            Groups = Groups(accept, settings, log),
            Classes = settings.AccountingSendClass ? Kept(accept.All(RadiusType.Class).Select(a => a.Value.ToArray()).DistinctBy(Convert.ToHexString)) : [],
            UserName = accept.First(RadiusType.UserName) is { } name && name.Value.Length > 0 ? Identity.Printable(name.Value.Span) : null,
        };
    }

    // A server that repeats what it granted inside a tunnel says everything twice.
    static ImmutableArray<T> Kept<T>(IEnumerable<T> all) => [.. all.Distinct().Take(MaxOfAKind)];

    public static TimeSpan? Seconds(RadiusAttribute? attribute) => attribute?.Number is { } n and > 0 ? TimeSpan.FromSeconds(n) : null;

    static IEnumerable<Address> Servers(RadiusPacket accept, byte primary, byte secondary, byte altigaPrimary, byte altigaSecondary)
    {
        var found = accept.OfVendor(RadiusVendor.Microsoft).Where(a => (byte)a.Type == primary || (byte)a.Type == secondary)
            .Concat(accept.OfVendor(RadiusVendor.Altiga).Where(a => (byte)a.Type == altigaPrimary || (byte)a.Type == altigaSecondary));
        foreach (var a in found)
            if (a.Address is { IsIPv6: false, IsAny: false } address) yield return address;
    }

    static ImmutableArray<string> Groups(RadiusPacket accept, RadiusSettings settings, Action<string> log)
    {
        List<string> groups = [];
        if (settings.ClassGroup)
            foreach (var a in accept.All(RadiusType.Class)) Join(a);
        if (settings.FilterId)
        {
            var isEsp = false;
            foreach (var a in accept.All(RadiusType.TunnelType))
            {
                var reader = new WireReader(a.Value.Span);
                var tagged = reader.U32();
                if (reader.Failed || !reader.AtEnd) continue;
                log($"received RADIUS attribute Tunnel-Type: tag = {tagged >> 24}, value = {tagged & 0xffffff}");
                isEsp |= (tagged & 0xffffff) == TunnelTypeEsp;
            }
            foreach (var a in accept.All(RadiusType.FilterId))
            {
                log($"received RADIUS attribute Filter-Id: '{Identity.Printable(a.Value.Span)}'");
                if (isEsp) Join(a);
            }
        }
        return Kept(groups);

        void Join(RadiusAttribute a)
        {
            // a Class may be anything; what is no text is no name of a group
            if (a.Value.Length is 0 or > MaxGroup || a.Value.Span.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e)) return;
            groups.Add(Encoding.ASCII.GetString(a.Value.Span));
            log($"received group membership '{groups[^1]}' from RADIUS");
        }
    }
}
