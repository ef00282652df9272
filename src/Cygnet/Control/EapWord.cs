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

    /// <summary>As lists print it, <c>EAP_MSCHAPV2</c>; null where the word leaves the method open.</summary>
    public static string? Name(string word)
    {
        if (!word.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var method = word[Prefix.Length..];
        if (method is "dynamic" or "radius") return $"EAP_{method.ToUpperInvariant()}";
        if (EapType.TryWord(method, out var type)) return type.ToString();
        var numbers = method.Split('-');
        return numbers.Length <= 2 && numbers.All(n => uint.TryParse(n, out _)) ? new EapType(uint.Parse(numbers[0]), numbers.Length > 1 ? uint.Parse(numbers[1]) : 0).ToString() : null;
    }
}
