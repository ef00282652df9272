// list-certs: what is loaded, what connections name, what trusted peers have sent, and what was fetched about revocation; without doubles.
using Cygnet.Auth;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Control;

sealed class CertificateCommands(IDaemon daemon)
{
    const int MaxParts = 7;

    public void AddTo(Dictionary<string, Command> table)
    {
        table["list-certs"] = List;
        table["x-list-groups"] = (_, _) => Task.FromResult(new ViciSection().AddList("groups", Groups(daemon.Store.Current)));
    }

    async Task<ViciSection> List(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        var word = request.Text("type") ?? "any";
        CertificateFlags? flag = null;
        if (!CertificateWords.TryType(word, out var type, out var implied)) return Invalid($"type '{word}'");
        if (implied is not null) flag = implied;
        else if (type == CertificateType.X509 && request.Text("flag") is { } flagWord && !CertificateWords.TryFlag(flagWord, out flag)) return Invalid($"flag '{flagWord}'");
        if (session.Registrations("list-cert") == 0) return new();

        var subject = request.Utf8("subject") is { } s && Identity.Parse(s) is { Kind: not IdentityKind.Any } named ? named : null;
        if (type is CertificateType.Any or CertificateType.PublicKey) await ListKeys(session, subject).ConfigureAwait(false);
        if (type is CertificateType.Any or CertificateType.X509) await ListCertificates(session, flag, subject, request.Boolean("x-ext")).ConfigureAwait(false);
        if (type is CertificateType.Any or CertificateType.X509Ac)
            foreach (var attributes in daemon.Store.Current.Credentials.AttributeCertificates)
                if (subject is null || attributes.HolderName is { } name && name.Match(subject) != Identity.NoMatch) await Send("X509_AC", attributes.Raw).ConfigureAwait(false);
        if (type is CertificateType.Any or CertificateType.X509Crl)
            foreach (var crl in daemon.Store.Current.Credentials.Crls.Concat(daemon.Statuses.Current.Crls).Distinct().ToList())
                if (subject is null || crl.Issuer.Match(subject) != Identity.NoMatch) await Send("X509_CRL", crl.Raw).ConfigureAwait(false);
        if (type is CertificateType.Any or CertificateType.OcspResponse)
            foreach (var response in daemon.Statuses.Current.Responses)
                if (subject is null || response.Responder.Match(subject) != Identity.NoMatch) await Send("OCSP_RESPONSE", response.Raw).ConfigureAwait(false);
        return new();

        async Task Send(string word, byte[] der)
        {
            await session.Room().ConfigureAwait(false);
            var message = new ViciSection().Add("type", word);
            if (word == "X509_AC") message.Add("flag", CertificateWords.Word(CertificateFlags.None));
            // What is longer than a value may be comes in parts, and what is longer than a message in several, to those who know: as load-cert takes it.
            if (der.Length <= ushort.MaxValue)
            {
                session.Stream("list-cert", message.Add("data", der));
                return;
            }
            if (der.Length > MaxParts * ushort.MaxValue && !request.Boolean("x-ext"))
            {
                daemon.Log(Ike.LogGroup.Cfg, 1, $"{word} of {der.Length} bytes is too long to be listed");
                return;
            }
            List<byte[][]> messages = [.. der.Chunk(ushort.MaxValue).Chunk(MaxParts)];
            for (var i = 0; i < messages.Count; i++)
            {
                if (i > 0) await session.Room().ConfigureAwait(false);
                var part = new ViciSection().Add("type", word).AddList("data", messages[i]);
                session.Stream("list-cert", i + 1 < messages.Count ? part.Add("more", true) : part);
            }
        }

        ViciSection Invalid(string what)
        {
            daemon.Log(Ike.LogGroup.Cfg, 1, $"invalid certificate {what}");
            return new();
        }
    }

    // Raw keys of connections, each for the identity of its end, and those that were loaded, which have no other name than themselves.
    async Task ListKeys(Session session, Identity? subject)
    {
        var state = daemon.Store.Current;
        var keys = state.Connections.Reverse().SelectMany(c => c.Local.Concat(c.Remote)).SelectMany(r => r.PublicKeys.Select(k => (Id: r.Id ?? Identity.Any, Key: k)));
        foreach (var (id, key) in keys.DistinctBy(k => (k.Id, Convert.ToHexString(k.Key))))
        {
            if (subject is not null && id.Match(subject) == Identity.NoMatch) continue;
            await session.Room().ConfigureAwait(false);
            var message = new ViciSection().Add("type", "PUBKEY");
            if (state.Credentials.Keys.Any(k => k.Public.SubjectPublicKeyInfo.AsSpan().SequenceEqual(key))) message.Add("has_privkey", "yes");
            message.Add("data", key);
            session.Stream("list-cert", id.Kind is IdentityKind.Any ? message : message.Add("subject", id.ToString()));
        }
        foreach (var key in state.Credentials.PublicKeys)
        {
            if (subject is not null && !CredentialStore.Names(subject, key)) continue;
            await session.Room().ConfigureAwait(false);
            var message = new ViciSection().Add("type", "PUBKEY");
            if (state.Credentials.Keys.Any(k => k.Public.Equals(key))) message.Add("has_privkey", "yes");
            session.Stream("list-cert", message.Add("data", key.SubjectPublicKeyInfo));
        }
    }

    async Task ListCertificates(Session session, CertificateFlags? flag, Identity? subject, bool underEach)
    {
        var state = daemon.Store.Current;
        CertificateFlags[] kinds = [CertificateFlags.None, CertificateFlags.Ca, CertificateFlags.Aa, CertificateFlags.Ocsp];
        // One of two kinds stands under the first only, where the client does not know better.
        foreach (var kind in kinds.Where(k => flag is null || k == flag))
            foreach (var certificate in All(state).Where(c => c.Kind == kind || underEach && kind != CertificateFlags.None && c.Flags.HasFlag(kind)).Select(c => c.Certificate).Distinct())
            {
                if (subject is not null && certificate.Subject.Match(subject) == Identity.NoMatch
                    && certificate.SubjectAltNames.All(n => n.Match(subject) == Identity.NoMatch)) continue;
                await session.Room().ConfigureAwait(false);
                var message = new ViciSection().Add("type", "X509").Add("flag", CertificateWords.Word(kind));
                if (state.Credentials.HasPrivateKey(certificate)) message.Add("has_privkey", "yes");
                session.Stream("list-cert", message.Add("data", certificate.Raw));
            }
    }

    /// <summary>Groups that connections ask for, and that loaded attribute certificates name.</summary>
    static IEnumerable<string> Groups(LoadedState state) => state.Connections.SelectMany(c => c.Remote).SelectMany(r => r.Groups)
        .Concat(state.Credentials.AttributeCertificates.SelectMany(a => a.Groups).Select(g => g.Value)).Distinct();

    /// <summary>Peers' certificates, then those that are loaded, the newest first as the reference has them.</summary>
    static IEnumerable<(Certificate Certificate, CertificateFlags Kind, CertificateFlags Flags)> All(LoadedState state)
    {
        foreach (var certificate in KnownCertificates.All.OrderBy(c => $"{c.Subject}", StringComparer.Ordinal)) yield return With(certificate, CertificateFlags.None);
        foreach (var round in state.Connections.Reverse().SelectMany(c => c.Local.Concat(c.Remote)))
            foreach (var der in round.Certificates.Concat(round.CaCertificates))
                if (Certificate.TryParse(der, out _) is { } certificate) yield return With(certificate, CertificateFlags.None);
        foreach (var c in state.Credentials.Certificates.Reverse()) yield return With(c.Certificate, c.Flags);
    }

    // Who may sign OCSP responses says so himself.
    static (Certificate Certificate, CertificateFlags Kind, CertificateFlags Flags) With(Certificate certificate, CertificateFlags flags)
    {
        if (certificate.IsCa) flags |= CertificateFlags.Ca;
        if (certificate.ExtendedKeyUsages.Contains(Oids.OcspSigning)) flags |= CertificateFlags.Ocsp;
        return (certificate, CertificateWords.Kind(flags), flags);
    }
}
