// Whether the certificate of the other side inside EAP is to be believed. RFC 5216 5.3, 5.4; the trust code is the one of IKE.
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

/// <summary>What is to be thought of a certificate. Pending: its revocation has to be looked up.</summary>
enum TlsVerdict { Refused, Trusted, Pending }

/// <summary>
/// One judgement, for that identity under these constraints; libssl shows the certificates once. The end entity itself has to be trusted: libssl verifies
/// its signature, so that a trusted certificate beside it is worth nothing. Where the other side's name is only ours to know (<c>aaa_identity</c>), the
/// constraints have it as a loose one: it may be a pattern, and <c>rdn_matching</c> counts.
/// </summary>
sealed class TlsTrust(MethodContext context, Identity identity, AuthRound constraints, string role)
{
    IReadOnlyList<byte[]> _received = [];
    int _written;

    // The name under which a certificate that fits the pattern is looked for.
    Identity? _claimed;

    /// <summary>The last verdict; Refused before there is one.</summary>
    public TlsVerdict Verdict { get; private set; }

    /// <summary>Judges what the other side has shown, in DER, the end entity first.</summary>
    public TlsVerdict Judge(IReadOnlyList<byte[]> received)
    {
        (_received, _written) = (received, 0);
        if (Pki.Certificate.TryParse(received[0], out _) is { } shown)
        {
            context.Log($"received TLS {role} certificate '{shown.Subject}'");
            if (constraints is { IsIdLoose: true, Id: { } pattern } && pattern.Equals(identity) && shown.Match(pattern, context.Surroundings.Trust.RdnMatching) > 0) _claimed = shown.Subject;
        }
        return Again();
    }

    /// <summary>The same with what is known by now.</summary>
    public TlsVerdict Again()
    {
        var surroundings = context.Surroundings;
        List<string> lines = [];
        List<Auth.CertificateFault> faults = [];
        Verdict = Find(surroundings.Credentials.Trust(surroundings.Crypto, _claimed ?? identity, _received, constraints, surroundings.Now, surroundings.Status?.Begin(), surroundings.Trust), lines, faults);
        if (Verdict != TlsVerdict.Pending) surroundings.Status?.Faults.AddRange(faults);
        // They come to the same each time, up to where something was lacking.
        foreach (var line in lines.Skip(_written)) context.Log(line);
        _written = lines.Count;
        return Verdict;
    }

    TlsVerdict Find(IReadOnlyList<Auth.TrustResult> results, List<string> lines, List<Auth.CertificateFault> faults)
    {
        foreach (var result in results)
        {
            lines.AddRange(result.Lines);
            faults.AddRange(result.Faults);
            var isShown = result.Certificate is { } certificate && certificate.Raw.AsSpan().SequenceEqual(_received[0]);
            if (isShown && result.IsPending) return TlsVerdict.Pending;
            if (isShown && result.Key is not null) return TlsVerdict.Trusted;
            if (result is { Key: null, Lines.Count: 0, Reason: { } reason }) lines.Add(reason);
        }
        lines.Add($"no TLS public key found for {role} '{identity}'");
        return TlsVerdict.Refused;
    }
}
