// Commands about credentials: certificates, private keys, shared secrets.
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Eap.Sim;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Control;

sealed class CredentialCommands(IDaemon daemon, StateCommands changes)
{
    const int MaxOwnerBytes = 255, MaxLines = 100;

    public void AddTo(Dictionary<string, Command> table)
    {
        table["load-cert"] = changes.Wrap(LoadCert);
        table["load-key"] = changes.Wrap(LoadKey);
        table["unload-key"] = changes.Wrap(UnloadKey);
        table["load-shared"] = changes.Wrap(LoadShared);
        table["unload-shared"] = changes.Wrap(UnloadShared);
        table["clear-creds"] = ClearCredentials;
        table["x-cache-crls"] = changes.Wrap(CrlLoading.Cache);
        table["x-replace-certs"] = changes.Wrap(ReplaceCerts);
        table["load-token"] = changes.WrapSlow(LoadToken);
        table["x-check-token"] = (_, p) => StateCommands.Slowly(() => Token(p, out var _) ?? Answer.Yes());
        table["x-clear-secrets"] = changes.Wrap(ClearSecrets);
        table["get-keys"] = (_, p) => Task.FromResult(new ViciSection().AddList("keys", Credentials.StoredKeys.Reverse().Where(k => k.Source == Source(p)).Select(k => KeyId(k.Key))));
        table["get-shared"] = (_, p) => Task.FromResult(GetShared(Source(p)));
        table["flush-certs"] = (_, p) => Task.FromResult(FlushCerts(p.Message));
    }

    CredentialStore Credentials => daemon.Store.Current.Credentials;

    /// <summary>Whose keys and secrets a request is about: those without a source are VICI's own, and the only ones that a client sees that names none.</summary>
    static string Source(ViciPacket request) => request.Message.Text("x-source") ?? "";

    ViciSection GetShared(string source)
    {
        var answer = new ViciSection().AddList("keys", Credentials.Secrets.Reverse().Where(s => s.Source == source).Select(s => s.Id).OfType<string>());
        // Whoever remembers what it has loaded sees whether another has replaced it meanwhile.
        return source.Length > 0 ? answer.Add("x-readings", daemon.Store.Current.SecretsRead.Count) : answer;
    }

    /// <summary>
    /// Takes all keys and secrets of a source away, before those that it has now are loaded in the same transaction; what there is to say about the
    /// <c>file</c> comes along as <c>lines</c> for the log, and <c>anew</c> if it was read on demand.
    /// </summary>
    static Change ClearSecrets(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (packet.Malformed) return Change.Refused(state, "parsing request failed");
        if (Source(packet) is not { Length: > 0 } source) return Change.Refused(state, "source of the secrets missing");
        var next = state.With(b =>
        {
            b.RemoveKeys(source);
            b.RemoveSecrets(source);
        });
        return Change.Done(next with
        {
            SecretsRead = new(state.SecretsRead.Count + 1, request.Utf8("file") ?? "", request.Boolean("anew"), [.. request.List("lines").Take(MaxLines)]),
        });
    }

    static string KeyId(PrivateKey key) => Convert.ToHexStringLower(key.Public.KeyId);

    // Those of authorities stay, and what ipsec.conf has brought is not VICI's.
    static LoadedState Clear(LoadedState state) => state.With(b =>
    {
        b.RemoveCertificates("");
        b.RemoveAttributeCertificates();
        b.RemovePublicKeys();
        b.RemoveKeys();
        b.RemoveSecrets();
        b.RemoveCrls();
    });

    Task<ViciSection> ClearCredentials(Session session, ViciPacket packet)
    {
        if (session.Transaction is null) daemon.Statuses.Flush(crls: true, responses: true);
        return changes.Wrap((state, _) => Change.Done(Clear(state)))(session, packet);
    }

    static Change LoadCert(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (request.Text("type") is not { } typeWord) return Change.Refused(state, "certificate type missing");
        if (!CertificateWords.TryType(typeWord, out var type, out var implied)) return Change.Refused(state, $"invalid certificate type '{typeWord}'");
        var flag = implied ?? CertificateFlags.None;
        if (type == CertificateType.X509 && implied is null && request.Text("flag") is { } flagWord)
        {
            if (!CertificateWords.TryFlag(flagWord, out var given)) return Change.Refused(state, $"invalid certificate flag '{flagWord}'");
            flag = given ?? CertificateFlags.None;
        }
        if (type == CertificateType.X509Crl) return CrlLoading.Load(state, packet);
        if (request.Bytes("data") is not { Length: > 0 } data) return Change.Refused(state, "certificate data missing");
        if (type == CertificateType.X509Ac)
            return AttributeCertificate.TryParse(data, out _) is { } attributes ? Change.Done(state.With(b => b.Add(attributes))) : Change.Refused(state, "parsing X509_AC certificate failed");
        if (type == CertificateType.PublicKey)
            return PublicKeyFile.Read(data, out _) is { } key ? Change.Done(state.With(b => b.Add(key))) : Change.Refused(state, "parsing PUBKEY certificate failed");
        // of any type that is read from its content alone there is this one
        if (type is not (CertificateType.X509 or CertificateType.Any)) return Change.Refused(state, $"parsing {typeWord.ToUpperInvariant()} certificate failed");
        return Parse(data, flag, typeWord, out var error) is { } certificate
            ? Change.Done(state.With(b => b.Add(certificate, flag | CertificateFlags.Trusted, request.Text("x-source") ?? "")))
            : Change.Refused(state, error);
    }

    static Certificate? Parse(byte[] data, CertificateFlags flag, string typeWord, out string error)
    {
        error = $"parsing {(typeWord.Equals("any", StringComparison.OrdinalIgnoreCase) ? "ANY" : "X509")} certificate failed";
        if (Certificate.TryParse(data, out _) is not { } certificate) return null;
        error = "ca certificate lacks CA basic constraint, rejected";
        return flag == CertificateFlags.Ca && !certificate.IsCa ? null : certificate;
    }

    static Change LoadKey(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (request.Text("type") is not { } type) return Change.Refused(state, "key type missing");
        if (type.ToLowerInvariant() is not ("rsa" or "ecdsa" or "ed25519" or "ed448" or "any")) return Change.Refused(state, $"invalid key type: {type}");
        if (request.Bytes("data") is not { Length: > 0 } data) return Change.Refused(state, "key data missing");
        var pkcs8 = PrivateKeyFile.Read(data, [], out _);
        var key = pkcs8 is null ? null : SoftwareKey.FromDer(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        if (key is null || (!type.Equals("any", StringComparison.OrdinalIgnoreCase) && !type.Equals(key.Public.Kind.ToString(), StringComparison.OrdinalIgnoreCase)))
            return Change.Refused(state, $"parsing {type.ToUpperInvariant()} private key failed");
        return new(state.With(b => b.Add(new StoredKey(key, Source(packet), request.Utf8("x-path") ?? ""))), Answer.Yes().Add("id", KeyId(key)));
    }

    StateCommand LoadToken(ViciPacket packet)
    {
        if (Token(packet, out var key) is { } refusal) return (state, _) => new(state, refusal);
        var stored = new StoredKey(key!, Source(packet), packet.Message.Utf8("x-path") ?? "");
        return (state, _) => new(state.With(b => b.Add(stored)), Answer.Yes().Add("id", KeyId(key!)));
    }

    // Null if the key is there.
    ViciSection? Token(ViciPacket packet, out TokenKey? key)
    {
        var request = packet.Message;
        key = null;
        if (!request.Has("handle")) return Answer.No("keyid missing");
        if (TokenWords.Read(request) is not { } what) return Answer.No("loading private key from token failed").Add("x-reason", "'handle' takes the hexadecimal id of an object");
        return (key = daemon.Tokens.Key(what, request.Utf8("pin"), out var reason)) is null ? Answer.No("loading private key from token failed").Add("x-reason", reason) : null;
    }

    static Change UnloadKey(LoadedState state, ViciPacket packet)
    {
        if (packet.Message.Text("id") is not { } id) return Change.Refused(state, "key id missing");
        var key = state.Credentials.StoredKeys.FirstOrDefault(k => k.Source == Source(packet) && KeyId(k.Key).Equals(id, StringComparison.OrdinalIgnoreCase));
        return key is null ? Change.Refused(state, "key not found") : Change.Done(state.With(b => b.RemoveKey(key.Key.Public.KeyId, key.Source)));
    }

    static Change LoadShared(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (request.Text("type") is not { } type) return Change.Refused(state, "shared key type missing");
        SecretClass? known = type.ToLowerInvariant() switch
        {
            "ike" => SecretClass.Ike,
            "eap" or "xauth" => SecretClass.Eap,
            "ntlm" => SecretClass.Ntlm,
            "ppk" => SecretClass.Ppk,
            "x-triplet" => SecretClass.SimTriplet,
            _ => null,
        };
        if (known is not { } kind) return Change.Refused(state, $"invalid shared key type: {type}");
        if (request.Bytes("data") is not { Length: > 0 } data) return Change.Refused(state, "shared key data missing");
        if (kind == SecretClass.SimTriplet && data.Length != SimTriplet.Bytes) return Change.Refused(state, $"a triplet has {SimTriplet.Bytes} bytes: RAND, SRES, Kc");
        if (packet.Malformed) return Change.Refused(state, "parsing shared key owners failed");
        var owners = ImmutableArray.CreateBuilder<Identity>();
        foreach (var item in request.Lists.Where(l => l.Name == "owners").SelectMany(l => l.Items))
        {
            if (item.Length > MaxOwnerBytes || Vici.PrintableText(item) is not { } text) return Change.Refused(state, "parsing shared key owners failed");
            owners.Add(Identity.Parse(text));
        }
        if (owners.Count == 0) owners.Add(Identity.Any);
        return Change.Done(state.With(b => b.Add(new SharedSecret(kind, data, owners.ToImmutable(), request.Text("id")) { Source = Source(packet), Label = request.Utf8("x-path") ?? "" })));
    }

    static Change UnloadShared(LoadedState state, ViciPacket packet) => packet.Message.Text("id") is { } id
        ? Change.Done(state.With(b => b.RemoveSecret(id, Source(packet))))
        : Change.Refused(state, "unique identifier missing");

    /// <summary>All certificates of one source and flag are replaced by those sent; <c>more</c> says that a further request brings the rest.</summary>
    static Change ReplaceCerts(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (packet.Malformed) return Change.Refused(state, "parsing request failed");
        if (request.Text("source") is not { Length: > 0 } source) return Change.Refused(state, "certificate source missing");
        if (!CertificateWords.TryType(request.Text("type") ?? "x509", out var type, out var implied) || type != CertificateType.X509)
            return Change.Refused(state, $"invalid certificate type '{request.Text("type")}'");
        if (!CertificateWords.TryFlag(request.Text("flag") ?? "none", out var given)) return Change.Refused(state, $"invalid certificate flag '{request.Text("flag")}'");
        var flag = implied ?? given ?? CertificateFlags.None;
        // One may be for several uses.
        bool IsReplaced(StoredCertificate c) => c.Source == source && (flag == CertificateFlags.None ? CertificateWords.Kind(c.Flags) == flag : c.Flags.HasFlag(flag));

        // The new ones are collected apart, so that the old ones hold until the last request.
        var collected = state.Incoming.Where(IsReplaced).ToList();
        var others = state.Incoming.RemoveAll(IsReplaced);
        foreach (var data in request.Lists.Where(l => l.Name == "data").SelectMany(l => l.Items))
        {
            if (Parse(data, flag, "X509", out var error) is not { } certificate) return Change.Refused(state with { Incoming = others }, error);
            collected.Add(new(certificate, flag | CertificateFlags.Trusted, source));
        }
        if (request.Boolean("more")) return Change.Done(state with { Incoming = others.AddRange(collected) });
        var old = state.Credentials.Certificates.Where(IsReplaced).Select(c => c.Certificate).ToHashSet();
        var @new = collected.Select(c => c.Certificate).ToHashSet();
        var next = state.With(b =>
        {
            b.RemoveCertificates(IsReplaced);
            foreach (var c in collected) b.Add(c.Certificate, c.Flags, source);
        });
        return new(next with { Incoming = others }, Answer.Yes().Add("added", @new.Count(c => !old.Contains(c))).Add("removed", old.Count(c => !@new.Contains(c))));
    }

    /// <summary>What is only kept because a peer sent it, or because it was fetched.</summary>
    ViciSection FlushCerts(ViciSection request)
    {
        var type = CertificateType.Any;
        if (request.Text("type") is { } word && !CertificateWords.TryType(word, out type, out _)) return Answer.No($"invalid certificate type '{word}'");
        if (type is CertificateType.Any or CertificateType.X509) KnownCertificates.Clear();
        daemon.Statuses.Flush(crls: type is CertificateType.Any or CertificateType.X509Crl, responses: type is CertificateType.Any or CertificateType.OcspResponse);
        return Answer.Yes();
    }
}
