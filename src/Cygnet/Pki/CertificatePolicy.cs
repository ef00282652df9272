// A certificate policy and its qualifiers. RFC 5280 4.2.1.4.
namespace Cygnet.Pki;

/// <summary>A policy under which a certificate was issued, in dotted form, with where it is written down.</summary>
public sealed record CertificatePolicy(string Oid)
{
    /// <summary>anyPolicy: stands for every policy, RFC 5280 4.2.1.4.</summary>
    public const string Any = "2.5.29.32.0";

    /// <summary>Whether the text is an object identifier in dotted form.</summary>
    public static bool IsOid(string text)
    {
        if (text.Length > 255 || text.AsSpan().ContainsAnyExcept("0123456789.") || text.Split('.') is not { Length: >= 2 } arcs) return false;
        return arcs.All(a => a is "0" or not ("" or ['0', ..])) && arcs[0] is "0" or "1" or "2" && (arcs[0] == "2" || arcs[1].Length == 1 || arcs[1].Length == 2 && arcs[1][0] < '4');
    }

    public string? StatementUri { get; init; }

    /// <summary>Only of certificates to be made; not read from others.</summary>
    public string? UserNotice { get; init; }
}
