// Certificates on tokens in a load-conn request: cert<suffix> { handle, slot, module }. swanctl-conf.md section 4.
namespace Cygnet.Control;

static class TokenCertificates
{
    /// <summary>The connection's section with the certificates themselves in place of what names them; null and the reason if one cannot be had.</summary>
    public static ViciSection? Resolve(ViciSection connection, ITokens tokens, out string reason)
    {
        reason = "";
        if (!connection.Sections.Any(round => round.Sections.Any(IsOnToken))) return connection;
        var resolved = new ViciSection(connection.Name);
        foreach (var element in connection.Elements)
        {
            if (element is not ViciSection round || !round.Sections.Any(IsOnToken))
            {
                resolved.Elements.Add(element);
                continue;
            }
            var copy = resolved.AddSection(round.Name);
            foreach (var inner in round.Elements)
            {
                if (inner is not ViciSection certificate || !IsOnToken(certificate)) copy.Elements.Add(inner);
                else if (TokenWords.Read(certificate) is not { } what)
                {
                    reason = $"invalid value for: handle in '{certificate.Name}'";
                    return null;
                }
                else if (tokens.Certificate(what, out reason) is { } der)
                    copy.AddList(certificate.Name.StartsWith("ca", StringComparison.OrdinalIgnoreCase) ? "cacerts" : "certs", [der]);
                else return null;
            }
        }
        return resolved;
    }

    static bool IsOnToken(ViciSection section) => section.Has("handle")
        && (section.Name.StartsWith("cert", StringComparison.OrdinalIgnoreCase) || section.Name.StartsWith("cacert", StringComparison.OrdinalIgnoreCase));
}
