// The words for EAP methods in configurations: eap, eap-mschapv2, eap-dynamic, eap-radius, eap-<type>, eap-<type>-<vendor>. ipsec.conf leftauth.
using Cygnet.Eap;

namespace Cygnet.Control;

static class EapWord
{
    const string Prefix = "eap-";

    /// <summary>Splits <c>eap-method[:constraints]</c>, the constraints being for the certificates inside EAP-TLS and its kin; false if there is no such method.</summary>
    public static bool TryRead(string text, out string method, out string? constraints)
    {
        var colon = text.IndexOf(':');
        method = (colon < 0 ? text : text[..colon]).ToLowerInvariant();
        constraints = colon < 0 ? null : text[(colon + 1)..];
        return method == "eap" || Name(method) is not null;
    }

    /// <summary>As statusall prints it, <c>EAP_MSCHAPV2</c>, with the vendor of an expanded type <c>5-1234</c>; null where the word leaves the method open.</summary>
    public static string? Name(string word) => Type(word)?.ToString();

    /// <summary>The method, vendor and all; null where the word leaves it open, or there is no such method.</summary>
    public static EapType? Type(string word)
    {
        if (!word.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var method = word[Prefix.Length..];
        if (method == "radius") return new(256);
        if (method == "dynamic") return new(257);
        if (EapType.TryWord(method, out var type)) return type;
        var numbers = method.Split('-');
        uint vendor = 0;
        return numbers.Length <= 2 && uint.TryParse(numbers[0], out var number) && number > 0 && (numbers.Length == 1 || uint.TryParse(numbers[1], out vendor)) ? new(number, vendor) : null;
    }
}
