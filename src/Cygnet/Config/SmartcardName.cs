// %smartcard[<slot>[@<module>]]:<keyid> of ipsec.secrets, leftcert and cacert. ipsec.secrets(5).
using System.Globalization;
using Cygnet.Control;

namespace Cygnet.Config;

/// <summary>An object of a token as the files name it.</summary>
public sealed record SmartcardName(long? Slot, string? Module, string KeyId)
{
    public const string Prefix = "%smartcard", Form = "%smartcard[<slot>[@<module>]]:<keyid>";

    /// <summary>Null if the word is of no such form.</summary>
    public static SmartcardName? Parse(string word)
    {
        if (!word.StartsWith(Prefix, StringComparison.Ordinal) || word.LastIndexOf(':') is var colon && colon < Prefix.Length) return null;
        var id = word[(colon + 1)..];
        if (id.Length == 0 || id.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF")) return null;
        var place = word[Prefix.Length..colon].Split('@', 2);
        if (place is [""]) return new(null, null, id);
        if (!long.TryParse(place[0], NumberStyles.None, CultureInfo.InvariantCulture, out var slot)) return null;
        return place.Length == 1 ? new(slot, null, id) : place[1].Length > 0 ? new(slot, place[1], id) : null;
    }

    public override string ToString() => $"{Prefix}{Slot?.ToString(CultureInfo.InvariantCulture)}{(Module is null ? "" : $"@{Module}")}:{KeyId}";

    /// <summary>Adds what VICI calls handle, slot and module.</summary>
    public ViciSection AddTo(ViciSection section)
    {
        section.Add("handle", KeyId);
        if (Slot is { } slot) section.Add("slot", slot);
        return Module is null ? section : section.Add("module", Module);
    }

    /// <summary>The same into the section that is being written.</summary>
    public ViciWriter AddTo(ViciWriter section)
    {
        section.Add("handle", KeyId);
        if (Slot is { } slot) section.Add("slot", slot);
        return section.Add("module", Module);
    }
}
