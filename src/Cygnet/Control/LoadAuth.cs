// load-conn: one section local… or remote…. swanctl.conf(5).
using System.Collections.Immutable;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Control;

static class LoadAuth
{
    public static (uint Round, AuthRound Auth) Read(ViciSection section, bool isRemote)
    {
        // Without the key, a peer may use what it likes; we authenticate by public key, and lists call it unspecified.
        var auth = new AuthRound { Class = AuthClass.Any };
        var round = 0u;
        var hasId = false;
        foreach (var element in section.Elements)
        {
            switch (element)
            {
                case ViciSection inner when NamedCertificates.IsOne(inner):
                    // Whoever has files and tokens has put the certificate itself in its place.
                    throw new LoadRefused($"unable to load certificate: {inner.Name}");
                case ViciSection inner:
                    throw new LoadRefused($"invalid section: {inner.Name}");
                case ViciList list:
                    auth = List(auth, list);
                    break;
                case ViciValue value:
                    var v = new LoadValue(value);
                    if (v.Key == "round") round = (uint)v.Number(uint.MaxValue);
                    else auth = Option(auth, v);
                    hasId |= v.Key == "id";
                    break;
            }
        }
        if (!isRemote && !hasId && auth.Certificates is [var first, ..] && Certificate.TryParse(first, out _) is { } certificate) auth = auth with { Id = certificate.Subject };
        return (round, auth);
    }

    static AuthRound Option(AuthRound auth, LoadValue v) => v.Key switch
    {
        "auth" => Class(auth, v),
        "id" => auth with { Id = Identity.Parse(v.Text) },
        "ca_id" => auth with { CaId = v.Id() },
        "revocation" => auth with { Revocation = v.OneOf(("relaxed", RevocationPolicy.Relaxed), ("ifuri", RevocationPolicy.IfUri), ("strict", RevocationPolicy.Strict)) },
        "eap_id" => auth with { EapId = Identity.Parse(v.Text) },
        "aaa_id" => auth with { AaaId = v.Id() },
        "xauth_id" => throw v.NeedsIkev1(),
        "x-id_loose" => auth with { IsIdLoose = v.Boolean() },
        _ => throw v.Unknown(),
    };

    static AuthRound List(AuthRound auth, ViciList list)
    {
        var v = new LoadValue(list);
        return list.Name switch
        {
            "certs" => auth with { Certificates = [.. auth.Certificates, .. list.Items.Select(i => Der(i, v))] },
            "cacerts" => auth with { CaCertificates = [.. auth.CaCertificates, .. list.Items.Select(i => Der(i, v))] },
            "pubkeys" => auth with { PublicKeys = [.. auth.PublicKeys, .. list.Items.Select(i => PublicKeyFile.Read(i, out _)?.SubjectPublicKeyInfo ?? throw v.Invalid())] },
            "groups" => auth with { Groups = [.. v.Items] },
            "cert_policy" => auth with { CertPolicies = [.. auth.CertPolicies, .. v.Items.Select(t => CertificatePolicy.IsOid(t) ? t : throw v.Invalid())] },
            _ => throw v.Unknown(),
        };
    }

    static byte[] Der(byte[] certificate, LoadValue v) => Certificate.TryParse(certificate, out _)?.Raw ?? throw v.Invalid();

    static AuthRound Class(AuthRound auth, LoadValue v)
    {
        var text = v.Text;
        if (text.Equals("psk", StringComparison.OrdinalIgnoreCase)) return auth with { Class = AuthClass.Psk };
        if (text == "x-null") return auth with { Class = AuthClass.Null };
        if (text.StartsWith("xauth", StringComparison.OrdinalIgnoreCase)) throw v.NeedsIkev1();
        if (text.StartsWith("eap", StringComparison.OrdinalIgnoreCase)) return Eap(auth, v);
        if (!text.StartsWith("pubkey", StringComparison.Ordinal) && !text.StartsWith("rsa", StringComparison.Ordinal) && !text.StartsWith("ecdsa", StringComparison.Ordinal)
            && !text.StartsWith("ed25519", StringComparison.Ordinal) && !text.StartsWith("ed448", StringComparison.Ordinal) && !text.StartsWith("ike:", StringComparison.Ordinal)) throw v.Invalid();
        return auth with { Class = AuthClass.PublicKey, SignatureConstraints = text == "pubkey" ? [] : [text] };
    }

    static AuthRound Eap(AuthRound auth, LoadValue v) => EapWord.TryRead(v.Text, out var method, out var constraints)
        ? auth with { Class = AuthClass.Eap, Method = method, SignatureConstraints = constraints is null ? [] : [constraints] } : throw v.Invalid();
}
