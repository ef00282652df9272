// IKE_AUTH, what both roles share. RFC 7296 1.2, 2.15, 2.16; RFC 7427; RFC 6023 (childless).
//   HDR, SK {IDi, [CERT..], [N(INIT_CONTACT)], [CERTREQ], [IDr], AUTH, [SAi2, TSi, TSr]}  -->
//                        <--  HDR, SK {IDr, [CERT..], AUTH, [SAr2, TSi, TSr | N(error)]}
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

/// <summary>The order of the steps stands in IkeAuth.Initiator.cs and IkeAuth.Responder.cs.</summary>
sealed partial class IkeAuth(IkeSa ike, ChildWish? wish = null) : Exchange(ike)
{
    const byte X509Signature = 4;

    ChildWish? _wish = wish;
    ChildSa? _child;

    public override string Task => "IKE_AUTH";
    public override ExchangeType Type => ExchangeType.IkeAuth;

    /// <summary>The child that is still to be brought up, for a new attempt; what this one holds is given back.</summary>
    public ChildWish? TakeWish()
    {
        _child?.Remove();
        _child = null;
        return _wish;
    }

    public override void Abandon(string? reason)
    {
        _child?.Remove();
        _child = null;
    }

    static AuthRound Round(System.Collections.Immutable.ImmutableArray<AuthRound> rounds) => rounds.IsEmpty ? new() : rounds[0];

    /// <summary>What our AUTH payload authenticates. RFC 7296 2.15.</summary>
    byte[] OwnOctets(byte[] idBody)
    {
        var h = Ike.Handshake!;
        return Ike.IsInitiator
            ? AuthOctets.Signed(Ike.Prf!, h.InitRequest, h.Nr, Ike.Keys!.SkPi, idBody, h.Intermediate.Octets)
            : AuthOctets.Signed(Ike.Prf!, h.InitResponse, h.Ni, Ike.Keys!.SkPr, idBody, h.Intermediate.Octets);
    }

    byte[] PeerOctets(byte[] idBody)
    {
        var h = Ike.Handshake!;
        return Ike.IsInitiator
            ? AuthOctets.Signed(Ike.Prf!, h.InitResponse, h.Ni, Ike.Keys!.SkPr, idBody, h.Intermediate.Octets)
            : AuthOctets.Signed(Ike.Prf!, h.InitRequest, h.Nr, Ike.Keys!.SkPi, idBody, h.Intermediate.Octets);
    }

    /// <summary>
    /// Makes our AUTH payload with the certificates that go along, then goes on; false (after saying why) if we cannot authenticate.
    /// </summary>
    bool AuthenticateSelf(AuthRound round, PayloadType idType, Action<IdPayload, List<Payload>, AuthPayload> then)
    {
        var credentials = Ike.Engine.Configuration!.Credentials;
        var id = round.Id is { Kind: not IdentityKind.Any } configured ? configured : Identity.FromAddress(Ike.Local.Address);
        if (round.Class == AuthClass.Psk)
        {
            Ike.LocalId = id;
            var idPayload = new IdPayload(idType, id.WireType, id.Encoded);
            var secrets = credentials.SharedSecrets(id, Ike.RemoteId ?? Round(Ike.Connection!.Remote).Id ?? Identity.Any);
            if (secrets.Count == 0)
            {
                Ike.Log(LogGroup.Ike, 1, $"no shared key found for '{id}' - '{Ike.RemoteId ?? Round(Ike.Connection!.Remote).Id ?? Identity.Any}'");
                Ike.Log(LogGroup.Cfg, 1, $"a line '{id} : PSK ...' in ipsec.secrets would give one");
                return false;
            }
            var auth = PskAuth.Compute(Ike.Prf!, secrets[0], OwnOctets(idPayload.Body));
            Ike.Log(LogGroup.Ike, 1, $"authentication of '{id}' (myself) with pre-shared key");
            then(idPayload, [], new(AuthMethod.SharedKey, auth));
            return true;
        }
        if (round.Class is not (AuthClass.PublicKey or AuthClass.Any))
        {
            Ike.Log(LogGroup.Ike, 1, $"authentication method {round.Class} of connection '{Ike.Name}' is not built yet");
            return false;
        }
        if (credentials.PrivateKeyFor(round, id, Ike.Handshake!.RequestedCas) is not { } credential)
        {
            Ike.Log(LogGroup.Ike, 1, $"no private key found for '{id}'");
            Ike.Log(LogGroup.Cfg, 1, $"'leftcert=' must name a certificate whose key a line in ipsec.secrets loads");
            return false;
        }
        if (round.Id is null or { Kind: IdentityKind.Any } && credential.Certificate is not null) id = credential.Certificate.Subject;
        Ike.LocalId = id;
        var constraints = SignatureConstraints.Parse(round.SignatureConstraints);
        if (SignatureAuth.Choose(credential.Key.Public, Ike.PeerHashes, constraints, Ike.Engine.Settings.RsaPss, out var whyNot) is not { } choice)
        {
            Ike.Log(LogGroup.Ike, 1, $"no signature scheme for our {credential.Key.Public.Kind} key: {whyNot}");
            return false;
        }
        var idp = new IdPayload(idType, id.WireType, id.Encoded);
        var (octets, crypto, key) = (OwnOctets(idp.Body), Ike.Engine.Host.Crypto, credential.Key);
        Ike.Do(this, SigningMicroseconds(key.Public), () => crypto.Sign(key, choice.Scheme, octets), signature =>
        {
            Ike.Log(LogGroup.Ike, 1, $"authentication of '{id}' (myself) with {choice} successful");
            List<Payload> certificates = [];
            var send = Ike.Connection!.SendCert;
            if (credential.Certificate is { } certificate && (send == CertPolicy.Always || send == CertPolicy.IfAsked && Ike.Handshake!.RequestedCas.Count > 0))
            {
                Ike.Log(LogGroup.Ike, 1, $"sending end entity cert \"{certificate.Subject}\"");
                certificates.Add(new CertPayload(X509Signature, certificate.Raw));
                foreach (var issuer in credential.Intermediates)
                {
                    Ike.Log(LogGroup.Ike, 1, $"sending issuer cert \"{issuer.Subject}\"");
                    certificates.Add(new CertPayload(X509Signature, issuer.Raw));
                }
            }
            then(idp, certificates, new(choice.Method, SignatureAuth.Encode(choice, signature)));
        });
        return true;
    }

    /// <summary>
    /// Checks the peer's AUTH under one connection's constraints, then tells the outcome: null, or the reason for a refusal.
    /// The certificates are those of the same message.
    /// </summary>
    void AuthenticatePeer(Connection connection, IdPayload id, AuthPayload auth, Message message, Action<string?> then)
    {
        var round = Round(connection.Remote);
        var peer = Ike.RemoteId!;
        if (round.Id is { Kind: not IdentityKind.Any } required && !round.IsIdLoose && peer.Match(required) == 0)
        {
            Ike.Log(LogGroup.Cfg, 1, $"constraint check failed: identity '{required}' required");
            then($"the peer is '{peer}', '{connection.Name}' requires '{required}'");
            return;
        }
        var octets = PeerOctets(id.Body);
        if (auth.Method == AuthMethod.SharedKey)
        {
            if (round.Class is not (AuthClass.Psk or AuthClass.Any))
            {
                Ike.Log(LogGroup.Cfg, 1, $"constraint requires public key authentication, but pre-shared key was used");
                then("the peer used a pre-shared key; 'rightauth=' requires a public key");
                return;
            }
            then(CheckPsk(connection, peer, auth, octets));
            return;
        }
        if (auth.Method is not (AuthMethod.RsaSignature or AuthMethod.Ecdsa256 or AuthMethod.Ecdsa384 or AuthMethod.Ecdsa521 or AuthMethod.DigitalSignature))
        {
            then($"the peer used authentication method {auth.Method}, which is not built yet");
            return;
        }
        if (round.Class is not (AuthClass.PublicKey or AuthClass.Any))
        {
            Ike.Log(LogGroup.Cfg, 1, $"constraint requires pre-shared key authentication, but public key was used");
            then("the peer used a signature; 'rightauth=' requires a pre-shared key");
            return;
        }
        var received = message.All<CertPayload>().Where(c => c.Encoding == X509Signature).Select(c => c.Data).Take(16).ToArray();
        for (var i = 0; i < received.Length; i++)
            if (Pki.Certificate.TryParse(received[i], out var why) is { } parsed)
                Ike.Log(LogGroup.Ike, 1, $"received {(i == 0 ? "end entity" : "issuer")} cert \"{parsed.Subject}\"");
            else Ike.Log(LogGroup.Ike, 1, $"received a certificate that does not parse, ignored: {why}");
        var (crypto, credentials, now) = (Ike.Engine.Host.Crypto, Ike.Engine.Configuration!.Credentials, Ike.Engine.Host.WallTime);
        // chain and signature are verified in one go: some hundred microseconds to milliseconds
        Ike.Do(this, 1000, () => VerifySignature(crypto, credentials.Trust(crypto, peer, received, round, now), peer, round, auth, octets), verdict =>
        {
            foreach (var line in verdict.Lines) Ike.Write(LogGroup.Cfg, 1, line);
            if (verdict.Reason is null) Ike.Log(LogGroup.Ike, 1, $"authentication of '{peer}' with {verdict.Scheme} successful");
            else Ike.Log(LogGroup.Ike, 1, $"{verdict.Reason}");
            then(verdict.Reason);
        });
    }

    string? CheckPsk(Connection connection, Identity peer, AuthPayload auth, byte[] octets)
    {
        var me = Ike.LocalId ?? (Round(connection.Local).Id is { Kind: not IdentityKind.Any } own ? own : Identity.FromAddress(Ike.Local.Address));
        var secrets = Ike.Engine.Configuration!.Credentials.SharedSecrets(me, peer);
        foreach (var secret in secrets)
            if (PskAuth.Verify(Ike.Prf!, secret, octets, auth.Data))
            {
                Ike.Log(LogGroup.Ike, 1, $"authentication of '{peer}' with pre-shared key successful");
                return null;
            }
        if (secrets.Count == 0) Ike.Log(LogGroup.Ike, 1, $"no shared key found for '{me}' - '{peer}'");
        else Ike.Log(LogGroup.Ike, 1, $"tried {secrets.Count} shared key{(secrets.Count == 1 ? "" : "s")} for '{me}' - '{peer}', but MAC mismatched");
        return secrets.Count == 0 ? $"no secret for '{me}' and '{peer}' in ipsec.secrets" : $"the secret for '{me}' and '{peer}' in ipsec.secrets is not the peer's";
    }

    /// <summary>Cost of a signature: below 100 it is made inline.</summary>
    static int SigningMicroseconds(PublicKey key) => key.Kind switch
    {
        KeyKind.Ed25519 => 40,
        KeyKind.Ecdsa => key.Bits <= 256 ? 40 : 600,
        KeyKind.Ed448 => 180,
        _ => key.Bits <= 2048 ? 400 : 4000,
    };

    sealed record Verdict(IReadOnlyList<string> Lines, string Scheme, string? Reason);

    static Verdict VerifySignature(ICryptoDoor crypto, IReadOnlyList<TrustResult> candidates, Identity peer, AuthRound round, AuthPayload auth, byte[] octets)
    {
        List<string> lines = [];
        var kind = SignatureAuth.KindOf(auth.Method, auth.Data) is { } k ? SignatureSchemes.KeyName(k) + " " : "";
        var reason = $"no trusted {kind}public key found for '{peer}'";
        var constraints = SignatureConstraints.Parse(round.SignatureConstraints);
        foreach (var candidate in candidates)
        {
            lines.AddRange(candidate.Lines);
            // why a path is not trusted stands in its lines
            if (candidate.Key is not { } key) continue;
            if (!SignatureAuth.Decode(auth.Method, auth.Data, key, out var scheme, out var signature, out var why)) reason = why;
            else if (constraints.CheckIke(auth.Method, scheme) is { } violated) reason = violated;
            else if (!crypto.Verify(key, scheme, octets, signature)) reason = $"signature with {SignatureSchemes.Name(auth.Method, scheme)} does not verify";
            else return new(lines, SignatureSchemes.Name(auth.Method, scheme), null);
        }
        return new(lines, "", reason);
    }
}
