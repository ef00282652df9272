// IKE_AUTH, proving who we are: with a shared key, a signature, or not at all. RFC 7296 2.15; RFC 7427; RFC 7619.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    /// <summary>Our part of a round: identity, certificates, AUTH (none before EAP), and what goes with a PPK.</summary>
    sealed record Proof(IdPayload Id, IReadOnlyList<Payload> Certificates, AuthPayload? Auth, IReadOnlyList<Payload> Ppk)
    {
        public IEnumerable<Payload> Payloads => [Id, .. Certificates, .. Auth is null ? (Payload[])[] : [Auth], .. Ppk];
    }

    PayloadType OwnIdType => Ike.IsInitiator ? PayloadType.IdInitiator : PayloadType.IdResponder;

    /// <summary>Makes our proof for the round, then goes on; null with the reason if we cannot. A round of EAP begins with the identity alone.</summary>
    void Prove(AuthRound round, Action<Proof?, string> then)
    {
        var id = round.Id is { Kind: not IdentityKind.Any } configured ? configured : Identity.FromAddress(Ike.Local.Address);
        switch (round.Class)
        {
            case AuthClass.Eap:
                SetOwnId(id);
                then(new(_ownId!, [], null, []), "");
                break;
            case AuthClass.Psk:
                ProvePsk(id, then);
                break;
            case AuthClass.Null:
                // RFC 7619 2.1: no identity, and SK_p in the place of the shared key
                SetOwnId(Identity.Null);
                Ike.Log(LogGroup.Ike, 1, $"authentication of '{Ike.LocalId}' (myself) with NULL");
                then(Prove([], AuthMethod.Null, (octets, skP) => PskAuth.Compute(Ike.Prf!, skP, octets)), "");
                break;
            case AuthClass.PublicKey or AuthClass.Any:
                ProveWithKey(round, id, then);
                break;
            default:
                then(null, $"authentication by {round.Class} is IKEv1's; 'leftauth=' of connection '{Ike.Name}' must name another");
                break;
        }
    }

    void SetOwnId(Identity id)
    {
        if (_ownRound == 0) Ike.LocalId = id;
        _ownId = new(OwnIdType, id.WireType, id.Encoded);
    }

    /// <summary>The proof of a method whose AUTH is cheap to make; with a PPK it is made a second time without one, unless one is required.</summary>
    Proof Prove(IReadOnlyList<Payload> certificates, byte method, Func<byte[], byte[], byte[]> auth)
    {
        var made = AuthKeys().Select(skP => auth(OwnOctets(skP), skP)).ToArray();
        return new(_ownId!, certificates, new(method, made[0]), PpkPayloads(made.Length > 1 ? made[1] : null));
    }

    void ProvePsk(Identity id, Action<Proof?, string> then)
    {
        SetOwnId(id);
        var peer = Ike.RemoteId ?? PeerRound.Id ?? Identity.Any;
        var secrets = Ike.Engine.Configuration!.Credentials.SharedSecrets(id, peer);
        if (secrets.Count == 0)
        {
            Ike.Log(LogGroup.Ike, 1, $"no shared key found for '{id}' - '{peer}'");
            Ike.Log(LogGroup.Cfg, 1, $"a line '{id} : PSK ...' in ipsec.secrets would give one");
            then(null, $"no secret for '{id}' and '{peer}' in ipsec.secrets");
            return;
        }
        if (Ike.Handshake!.Announced is { } announced && !announced.Accepts(AuthMethod.SharedKey))
            Ike.Log(LogGroup.Cfg, 1, $"the peer announces that it accepts {announced}, no pre-shared key; 'leftauth=' should name one of those");
        Ike.Log(LogGroup.Ike, 1, $"authentication of '{id}' (myself) with pre-shared key");
        then(Prove([], AuthMethod.SharedKey, (octets, _) => PskAuth.Compute(Ike.Prf!, secrets[0], octets)), "");
    }

    void ProveWithKey(AuthRound round, Identity id, Action<Proof?, string> then)
    {
        if (Ike.Engine.Configuration!.Credentials.PrivateKeyFor(round, id, Ike.Handshake!.RequestedCas) is not { } credential)
        {
            Ike.Log(LogGroup.Ike, 1, $"no private key found for '{id}'");
            Ike.Log(LogGroup.Cfg, 1, $"'leftcert=' must name a certificate whose key a line in ipsec.secrets loads");
            then(null, $"no private key for '{id}'; 'leftcert=' must name a certificate whose key a line in ipsec.secrets loads");
            return;
        }
        if (round.Id is null or { Kind: IdentityKind.Any } && credential.Certificate is not null) id = credential.Certificate.Subject;
        SetOwnId(id);
        var constraints = SignatureConstraints.Parse(round.SignatureConstraints);
        if (SignatureAuth.Choose(credential.Key.Public, Ike.Handshake!.PeerHashes, constraints, Ike.Engine.Settings.RsaPss, out var whyNot, Ike.Handshake.Announced) is not { } choice)
        {
            Ike.Log(LogGroup.Ike, 1, $"no signature scheme for our {credential.Key.Public.Kind} key: {whyNot}");
            then(null, whyNot);
            return;
        }
        var (crypto, key) = (Ike.Engine.Host.Crypto, credential.Key);
        var octets = AuthKeys().Select(OwnOctets).ToArray();
        Ike.Do(this, SigningMicroseconds(key) * octets.Length, () => Sign(crypto, key, choice, octets), result =>
        {
            if (result.Made is not { } made)
            {
                Ike.Log(LogGroup.Ike, 1, $"authentication of '{id}' (myself) with {choice} failed");
                Ike.Log(LogGroup.Cfg, 1, $"{result.WhyNot}");
                then(null, result.WhyNot);
                return;
            }
            Ike.Log(LogGroup.Ike, 1, $"authentication of '{id}' (myself) with {choice} successful");
            WithOwnStatus(credential.Certificate, statuses =>
                then(new(_ownId!, [.. CertificatesToSend(credential), .. statuses], new(choice.Method, made[0]), PpkPayloads(made.Length > 1 ? made[1] : null)), ""));
        }, (key as TokenKey)?.Device);
    }

    // A token may be pulled out or locked; a key in memory does not fail.
    static (byte[][]? Made, string WhyNot) Sign(ICryptoDoor crypto, PrivateKey key, SignatureChoice choice, byte[][] octets)
    {
        try
        {
            return ([.. octets.Select(o => SignatureAuth.Encode(choice, crypto.Sign(key, choice.Scheme, o)))], "");
        }
        catch (System.Security.Cryptography.CryptographicException e) when (key is TokenKey)
        {
            return (null, e.Message);
        }
    }

    List<Payload> CertificatesToSend(LocalCredential credential)
    {
        List<Payload> certificates = [];
        var send = Connection.SendCert;
        if (credential.Certificate is not { } certificate || send == CertPolicy.Never || send == CertPolicy.IfAsked && Ike.Handshake!.RequestedCas.Count == 0) return certificates;
        Ike.Log(LogGroup.Ike, 1, $"sending end entity cert \"{certificate.Subject}\"");
        certificates.Add(ToShow(certificate));
        foreach (var issuer in credential.Intermediates)
        {
            Ike.Log(LogGroup.Ike, 1, $"sending issuer cert \"{issuer.Subject}\"");
            certificates.Add(ToShow(issuer));
        }
        foreach (var attributes in Ike.Engine.Configuration!.Credentials.AttributeCertificatesOf(certificate, Ike.Engine.Host.WallTime))
        {
            Ike.Log(LogGroup.Ike, 1, $"sending attribute certificate issued by \"{attributes.Issuer}\"");
            certificates.Add(new CertPayload(CertPayload.X509Attribute, attributes.Raw));
        }
        return certificates;
    }

    /// <summary>Cost of a signature: below 100 it is made inline.</summary>
    static int SigningMicroseconds(PrivateKey key) => key is TokenKey ? 500_000 : SigningMicroseconds(key.Public);

    static int SigningMicroseconds(PublicKey key) => key.Kind switch
    {
        KeyKind.Ed25519 => 40,
        KeyKind.Ecdsa => key.Bits <= 256 ? 40 : 600,
        KeyKind.Ed448 => 180,
        _ => key.Bits <= 2048 ? 400 : 4000,
    };
}
