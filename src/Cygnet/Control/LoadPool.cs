// load-pool: from a VICI section to a pool. docs/vici.md; keys: swanctl.conf(5).
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cygnet.Policy;
using Cygnet.Pools;
using Cygnet.Wire;

namespace Cygnet.Control;

/// <summary>What a section says; the leases of a pool of that name that is there already are the caller's affair.</summary>
sealed record LoadPool(string Name, AddressRange? Range, string? Note, string Source, ImmutableArray<ConfigurationAttribute> Attributes)
{
    /// <summary>The addresses of an empty pool, that of <c>rightsourceip=%config</c>; ours, the reference has it for ipsec.conf only.</summary>
    const string Echo = "%config";

    const int LongestValue = 4096;

    public static bool TryParse(ViciSection section, [NotNullWhen(true)] out LoadPool? pool, [NotNullWhen(false)] out string? errmsg)
    {
        pool = null;
        string? addresses = null, note = null;
        AddressRange? range = null;
        var attributes = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        foreach (var element in section.Elements)
        {
            errmsg = element switch
            {
                ViciValue { Name: "addrs" } when addresses is not null => "multiple addrs defined",
                ViciValue { Name: "addrs", Text: null } => "invalid addrs value",
                ViciValue { Name: "addrs", Text: var text } => Addresses(addresses = text!, out range, out note),
                ViciValue { Name: "x-source" } => null,
                ViciList list => Read(list, attributes),
                _ => $"invalid attribute: {element.Name}",
            };
            if (errmsg is not null) return false;
        }
        if (addresses is null)
        {
            errmsg = $"missing addrs for pool '{section.Name}'";
            return false;
        }
        errmsg = null;
        pool = new(section.Name, range, note, section.Text("x-source") ?? "", attributes.ToImmutable());
        return true;
    }

    static string? Addresses(string text, out AddressRange? range, out string? note)
    {
        (range, note) = (null, null);
        if (text == Echo) return null;
        if (!AddressRange.TryParse(text, out var parsed, out note)) return $"invalid addrs value: {text}";
        range = parsed;
        return null;
    }

    static string? Read(ViciList list, ImmutableArray<ConfigurationAttribute>.Builder into)
    {
        var named = PoolAttribute.TypesOf(list.Name.Replace('_', '-'));
        ushort number = 0;
        if (named is null && !(ushort.TryParse(list.Name, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and < 0x8000))
            return $"invalid attribute: {list.Name}";
        foreach (var item in list.Items)
        {
            if (item.Length <= LongestValue && PoolAttribute.Read(new ViciValue("", item).Text ?? "", named, number) is { } attribute) into.Add(attribute);
            else if (named is not null || item.Length > LongestValue) return $"invalid attribute value for {list.Name}";
            else into.Add(new(number, item));
        }
        return null;
    }
}
