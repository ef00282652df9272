// What every peer with a virtual address is told: charon.dns1, dns2, nbns1, nbns2 and the attr plugin's section. strongswan.conf(5).
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Cygnet.Pools;
using Cygnet.Wire;

namespace Cygnet.Config;

static class ServerAttributes
{
    /// <summary>What is not understood is left out, as in the reference.</summary>
    public static ImmutableArray<ConfigurationAttribute> Read(StrongswanSettings conf, string daemon)
    {
        var all = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        foreach (var number in (int[])[1, 2])
            foreach (var word in (string[])["dns", "nbns"])
                if (conf.Text($"{daemon}.{word}{number}") is { } text && PoolAttribute.Read(text.Trim(), PoolAttribute.TypesOf(word), 0) is { } attribute) all.Add(attribute);
        if (!conf.Boolean($"{daemon}.plugins.attr.load", true)) return all.ToImmutable();
        foreach (var (key, values) in conf.Values($"{daemon}.plugins.attr", counts: false))
        {
            // the Unity ones are for IKEv1
            if (key is "load" or "split-include" or "split-exclude") continue;
            var named = PoolAttribute.TypesOf(key);
            ushort number = 0;
            if (key == "dns-domain") number = ConfigurationAttributeType.InternalDnsDomain;
            else if (named is null && !(ushort.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and < 0x8000)) continue;
            _ = conf.Text($"{daemon}.plugins.attr.{key}");
            foreach (var value in values.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                if (PoolAttribute.Read(value, named, number) is { } attribute) all.Add(attribute);
                else if (named is null) all.Add(new(number, Encoding.UTF8.GetBytes(value)));
        }
        return all.ToImmutable();
    }
}
