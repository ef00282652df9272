// How each end of a conn proves who it is: the rounds, their certificates, keys and demands. swanctl.conf(5), local and remote sections.
using System.Globalization;
using Cygnet.Auth;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Config;

sealed partial class LoweredConn
{
    static readonly string[] _authWords = ["pubkey", "rsa", "ecdsa", "ed25519", "ed448", "psk", "secret", "any"];

    static readonly string[] _eapWords = [.. new[] { "md5", "gtc", "tls", "ttls", "peap", "mschapv2", "sim", "aka", "dynamic", "radius" }.Select(m => $"eap-{m}")];

    // The keywords of the second round end in 2.
    void Auth(ViciWriter section, string side, string other, string round, bool isRemote, string? strict)
    {
        var auth = Class(side, other, round);
        if (auth is not null) section.Add("auth", auth);
        if (auth?.StartsWith("eap", StringComparison.OrdinalIgnoreCase) == true) Eap(section);
        var certificates = Certificates(side, round);
        var id = Id(side, round, certificates, isRemote, out var isLoose);
        if (id is not null && Identity.Parse(id).Kind != IdentityKind.Any) section.Add("id", id);
        if (isLoose) section.Add("x-id_loose", true);
        if (certificates.Count > 0) section.AddList("certs", certificates.Select(c => c.Raw));
        Tokens(section, side, round);
        // One key for both rounds, as in the reference; of no use where no signature is made.
        var signs = auth is not null && auth is not ("psk" or "x-null") && !auth.StartsWith("eap", StringComparison.OrdinalIgnoreCase);
        if ((round.Length == 0 || signs) && RawKey(side) is { } key) section.AddList("pubkeys", (IEnumerable<byte[]>)[key.SubjectPublicKeyInfo]);
        if (isRemote) Constraints(section, side, other, round, auth, signs, strict);
        section.End();
    }

    void Constraints(ViciWriter section, string side, string other, string round, string? auth, bool signs, string? strict)
    {
        var ca = _conn.Text(side, "ca", round);
        if (ca == "%same") ca = _conn.Text(other, "ca", round);
        if (ca is not null and not "%same") section.Add("ca_id", ca);
        if (round.Length == 0 || signs) Policies(section, side);
        if (Split(_conn.Text(side, "groups", round)) is { Length: > 0 } groups) section.AddList("groups", groups);
        // Where a signature proves who the peer is.
        var isSecret = auth is not null && (auth is "psk" or "x-null" || auth.StartsWith("eap", StringComparison.OrdinalIgnoreCase));
        if (!isSecret && strict is ("yes" or "ifuri")) section.Add("revocation", strict == "yes" ? "strict" : "ifuri");
    }

    PublicKey? RawKey(string side)
    {
        if (_conn.Text(side, "sigkey") is not { } text || text is "" or "%cert" or "%dns") return null;
        var id = Identity.Parse(_conn.Text(side, "id") ?? Hosts(side)[0]);
        var isInline = PublicKeyFile.IsInline(text);
        var path = isInline ? "" : ConfigPath.In(_directories.Certs, text);
        var reason = "the file cannot be read";
        var key = isInline ? PublicKeyFile.Parse(text, out reason) : _files.ReadAllBytes(path) is { } bytes ? PublicKeyFile.Read(bytes, out reason) : null;
        var from = isInline ? "" : $" from '{text}'";
        // The reference goes on without it, and then any key that a CA vouches for will do.
        if (key is null) Refuse($"  loading public key for \"{id}\"{from} failed", _conn.Place($"{side}sigkey"), $"{_conn.Section.Title}: {(isInline ? $"'{side}sigkey='" : $"'{path}'")}: {reason}");
        else _plan.LogList.Add($"  loaded {SignatureSchemes.KeyName(key.Kind)} public key for \"{id}\"{from}");
        return key;
    }

    // A word that is no identifier could never be asserted, and would turn every peer away.
    void Policies(ViciWriter section, string side)
    {
        var policies = Split(_conn.Text(side, "certpolicy"));
        foreach (var word in policies.Where(p => !CertificatePolicy.IsOid(p)))
            Refuse("", _conn.Place($"{side}certpolicy"), ConfigError.Expected(word, "object identifiers in dotted form, separated by commas"));
        if (policies.Length > 0) section.AddList("cert_policy", policies);
    }

    // The server asks for the identity if it is any.
    void Eap(ViciWriter section)
    {
        if (_conn.Text("eap_identity") is { } id) section.Add("eap_id", id is "%identity" ? "%any" : id);
        if (_conn.Text("aaa_identity") is { } aaa) section.Add("aaa_id", aaa);
    }

    // Null is class any, which has no word.
    string? Class(string side, string other, string round)
    {
        // authby counts only if neither end says anything itself.
        if (_conn.Text(side, "auth", round) is not { } auth) return _conn.Text(other, "auth") is null && _conn.Text("authby") is "psk" or "secret" ? "psk" : "pubkey";
        if (auth is "psk" or "secret") return "psk";
        if (auth == "any") return null;
        if (auth == "x-null") return auth;
        if (auth.StartsWith("eap", StringComparison.OrdinalIgnoreCase))
        {
            if (!EapWord.TryRead(auth, out var method, out _))
                Refuse("", _conn.Place($"{side}auth{round}"), ConfigError.Expected(method, "eap, or eap- and a method: a name, or a type with its vendor", Nearest.To(method, _eapWords)));
            return auth;
        }
        var word = auth.StartsWith("ike:", StringComparison.Ordinal) ? auth[4..] : auth;
        if (_authWords.Any(w => w is not ("psk" or "secret" or "any") && word.StartsWith(w, StringComparison.Ordinal))) return auth;
        _plan.ErrorList.Add(new($"authentication method {auth} unknown, fallback to any", _conn.Place($"{side}auth{round}"),
            ConfigError.Expected(auth, ConfValue.OneOf(_authWords), Nearest.To(auth, _authWords))) { IsWarning = true });
        return null;
    }

    // Certificates on tokens: the daemon has the modules, so it fetches them.
    void Tokens(ViciWriter section, string side, string round)
    {
        var number = 0;
        foreach (var word in Split(_conn.Text(side, "cert", round)).Where(f => f.StartsWith(SmartcardName.Prefix, StringComparison.Ordinal)))
        {
            if (SmartcardName.Parse(word) is { } name) name.AddTo(section.Begin(string.Create(CultureInfo.InvariantCulture, $"cert{++number}"))).End();
            else Refuse($"  loading certificate from '{word}' failed", _conn.Place($"{side}cert{round}"), ConfigError.Expected(word, SmartcardName.Form));
        }
    }

    List<Certificate> Certificates(string side, string round)
    {
        if (_conn.Text(side, "cert", round) is null) return [];
        var all = new List<Certificate>();
        foreach (var file in Split(_conn.Text(side, "cert", round)).Where(f => !f.StartsWith(SmartcardName.Prefix, StringComparison.Ordinal)))
        {
            var path = ConfigPath.In(_directories.Certs, file);
            var reason = "the file cannot be read";
            if (_files.ReadAllBytes(path) is { } bytes && Certificate.TryParse(bytes, out reason) is { } certificate)
            {
                all.Add(certificate);
                _plan.LogList.Add($"  loaded certificate \"{certificate.Subject}\" from '{file}'");
            }
            else
            {
                // The reference goes on without it; then the conn authenticates with another key than it says, or not at all.
                Refuse($"  loading certificate from '{file}' failed", _conn.Place($"{side}cert{round}"), $"{_conn.Section.Title}: '{path}': {reason}");
            }
        }
        return all;
    }

    // Certificates of a second round that there is not: they are loaded all the same, for EAP-TLS.
    void Spare(string side)
    {
        foreach (var certificate in Certificates(side, "2"))
            _plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509").Add("flag", "NONE").Add("data", certificate.Raw), $"{side}cert2: {Convert.ToHexStringLower(certificate.Fingerprint)}"));
        if (Split(_conn.Text(side, "cert2")).FirstOrDefault(f => f.StartsWith(SmartcardName.Prefix, StringComparison.Ordinal)) is { } word)
            Refuse($"  loading certificate from '{word}' failed", _conn.Place($"{side}cert2"), ConfigError.Expected(word, $"a file, or '{side}auth2=' beside it: a certificate on a token is for a round of its own"));
    }
}
