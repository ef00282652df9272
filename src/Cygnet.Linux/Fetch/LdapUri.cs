// An LDAP URL as CAs put it into certificates: host, entry, attribute, scope, filter. RFC 4516.
namespace Cygnet.Linux.Fetch;

/// <summary>Only what CRLs are found by: one entry, or a filter that is a presence or one equality.</summary>
sealed record LdapUri(string Host, int Port, string Entry, string Attribute, int Scope, string FilterAttribute, string? FilterValue)
{
    public const string Scheme = "ldap";

    // ldap://host:port/dn?attributes?scope?filter
    public static LdapUri Parse(Uri uri)
    {
        if (uri.Host.Length == 0) throw new FetchFailure($"'{uri.OriginalString}' names no host");
        var text = uri.OriginalString;
        var path = text.IndexOf('/', text.IndexOf("//", StringComparison.Ordinal) + 2);
        var parts = path < 0 ? [""] : text[(path + 1)..].Split('?').Select(Uri.UnescapeDataString).ToArray();
        var attribute = Part(1) is { Length: > 0 } listed ? listed.Split(',')[0] : "certificateRevocationList;binary";
        var scope = Part(2).ToLowerInvariant() switch
        {
            "" or "base" => 0, "one" => 1, "sub" => 2,
            _ => throw new FetchFailure($"scope '{Part(2)}' of '{text}' is none of base, one, sub"),
        };
        var filter = Part(3).Trim('(', ')');
        if (filter.IndexOfAny(['&', '|', '!', '(', '~', '<', '>']) >= 0) throw new FetchFailure($"filter '{Part(3)}' of '{text}' is not supported; one attribute and one value are");
        var equals = filter.IndexOf('=');
        var (name, value) = filter.Length == 0 ? ("objectClass", null) : equals <= 0 ? throw new FetchFailure($"'{Part(3)}' is no filter") : (filter[..equals], filter[(equals + 1)..]);
        return new(uri.Host.Trim('[', ']'), uri.IsDefaultPort || uri.Port <= 0 ? 389 : uri.Port, parts[0], attribute, scope, name, value is "*" ? null : value);

        string Part(int i) => i < parts.Length ? parts[i] : "";
    }
}
