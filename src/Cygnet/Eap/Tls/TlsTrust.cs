// Whether the certificate of the other side inside EAP is to be believed. RFC 5216 5.3; the trust code is the one of IKE.
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

static class TlsTrust
{
    /// <summary>
    /// The end entity itself has to be trusted for that identity: libssl verifies its signature, so that a trusted certificate beside it is worth nothing.
    /// </summary>
    public static bool Accepts(MethodContext context, Identity identity, AuthRound constraints, IReadOnlyList<byte[]> received, string role)
    {
        var surroundings = context.Surroundings;
        if (Pki.Certificate.TryParse(received[0], out _) is { } shown) context.Log($"received TLS {role} certificate '{shown.Subject}'");
        var results = surroundings.Credentials.Trust(surroundings.Crypto, identity, received, constraints, surroundings.Now);
        foreach (var result in results)
        {
            foreach (var line in result.Lines) context.Log(line);
            if (result.Key is not null && result.Certificate is { } certificate && certificate.Raw.AsSpan().SequenceEqual(received[0])) return true;
            if (result is { Key: null, Lines.Count: 0, Reason: { } reason }) context.Log(reason);
        }
        context.Log($"no TLS public key found for {role} '{identity}'");
        return false;
    }
}
