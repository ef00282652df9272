// The PKCS#11 modules of strongswan.conf, and what is found on their tokens.
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Cygnet.Control;
using Cygnet.Crypto;

namespace Cygnet.Linux.Pkcs11;

/// <summary>Safe for many threads. A key that was loaded once is handed out again without a further login, if the PIN is the same.</summary>
public sealed class Tokens : ITokens
{
    readonly List<Pkcs11Module> _modules = [];
    readonly ConcurrentDictionary<(Pkcs11Module, nuint Slot, string Id), (byte[] PinHash, Pkcs11Key Key)> _keys = [];

    /// <summary>Loads the modules, each by its name and path; one that cannot be loaded is complained about, and the others serve.</summary>
    public Tokens(IEnumerable<(string Name, string Path, bool OsLocking)> modules, Action<string> log)
    {
        foreach (var (name, path, osLocking) in modules)
            if (Pkcs11Module.Load(name, path, osLocking, log, out var reason) is { } module) _modules.Add(module);
            else log($"loading PKCS#11 library '{name}' failed: {reason}");
    }

    public byte[]? Certificate(TokenObject what, out string reason)
    {
        byte[]? found = null;
        reason = Each(what, (module, slot, session) =>
        {
            foreach (var certificate in module.Find(session, Ck.Certificate, what.Id))
                if ((found = module.Attribute(session, certificate, Ck.Value)) is not null) return true;
            return false;
        }) ?? $"no token has a certificate {what}";
        return found;
    }

    public TokenKey? Key(TokenObject what, string? pin, out string reason) => Key(what, () => pin, out reason);

    /// <summary>As above; the PIN is asked for when a token that may have the key wants one, and not before.</summary>
    public TokenKey? Key(TokenObject what, Func<string?> askPin, out string reason)
    {
        TokenKey? found = null;
        HashSet<(Pkcs11Module, nuint)> tried = [];
        // A PIN is shown to a token that has something of that id and to no other: each wrong one brings a card closer to locking itself.
        var failure = Each(what, (module, slot, session) =>
        {
            var isHere = module.Find(session, Ck.PublicKey, what.Id).Length + module.Find(session, Ck.Certificate, what.Id).Length > 0;
            if (!isHere && (what.Slot is null || IdOfSubject(module, session, what.Id) is not null)) return false;
            tried.Add((module, slot));
            return (found = Open(module, slot, what, what.Id, askPin)) is not null;
        });
        // Some write keys under an id of their own, and are asked for them by what certificates call them.
        if (found is null)
            failure = Each(what, (module, slot, session) =>
                IdOfSubject(module, session, what.Id) is { } id && tried.Add((module, slot)) && (found = Open(module, slot, what, id, askPin)) is not null) ?? failure;
        if (found is null && failure is null && _modules.Count == 1 && what.Slot is null)
            lock (_modules[0].Lock)
                if (_modules[0].Slots() is [var only] && !tried.Contains((_modules[0], only)))
                    failure = Try(() => (found = Open(_modules[0], only, what, what.Id, askPin)) is not null);
        reason = failure ?? $"no token has a private key {what}";
        return found;
    }

    // The CKA_ID of the certificate that has the id as its subject key identifier, as one of the hashes of its key, or as its serial number.
    static byte[]? IdOfSubject(Pkcs11Module module, nuint session, byte[] id)
    {
        foreach (var found in module.Find(session, Ck.Certificate, []))
            if (module.Attribute(session, found, Ck.Value) is { } der && Pki.Certificate.TryParse(der, out _) is { } certificate
                && (certificate.SubjectKeyId.AsSpan().SequenceEqual(id) || certificate.PublicKey.KeyId.AsSpan().SequenceEqual(id)
                    || SHA1.HashData(certificate.PublicKey.SubjectPublicKeyInfo).AsSpan().SequenceEqual(id) || certificate.SerialNumber.AsSpan().SequenceEqual(id)))
                return module.Attribute(session, found, Ck.Id);
        return null;
    }

    Pkcs11Key? Open(Pkcs11Module module, nuint slot, TokenObject what, byte[] id, Func<string?> askPin)
    {
        var name = (module, slot, Convert.ToHexString(id));
        bool wantsLogin;
        lock (module.Lock) wantsLogin = module.WantsLogin(slot);
        var pin = wantsLogin ? askPin() ?? throw new CryptographicException($"no PIN for the token in '{module.Name}':{slot}") : "";
        var secret = Encoding.UTF8.GetBytes(pin);
        if (_keys.TryGetValue(name, out var known) && known.PinHash.AsSpan().SequenceEqual(SHA256.HashData(secret)) && IsThere(module, slot)) return known.Key;
        lock (module.Lock)
        {
            // This session stays open: with the last one of a token goes the login.
            var session = module.Open(slot);
            try
            {
                if (wantsLogin) module.Login(session, slot, secret);
                if (module.Find(session, Ck.PrivateKey, id) is not [var handle, ..])
                {
                    module.Close(session);
                    return null;
                }
                var key = Pkcs11Objects.PublicKey(module, session, handle, id)
                    ?? throw new CryptographicException($"no public key or certificate found for private key {what}");
                var each = module.Number(session, handle, Ck.AlwaysAuthenticate) is > 0;
                var made = new Pkcs11Key(key, module, slot, id, secret, session, handle, each);
                _keys[name] = (SHA256.HashData(secret), made);
                return made;
            }
            catch
            {
                module.Close(session);
                throw;
            }
        }
    }

    static bool IsThere(Pkcs11Module module, nuint slot)
    {
        lock (module.Lock) return module.Slots().Contains(slot);
    }

    // Goes through the tokens that may have it until one has; null, or why none can be asked.
    string? Each(TokenObject what, Func<Pkcs11Module, nuint, nuint, bool> use)
    {
        var modules = _modules.Where(m => what.Module is null || m.Name == what.Module).ToList();
        if (modules.Count == 0)
            return _modules.Count == 0 ? "no PKCS#11 module is loaded; 'charon.plugins.pkcs11.modules' in strongswan.conf names them" : $"PKCS#11 module '{what.Module}' not found";
        string? failure = null;
        foreach (var module in modules)
            lock (module.Lock)
            {
                var slots = module.Slots().Where(s => what.Slot is null || s == (nuint)what.Slot.Value).ToList();
                if (slots.Count == 0 && what.Slot is not null) failure = $"there is no token in slot {what.Slot} of PKCS#11 module '{module.Name}'";
                foreach (var slot in slots)
                {
                    var isDone = false;
                    failure = Try(() =>
                    {
                        var session = module.Open(slot);
                        try { return isDone = use(module, slot, session); }
                        finally { module.Close(session); }
                    }) ?? failure;
                    if (isDone) return null;
                }
            }
        return failure;
    }

    static string? Try(Func<bool> act)
    {
        try
        {
            act();
            return null;
        }
        catch (CryptographicException e)
        {
            return e.Message;
        }
    }
}
