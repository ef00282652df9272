// Who a conn of ipsec.conf says that its ends are: leftid, rightid, and what they are without. ipsec.conf(5).
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Config;

sealed partial class LoweredConn
{
    // Null leaves it to the daemon: the subject of our first certificate, else our address; any for the peer.
    string? Id(string side, string round, List<Certificate> certificates, bool isRemote, out bool isLoose)
    {
        isLoose = false;
        var text = _conn.Text(side, "id", round);
        if (round.Length > 0 && text is null)
        {
            if (isRemote) return certificates.Count == 0 ? null : InDer(certificates[0]);
            text = _conn.Text(side, "id");
        }
        if (text is ['%', .. var name] && text is not ("%any" or "%any6") && isRemote)
        {
            isLoose = true;
            return name;
        }
        if (text is not null) CheckName(text, $"{side}id{round}");
        text ??= DefaultId(side, isRemote);
        var id = Identity.Parse(text ?? "%any");
        if (certificates.Count == 0) return text;
        if (id.Kind != IdentityKind.Any)
        {
            if (certificates.Exists(c => c.Confirms(id))) return text;
            _plan.LogList.Add($"  id '{id}' not confirmed by certificate, defaulting to '{certificates[0].Subject}'");
        }
        // In the encoding of the certificate, which the text does not keep.
        return isRemote ? InDer(certificates[0]) : null;

        static string InDer(Certificate certificate) => $"asn1dn:#{Convert.ToHexStringLower(certificate.Subject.Encoded)}";
    }

    // What should be a distinguished name and is none becomes a key id, which nobody has.
    void CheckName(string text, string keyword)
    {
        if (Identity.Parse(text).Kind == IdentityKind.KeyId && text.Contains('=') && !text.Contains(':') && text[0] != '@')
            _plan.ErrorList.Add(new("", _conn.Place(keyword), ConfigError.Expected(text, "a distinguished name, as in \"C=CH, O=office, CN=moon\"; it is taken as a key id")) { IsWarning = true });
    }

    // The peer's is what right= says, as in the reference: of a net or range it has to be an address in there, of a list the list itself.
    // Ours is then left to the daemon, which knows the address that is used.
    string? DefaultId(string side, bool isRemote)
    {
        var hosts = Hosts(side);
        if (hosts.All(h => h.StartsWith('%'))) return null;
        return isRemote || hosts is [var host] && !Identity.Parse(host).HasWildcards ? string.Join(',', hosts) : null;
    }
}
