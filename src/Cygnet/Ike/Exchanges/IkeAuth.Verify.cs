// IKE_AUTH, checking who the peer is, under the constraints of a connection. RFC 7296 2.15; RFC 7427; RFC 7619.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    /// <summary>
    /// Checks the peer's AUTH of this round under one connection, then tells the outcome: null, or why not.
    /// The certificates are those of the same message.
    /// </summary>
    void Verify(Connection connection, AuthPayload auth, Message message, Action<Denial?> then)
    {
        var round = Round(connection.Remote, _peerRound);
        var peer = PeerIdentity;
        if (WrongIdentity(connection, round, peer) is { } wrong)
        {
            then(wrong);
            return;
        }
        var octets = PeerOctets(PeerAuthKey);
        switch (auth.Method)
        {
            case AuthMethod.SharedKey:
                then((WrongClass(round, AuthClass.Psk, "pre-shared key") ?? WithoutCertificate(round)) is { } unwanted ? unwanted
                    : CheckPsk(connection, peer, auth, octets) ?? NoGroups(round, "a pre-shared key"));
                break;
            case AuthMethod.Null:
                then(round.Class == AuthClass.Null ? CheckNull(auth, octets) ?? NoGroups(round, "NULL authentication") : WrongClass(round, AuthClass.Null, "NULL"));
                break;
            case AuthMethod.RsaSignature or AuthMethod.Ecdsa256 or AuthMethod.Ecdsa384 or AuthMethod.Ecdsa521 or AuthMethod.DigitalSignature:
                if (WrongClass(round, AuthClass.PublicKey, "public key") is { } other) then(other);
                else WithCertificates(message, certificates =>
                    VerifySignature(new(round, peer, auth, octets, certificates, round.Groups.IsEmpty ? [] : ReceivedAttributes(message)) { Responses = ReceivedResponses(message) }, then));
                break;
            default:
                then($"the peer used authentication method {auth.Method}, which we do not know");
                break;
        }
    }

    /// <summary>The identity of the peer in this round; the first round's is the one that the IKE_SA is known by.</summary>
    Identity PeerIdentity => Identity.TryFromWire(_peerId!.IdType, _peerId.Data, out var id) ? id : Identity.Any;

    Denial? WrongIdentity(Connection connection, AuthRound round, Identity peer)
    {
        if (round.Id is not { Kind: not IdentityKind.Any } required || round.IsIdLoose || peer.Match(required, Ike.Engine.Settings.Trust.RdnMatching) > 0) return null;
        Ike.Log(LogGroup.Cfg, 1, $"constraint check failed: identity '{required}' required");
        return new($"the peer is '{peer}', '{connection.Name}' requires '{required}'", $"'rightid{Ordinal}={peer}' would accept it");
    }

    // NULL is nobody's proof: a round that takes anything does not take it.
    string? WrongClass(AuthRound round, AuthClass used, string usedWords)
    {
        if (round.Class == used || round.Class == AuthClass.Any && used != AuthClass.Null) return null;
        var required = ClassWords(round.Class);
        Ike.Log(LogGroup.Cfg, 1, $"constraint requires {required} authentication, but {usedWords} was used");
        return $"the peer used {usedWords}; 'rightauth{Ordinal}=' requires {required}";
    }

    // What a certificate has to show is not shown by a secret: as in the reference.
    string? WithoutCertificate(AuthRound round)
    {
        if (round.CertPolicies is [var policy, ..])
        {
            Ike.Log(LogGroup.Cfg, 1, $"constraint requires cert policy {policy}");
            return $"the peer used a pre-shared key; 'rightcertpolicy{Ordinal}=' requires a certificate";
        }
        if (round.CaId is null && round.CaCertificates.IsEmpty) return null;
        Ike.Log(LogGroup.Cfg, 1, $"constraint check failed: peer not authenticated by CA '{round.CaId?.ToString() ?? "of 'cacerts'"}'");
        return $"the peer used a pre-shared key; 'rightca{Ordinal}=' requires a certificate";
    }

    /// <summary>What a keyword of the peer's round ends with: <c>rightid</c>, <c>rightid2</c>.</summary>
    string Ordinal => _peerRound == 0 ? "" : $"{_peerRound + 1}";

    static string ClassWords(AuthClass c) => c switch
    {
        AuthClass.PublicKey => "public key",
        AuthClass.Psk => "pre-shared key",
        AuthClass.Eap => "EAP",
        AuthClass.Null => "NULL",
        _ => c.ToString(),
    };

    Denial? CheckPsk(Connection connection, Identity peer, AuthPayload auth, byte[] octets)
    {
        var me = Ike.LocalId ?? (Round(connection.Local, 0).Id is { Kind: not IdentityKind.Any } own ? own : Identity.FromAddress(Ike.Local.Address));
        var secrets = Ike.Engine.Configuration!.Credentials.SharedSecrets(me, peer);
        foreach (var secret in secrets)
            if (PskAuth.Verify(Ike.Prf!, secret, octets, auth.Data))
            {
                Ike.Log(LogGroup.Ike, 1, $"authentication of '{peer}' with pre-shared key successful");
                return null;
            }
        if (secrets.Count == 0) Ike.Log(LogGroup.Ike, 1, $"no shared key found for '{me}' - '{peer}'");
        else Ike.Log(LogGroup.Ike, 1, $"tried {secrets.Count} shared key{(secrets.Count == 1 ? "" : "s")} for '{me}' - '{peer}', but MAC mismatched");
        return secrets.Count == 0
            ? new($"no secret for '{me}' and '{peer}' in ipsec.secrets", $"'{me} {peer} : PSK \"...\"' there gives one, 'ipsec rereadsecrets' loads it")
            : new($"{(secrets.Count == 1 ? "the secret" : $"none of the {secrets.Count} secrets")} for '{me}' and '{peer}' in ipsec.secrets is {(secrets.Count == 1 ? "not " : "")}the peer's",
                $"the secret must be the same on both ends; the line that names most of '{me}' and '{peer}' counts first");
    }

    string? CheckNull(AuthPayload auth, byte[] octets)
    {
        if (!PskAuth.Verify(Ike.Prf!, PeerAuthKey, octets, auth.Data)) return "the peer's NULL authentication does not verify";
        Ike.Log(LogGroup.Ike, 1, $"authentication of '{PeerIdentity}' with NULL successful");
        return null;
    }

    /// <param name="Reason">In the reference's words; null: the peer is who it says.</param>
    /// <param name="Detail">The same with what was found wrong.</param>
    sealed record Verdict(IReadOnlyList<string> Lines, string Scheme, string? Reason, string? Change = null, string? Detail = null)
    {
        /// <summary>The certificate whose key made the signature; null for a raw key.</summary>
        public Pki.Certificate? Holder { get; init; }

        /// <summary>What is wrong with the certificates that were looked at.</summary>
        public IReadOnlyList<CertificateFault> Faults { get; init; } = [];

        /// <summary>Whether some certificate is revoked has to be asked first.</summary>
        public bool IsPending { get; init; }

        public Membership Groups { get; init; } = Membership.None;

        public IReadOnlyList<TrafficSelector>? AddressBlocks { get; init; }
    }

    static Verdict VerifySignature(ICryptoDoor crypto, IReadOnlyList<TrustResult> candidates, Shown proof, bool chainTermsCount)
    {
        var (round, peer, auth, octets) = (proof.Round, proof.Peer, proof.Auth, proof.Octets);
        List<string> lines = [];
        List<CertificateFault> faults = [];
        var kind = SignatureAuth.KindOf(auth.Method, auth.Data) is { } k ? SignatureSchemes.KeyName(k) + " " : "";
        var reason = $"no trusted {kind}public key found for '{peer}'";
        string? change = null;
        var constraints = SignatureConstraints.Parse(round.SignatureConstraints);
        foreach (var candidate in candidates)
        {
            lines.AddRange(candidate.Lines);
            faults.AddRange(candidate.Faults);
            if (candidate.IsPending) return new(lines, "", candidate.Reason) { IsPending = true };
            // why a path is not trusted stands in its lines
            if (candidate.Key is not { } key) continue;
            if (!SignatureAuth.Decode(auth.Method, auth.Data, key, out var scheme, out var signature, out var why)) reason = why;
            else if (constraints.CheckIke(auth.Method, scheme, chainTermsCount) is { } violated) reason = violated;
            else if (!crypto.Verify(key, scheme, octets, signature)) reason = $"signature with {SignatureSchemes.Name(auth.Method, scheme)} does not verify";
            else if (candidate.Certificate is { MaySign: false } unfit)
            {
                lines.Add("rejecting certificate without digitalSignature or nonRepudiation keyUsage flags");
                (reason, change) = ($"the key usage of \"{unfit}\" does not allow signatures (digitalSignature or nonRepudiation)", "its CA has to issue another one");
            }
            else return new(lines, SignatureSchemes.Name(auth.Method, scheme), null) { Holder = candidate.Certificate, AddressBlocks = candidate.AddressBlocks, Faults = faults };
        }
        // once a key was trusted, the signature is what failed
        if (candidates.Any(c => c.Key is not null)) return new(lines, "", reason, change) { Faults = faults };
        var refused = candidates.FirstOrDefault(c => c.Reason is not null);
        return new(lines, "", reason, refused?.Change
                ?? $"the CA that signed the peer's certificate belongs into ipsec.d/cacerts, or the certificate itself into 'rightcert='; it must hold '{peer}' as subject or subjectAltName",
            refused is null ? null : $"{reason}: {refused.Reason}") { Faults = faults };
    }
}
