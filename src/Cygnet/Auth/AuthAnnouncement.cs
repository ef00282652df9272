// SUPPORTED_AUTH_METHODS: by which methods a peer may authenticate to us. RFC 9593 3.1, 3.2.
//   one announcement: length (1 byte, itself included) | [link to a CERTREQ (1 byte)] | method | [AlgorithmIdentifier]
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Auth;

/// <summary>What one side accepts; immutable.</summary>
public sealed class AuthAnnouncement
{
    const int MostAnnouncements = 64;

    static readonly SignatureScheme[] _digital = [SignatureScheme.RsaPkcs1Sha256, SignatureScheme.RsaPkcs1Sha384, SignatureScheme.RsaPkcs1Sha512, SignatureScheme.RsaPssSha256,
        SignatureScheme.RsaPssSha384, SignatureScheme.RsaPssSha512, SignatureScheme.EcdsaSha256Der, SignatureScheme.EcdsaSha384Der, SignatureScheme.EcdsaSha512Der,
        SignatureScheme.Ed25519, SignatureScheme.Ed448];

    readonly HashSet<byte> _methods = [];
    readonly HashSet<SignatureScheme> _schemes = [];
    bool _anyScheme;

    AuthAnnouncement() { }

    /// <summary>
    /// The data of the notify for the rounds that a connection wants of its peer; empty if there is nothing to say (EAP alone). A round without
    /// constraints announces digital signatures as such, one with them each scheme that it accepts.
    /// </summary>
    public static byte[] Encode(IEnumerable<AuthRound> rounds, bool chainTermsCount = true)
    {
        List<byte[]> all = [];
        foreach (var round in rounds)
        {
            if (round.Class is AuthClass.Psk or AuthClass.Any) all.Add([2, AuthMethod.SharedKey]);
            if (round.Class == AuthClass.Null) all.Add([2, AuthMethod.Null]);
            if (round.Class is not (AuthClass.PublicKey or AuthClass.Any)) continue;
            var constraints = SignatureConstraints.Parse(round.SignatureConstraints);
            if (round.SignatureConstraints.IsEmpty) all.AddRange([[3, 0, AuthMethod.DigitalSignature], [3, 0, AuthMethod.RsaSignature], [3, 0, AuthMethod.Ecdsa256], [3, 0, AuthMethod.Ecdsa384], [3, 0, AuthMethod.Ecdsa521]]);
            else
                foreach (var scheme in _digital.Where(s => constraints.CheckIke(AuthMethod.DigitalSignature, s, chainTermsCount) is null))
                {
                    var algorithm = SignatureAlgorithm.Encode(scheme);
                    all.Add([(byte)(3 + algorithm.Length), 0, AuthMethod.DigitalSignature, .. algorithm]);
                }
        }
        return [.. all.DistinctBy(Convert.ToHexString).SelectMany(a => a)];
    }

    /// <summary>What the peer announces. Links to its CERTREQs are not followed; what is malformed ends the list, as the peer only advises us.</summary>
    public static AuthAnnouncement Read(ReadOnlySpan<byte> data)
    {
        var read = new AuthAnnouncement();
        for (var n = 0; n < MostAnnouncements && data.Length >= 2 && data[0] >= 2 && data[0] <= data.Length; n++)
        {
            read.Add(data[1..data[0]]);
            data = data[data[0]..];
        }
        return read;
    }

    void Add(ReadOnlySpan<byte> body)
    {
        var method = body.Length == 1 ? body[0] : body[1];
        _methods.Add(method);
        if (method != AuthMethod.DigitalSignature) return;
        if (body.Length <= 2) _anyScheme = true;
        else
            try
            {
                if (SignatureAlgorithm.Read(new(body[2..].ToArray(), AsnEncodingRules.DER), out _) is { } scheme) _schemes.Add(scheme);
            }
            catch (AsnContentException)
            {
                // an algorithm that nobody can read is one that we do not sign with
            }
    }

    /// <summary>Whether the peer takes that method of authentication.</summary>
    public bool Accepts(byte method) => _methods.Contains(method);

    /// <summary>Whether it takes digital signatures of that scheme.</summary>
    public bool Accepts(SignatureScheme scheme) => _anyScheme || _schemes.Contains(scheme);

    public override string ToString() => string.Join(", ", _methods.Where(m => m != AuthMethod.DigitalSignature).Select(Name)
        .Concat(_anyScheme ? ["any digital signature"] : _schemes.Select(s => SignatureSchemes.Name(AuthMethod.DigitalSignature, s))));

    static string Name(byte method) => method switch
    {
        AuthMethod.SharedKey => "pre-shared key",
        AuthMethod.Null => "NULL",
        AuthMethod.RsaSignature => "RSA signature",
        AuthMethod.Ecdsa256 => "ECDSA-256 signature",
        AuthMethod.Ecdsa384 => "ECDSA-384 signature",
        AuthMethod.Ecdsa521 => "ECDSA-521 signature",
        _ => $"method {method}",
    };
}
