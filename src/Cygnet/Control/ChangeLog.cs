// Log lines about what a change of the loaded state brought.
using Cygnet.Auth;
using Cygnet.Config;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

static class ChangeLog
{
    public static void Write(IDaemon daemon, LoadedState before, LoadedState after, bool loadedCertificates = true)
    {
        var (old, @new) = (before.Credentials, after.Credentials);
        if (before.SecretsRead != after.SecretsRead)
        {
            if (after.SecretsRead.IsAnew) Line("rereading secrets");
            Line($"loading secrets from '{after.SecretsRead.File}'");
            foreach (var line in after.SecretsRead.Lines) Line(line);
        }
        if (!ReferenceEquals(old, @new))
        {
            if (loadedCertificates)
                foreach (var c in @new.Certificates.Except(old.Certificates)) Line($"loaded certificate '{c.Certificate.Subject}'");
            foreach (var c in old.Certificates.Except(@new.Certificates)) Line($"unloaded certificate '{c.Certificate.Subject}'");
            if (loadedCertificates)
                foreach (var a in @new.AttributeCertificates.Except(old.AttributeCertificates)) Line($"loaded attribute certificate for '{a}'");
            foreach (var a in old.AttributeCertificates.Except(@new.AttributeCertificates)) Line($"unloaded attribute certificate for '{a}'");
            if (loadedCertificates)
                foreach (var c in @new.Crls.Except(old.Crls)) Line($"loaded certificate '{c.Issuer}'");
            foreach (var k in @new.StoredKeys.Except(old.StoredKeys)) Line(Text(k));
            foreach (var s in @new.Secrets.Except(old.Secrets)) Line(Text(s));
        }
        if (before.Pools != after.Pools) Pools(before, after, Line);
        if (before.Connections == after.Connections) return;
        var changes = new ConnectionChanges(before, after);
        foreach (var connection in changes.New)
        {
            if (connection.Source == Lowering.Source) OfIpsecConf(changes.FormerOf(connection.Name), connection, Line);
            else if (changes.FormerOf(connection.Name) is not { } former) Line($"added vici connection: {connection.Name}");
            else if (!former.HasSameIkeSettings(connection)) Line($"replaced vici connection: {connection.Name}");
            else if (!former.Equals(connection)) Line($"updated vici connection: {connection.Name}");
        }
        foreach (var former in changes.Old)
            if (changes.SuccessorOf(former.Name) is null)
            {
                if (former.Source == Lowering.Source) OfIpsecConf(former, null, Line);
                else Line($"removed vici connection: {former.Name}");
            }

        void Line(string text) => daemon.Log(LogGroup.Cfg, 1, text);
    }

    // As the reference logs what its starter sends: conn by conn, what has changed is deleted and added.
    static void OfIpsecConf(Connection? former, Connection? now, Action<string> line)
    {
        if (former?.Equals(now) == true) return;
        var (old, @new) = (former?.Children ?? [], now?.Children ?? []);
        // Of a connection that stays what it was only the conns that have changed are sent there.
        var stays = former is not null && now is not null && former.HasSameIkeSettings(now);
        var (hadBefore, hasNow) = (stays ? old.ToHashSet() : [], stays ? @new.ToHashSet() : []);
        foreach (var child in old)
            if (!hasNow.Contains(child)) line($"deleted connection '{child.Name}'");
        if (now is null) return;
        var isFirst = !stays || hasNow.Count == 0 || !old.Any(hasNow.Contains);
        if (isFirst) line($"added configuration '{now.Name}'");
        foreach (var _ in @new.Where(c => !hadBefore.Contains(c)).Skip(isFirst ? 1 : 0)) line($"added child to existing configuration '{now.Name}'");
    }

    // Two forms, as in the reference: of what came from files of ipsec.conf's world, and of what a client of VICI loads.
    static string Text(StoredKey key)
    {
        var kind = key.Key.Public.Kind.ToString().ToUpperInvariant();
        return key.Path.Length == 0 ? $"loaded {kind} private key" : key.Path.StartsWith("%smartcard", StringComparison.Ordinal) ? $"  loaded private key from {key.Path}" : $"  loaded {kind} private key from '{key.Path}'";
    }

    static string Text(SharedSecret secret)
    {
        var kind = secret.Class.ToString().ToUpperInvariant();
        return secret.Label.Length > 0 ? $"  loaded {kind} secret for {secret.Label}"
            : $"loaded {kind} shared key{(secret.Id is null ? "" : $" with id '{secret.Id}'")} for: {string.Join(", ", secret.Owners.Select(o => $"'{o}'"))}";
    }

    static void Pools(LoadedState before, LoadedState after, Action<string> line)
    {
        foreach (var pool in after.Pools)
        {
            var former = before.Pools.FirstOrDefault(p => p.Name == pool.Name);
            if (ReferenceEquals(former, pool)) continue;
            if (pool.Note is { } note) line(note);
            var isSame = ReferenceEquals(former?.Addresses, pool.Addresses);
            line(pool.Source.Length > 0 ? $"{(isSame ? "reusing" : "adding")} virtual IP address pool {pool.Name}"
                : $"{(former is null ? "added" : isSame ? "updated" : "replaced")} vici pool {pool.Name}: {pool.Addresses.Range.Base}, {pool.Addresses.Range.Size} entries");
        }
        foreach (var former in before.Pools)
            if (after.Pools.All(p => p.Name != former.Name)) line($"unloaded vici pool {former.Name}");
    }
}
