// What a validation has to know and nobody has yet: asked of the host, answered as an input. design: the core opens nothing.
using Cygnet.Crypto;

namespace Cygnet.Pki.Revocation;

/// <summary>A CRL at that URI; or, with a CertId, that certificate's status from the OCSP responder there. Equal ones need to be fetched but once.</summary>
public sealed record StatusNeed(string Uri, OcspCertId? CertId = null)
{
    /// <summary>Only the operator may name files of this host; a certificate may not.</summary>
    public static bool IsFile(string uri) => uri.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is sent to the responder, and the nonce in it. For a CRL nothing.</summary>
    public (byte[] Request, byte[] Nonce) Make(IRandom random)
    {
        if (CertId is null) return ([], []);
        var nonce = new byte[OcspRequest.NonceBytes];
        random.Fill(nonce);
        return (OcspRequest.Encode(CertId, nonce), nonce);
    }
}

/// <summary>What came of it: bytes, with the nonce of the request; or a sentence why there are none. Immutable; parsed once, whoever asks first.</summary>
public sealed class StatusAnswer
{
    readonly Lazy<(Crl?, string)> _crl;
    readonly Lazy<(OcspResponse?, string)> _response;

    StatusAnswer(byte[] body, byte[] nonce, string? failure)
    {
        (Nonce, Failure) = (nonce, failure);
        _crl = new(() => (Pki.Crl.TryParse(body, out var reason), reason));
        _response = new(() => (OcspResponse.TryParse(body, out var reason), reason));
    }

    public static StatusAnswer Of(byte[] body, byte[] nonce) => new(body, nonce, null);

    public static StatusAnswer Failed(string why) => new([], [], why);

    public byte[] Nonce { get; }
    public string? Failure { get; }

    internal Crl? Crl(out string reason)
    {
        (var crl, reason) = _crl.Value;
        return crl;
    }

    internal OcspResponse? Response(out string reason)
    {
        (var response, reason) = _response.Value;
        return response;
    }
}

/// <summary>Fetches what validations need. Thread safe; at most one fetch for equal needs at a time. Never fails: the answer says why there is none.</summary>
public interface IStatusFetcher
{
    ValueTask<StatusAnswer> Fetch(StatusNeed need);

    /// <summary>A certificate for a peer that is not authenticated yet.</summary>
    ValueTask<FetchedCertificate> FetchCertificate(CertificateNeed need);

    StatusSettings Settings { get; }

    /// <summary>CRLs that verified, and are new: they may be kept beyond this process.</summary>
    void Keep(IReadOnlyList<Crl> crls);
}
