// One conn of ipsec.conf as a load-conn section: the IKE settings and the child. swanctl.conf(5).
using System.Collections.Immutable;
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

    readonly ConfChecked _conn;
    readonly IFileSource _files;
    readonly IpsecDirectories _directories;
    readonly LoadPlan _plan;
    ImmutableArray<string> _left, _right;

    /// <param name="writer">Room to work in.</param>
    public LoweredConn(ConfChecked conn, ConfChecked setup, IFileSource files, IpsecDirectories directories, Func<string, bool>? isLocalAddress, LoadPlan plan, ViciWriter writer)
    {
        (_conn, _files, _directories, _plan) = (conn, files, directories, plan);
        var (local, remote) = Sides(isLocalAddress);
        writer.Clear();
        var apart = LowerIke(writer, setup, local, remote);
        (Ike, Failure) = (writer.Written.ToArray(), writer.Failure);
        IkeDigest = ConnDigest.Of([.. Ike.AsSpan(..apart.Start), .. Ike.AsSpan(apart.End..)]);
        writer.Clear();
        LowerChild(writer.Begin(conn.Name), local, remote);
        Failure ??= writer.Failure;
        Child = new(conn.Name, Failure is null ? writer.Written[(2 + conn.Name.Length)..].ToArray() : []);
    }

    /// <summary>Everything but the children, encoded; equal for conns that share a connection, but for the time-out of IKEv1.</summary>
    public byte[] Ike { get; }

    /// <summary>What does not differ between conns that share a connection, as one word.</summary>
    public string IkeDigest { get; }

    public ViciEncoded Child { get; }

    /// <summary>Something is wrong with it that only showed here; the plan has the complaint.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Why the protocol cannot carry it; null: it can.</summary>
    public string? Failure { get; }

    // right is looked at first; left is the local end unless right is.
    (string Local, string Remote) Sides(Func<string, bool>? isLocalAddress)
    {
        if (isLocalAddress is null) return ("left", "right");
        bool IsLocal(string side) => Hosts(side).Any(h => !h.StartsWith('%') && !Identity.Parse(h).HasWildcards && isLocalAddress(h));
        if (IsLocal("right")) return ("right", "left");
        if (!IsLocal("left") && !Hosts("left").Any(h => h.StartsWith("%any", StringComparison.Ordinal)))
            _plan.LogList.Add("left nor right host is our side, assuming left=local");
        return ("left", "right");
    }

    ImmutableArray<string> Hosts(string side) => side == "left" ? _left.IsDefault ? _left = WordsOf(side) : _left : _right.IsDefault ? _right = WordsOf(side) : _right;

    // The words of left=, with the synonyms of %any resolved and the % of an address that may change taken off.
    ImmutableArray<string> WordsOf(string side)
    {
        if (_conn.Text(side) is { Length: > 0 } one && !one.AsSpan().ContainsAnyExceptInRange('!', '~') && one.AsSpan().IndexOfAny(',', '%') < 0) return [one];
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (var word in Split(_conn.Text(side)))
            hosts.Add(word == "%defaultroute" ? "%any" : word.StartsWith('%') && !word.StartsWith("%any", StringComparison.Ordinal) ? word[1..] : word);
        return hosts.Count == 0 ? ["%any"] : hosts.ToImmutable();
    }

    bool AllowsAny(string side) => _conn.Yes(side, "allowany", false)
        || _conn.Text(side)?.Contains('%') == true && Split(_conn.Text(side)).Any(w => w.StartsWith('%') && !w.StartsWith("%any", StringComparison.Ordinal) && w != "%defaultroute");

    /// <summary>Returns where that stands which does not keep conns apart: the time-out is for IKEv1 alone.</summary>
    (int Start, int End) LowerIke(ViciWriter section, ConfChecked setup, string local, string remote)
    {
        var margin = _conn.Seconds("margintime", 540);
        var life = _conn.Seconds("ikelifetime", 10800);
        var rekeys = _conn.Yes("rekey", true);
        var soft = rekeys ? Math.Max(0, life - margin) : 0;
        var reauth = _conn.Yes("reauth", true);
        var dpd = (_conn.Text("dpdaction") ?? "none") != "none";
        section.Add("version", _conn.Text("keyexchange") == "ikev2" ? 2 : 0)
            .AddList("local_addrs", Addresses(local))
            .AddList("remote_addrs", Addresses(remote))
            .Add("local_port", _conn.Number(local, "ikeport", 500))
            .Add("remote_port", _conn.Number(remote, "ikeport", 500))
            .AddList("proposals", Proposals("ike", SecurityProtocol.Ike))
            .Add("dscp", _conn.Text("ikedscp") ?? "000000")
            .Add("encap", _conn.Yes("forceencaps", false))
            .Add("mobike", _conn.Yes("mobike", true))
            .Add("dpd_delay", dpd ? _conn.Seconds("dpddelay", 30) : 0);
        var start = section.Length;
        section.Add("dpd_timeout", dpd ? _conn.Seconds("dpdtimeout", 150) : 0);
        var end = section.Length;
        section.Add("fragmentation", _conn.Text("fragmentation") ?? "yes")
            .Add("send_certreq", _conn.Text(remote, "sendcert") is not ("never" or "no"))
            .Add("send_cert", _conn.Text(local, "sendcert") switch { "always" or "yes" => "always", "never" or "no" => "never", _ => "ifasked" })
            .Add("keyingtries", _conn.Text("keyingtries") == "%forever" ? 0 : _conn.Number("keyingtries", 3))
            .Add("unique", setup.Text("uniqueids") switch { "no" => "no", "keep" => "keep", "never" => "never", _ => "replace" })
            .Add("reauth_time", reauth ? soft : 0)
            .Add("rekey_time", reauth ? 0 : soft)
            .Add("over_time", rekeys ? margin : 0)
            .Add("rand_time", rekeys ? Fuzz(margin) : 0)
            .Add("x-source", Lowering.Source);
        if (_conn.Text("x-resume") is not null) section.Add("x-resume", _conn.Yes("x-resume", false));
        Virtual(section, local, remote);
        Model(section, ModelKeywords.OfConnection);
        var strict = setup.Text("strictcrlpolicy");
        Auth(section.Begin("local"), local, remote, "", isRemote: false, strict);
        if (_conn.Text(local, "auth2") is not null) Auth(section.Begin("local2"), local, remote, "2", isRemote: false, strict);
        else Spare(local);
        Auth(section.Begin("remote"), remote, local, "", isRemote: true, strict);
        if (_conn.Text(remote, "auth2") is not null) Auth(section.Begin("remote2"), remote, local, "2", isRemote: true, strict);
        else Spare(remote);
        return (start, end);
    }

    void LowerChild(ViciWriter section, string local, string remote)
    {
        var rekeys = _conn.Yes("rekey", true);
        // both are accepted, and AH is used, as in the reference
        var esp = Proposals("esp", SecurityProtocol.Esp);
        if (_conn.Text("ah") is null) section.AddList("esp_proposals", esp);
        else section.AddList("ah_proposals", Proposals("ah", SecurityProtocol.Ah));
        section.AddList("local_ts", Selectors(local))
            .AddList("remote_ts", Selectors(remote));
        Limits(section, "rekey_time", "life_time", "rand_time", _conn.Seconds("lifetime", 3600), _conn.Seconds("margintime", 540), rekeys);
        Limits(section, "rekey_bytes", "life_bytes", "rand_bytes", _conn.Number("lifebytes", 0), _conn.Number("marginbytes", 0), rekeys);
        Limits(section, "rekey_packets", "life_packets", "rand_packets", _conn.Number("lifepackets", 0), _conn.Number("marginpackets", 0), rekeys);
        var usesVips = _conn.Text(local, "sourceip") is not null || _conn.Text(remote, "sourceip") is not null;
        section.Add("mode", _conn.Text("type") switch { "passthrough" or "pass" => "pass", "drop" or "reject" => "drop", var type => usesVips ? "tunnel" : type ?? "tunnel" })
            .Add("policies", _conn.Yes("installpolicy", true))
            .Add("dpd_action", Action("dpdaction"))
            .Add("start_action", "none")
            .Add("close_action", Action("closeaction"))
            .Add("updown", _conn.Yes(local, "firewall", false) ? "ipsec _updown iptables" : _conn.Text(local, "updown"))
            .Add("hostaccess", _conn.Yes(local, "hostaccess", false) ? "yes" : null)
            .Add("inactivity", _conn.Seconds("inactivity", 0))
            .Add("reqid", _conn.Number("reqid", 0));
        if (_conn.Yes("compress", false)) section.Add("ipcomp", true);
        if (_conn.Text("tfc") is { } tfc) section.Add("tfc_padding", tfc == "%mtu" ? "mtu" : tfc.Trim());
        var mark = _conn.Text("mark");
        section.Add("mark_in", _conn.Text("mark_in") ?? mark).Add("mark_out", _conn.Text("mark_out") ?? mark);
        Model(section, ModelKeywords.OfChild);
        if (_conn.Number("replay_window", -1) is >= 0 and var window) section.Add("replay_window", window);
        if (_conn.Yes("sha256_96", false)) section.Add("sha256_96", true);
    }

    void Model(ViciWriter section, ImmutableArray<string> keys)
    {
        foreach (var key in keys)
            section.Add(key, _conn.Text(ModelKeywords.Prefix, key));
    }

    string Action(string keyword) => _conn.Text(keyword) switch { "hold" => "trap", "restart" => "start", _ => "none" };

    // Sent in full, zeros too: the daemon would derive what is left out.
    void Limits(ViciWriter section, string rekeyKey, string lifeKey, string randKey, long life, long margin, bool rekeys)
    {
        var soft = rekeys && life > 0 ? Math.Max(0, life - margin) : 0;
        section.Add(rekeyKey, soft).Add(lifeKey, rekeys ? life : 0).Add(randKey, soft > 0 ? Fuzz(margin) : 0);
    }

    long Fuzz(long margin) => (long)UInt128.Min((UInt128)margin * (UInt128)_conn.Number("rekeyfuzz", 100) / 100, uint.MaxValue);

    IEnumerable<string> Addresses(string side) => AllowsAny(side) ? [.. Hosts(side), "0.0.0.0/0", "::/0"] : Hosts(side);

    List<string> Proposals(string keyword, SecurityProtocol protocol)
    {
        var text = _conn.Text(keyword) ?? "";
        // Thousands of conns share a few proposals.
        if (_plan.Proposals.TryGetValue((protocol, text), out var known)) return known;
        if (ProposalText.TryParse(protocol, text, out var proposals, out var error)) return _plan.Proposals[(protocol, text)] = [.. proposals.Select(ProposalText.Keywords)];
        var place = _conn.Place(keyword);
        var offset = text.IndexOf(error.Word, StringComparison.Ordinal);
        if (offset > 0) place = place with { Column = place.Column + offset };
        var detail = error.IsNotBuilt ? $"{_conn.Section.Title}: '{error.Word}' in '{keyword}=' is not built yet in this version; remove it"
            : error.IsIncomplete ? $"'{error.Proposal}': {error.Reason}"
            : ConfigError.Expected(error.Word, error.Expected, ProposalText.Nearest(error.Word));
        Refuse(error.IsNotBuilt ? "" : string.Join('\n', error.Lines), place, detail);
        return [];
    }

    List<string> Selectors(string side)
    {
        var narrow = _conn.Text(side, "protoport") is { } protoport ? $"[{protoport}]" : "";
        var all = new List<string>();
        foreach (var word in Split(_conn.Text(side, "subnet")))
        {
            var text = word.Contains('[') ? word : word + narrow;
            if (TrafficSelectorText.TryParse(text, out _, out var reason)) all.Add(text);
            else
            {
                var skipped = reason.StartsWith("invalid subnet", StringComparison.Ordinal) ? "skipped" : "skipped subnet";
                _plan.ErrorList.Add(new($"{reason}, {skipped}", _conn.Place($"{side}subnet"),
                    ConfigError.Expected(word, "an address or <network>/<bits>, with [<proto>/<port>] behind it if need be")) { IsWarning = true });
            }
        }
        return all.Count == 0 ? ["dynamic" + narrow] : all;
    }

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

    void Refuse(string reference, Position at, string detail)
    {
        IsRefused = true;
        _plan.ErrorList.Add(new(reference, at, detail));
    }

    static string[] Split(string? list) => list is null ? [] : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
