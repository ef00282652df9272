// The one table of ipsec.conf's keywords, strongSwan's dialect: type, section, what is built. ipsec.conf(5).
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Cygnet.Config;

/// <summary>Every keyword that the reference knows. Whatever is not in it is unknown: warned of, and ignored.</summary>
public static class Keywords
{
    static readonly string[] _yesNo = ["yes", "no"];
    static readonly string[] _actions = ["none", "clear", "hold", "restart"];

    public static ImmutableArray<Keyword> All { get; } = [.. Setup(), .. Ca(), .. Conn(), .. Side("left"), .. Side("right")];

    static readonly FrozenDictionary<string, Keyword> _ofSetup = Of(ConfSectionType.Setup), _ofCa = Of(ConfSectionType.Ca), _ofConn = Of(ConfSectionType.Conn);
    static readonly FrozenSet<string> _names = All.Select(k => k.Name).Append("also").ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The names of all keywords, for "did you mean".</summary>
    public static IEnumerable<string> Names => _names;

    /// <summary>The row of a keyword in that kind of section, or null.</summary>
    public static Keyword? Find(ConfSectionType section, string name) => (section switch { ConfSectionType.Setup => _ofSetup, ConfSectionType.Ca => _ofCa, _ => _ofConn }).GetValueOrDefault(name);

    /// <summary>Whether it is a keyword of any section.</summary>
    public static bool IsKnown(string name) => _names.Contains(name);

    static FrozenDictionary<string, Keyword> Of(ConfSectionType section) => All.Where(k => k.Section == section).ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);

    static IEnumerable<Keyword> Setup()
    {
        const ConfSectionType s = ConfSectionType.Setup;
        yield return Words(s, "cachecrls", _yesNo) with { Default = "no" };
        yield return new("charondebug", s, KeywordKind.Text);
        yield return Words(s, "strictcrlpolicy", ["no", "yes", "ifuri"]) with { Default = "no" };
        yield return Words(s, "uniqueids", ["no", "yes", "replace", "keep", "never"]) with { Default = "yes" };
        foreach (var name in (string[])["interfaces", "dumpdir", "charonstart", "plutostart", "klipsdebug", "plutodebug", "prepluto", "postpluto", "plutostderrlog",
            "fragicmp", "packetdefault", "hidetos", "overridemtu", "crlcheckinterval", "nocrsend", "nat_traversal", "keep_alive", "force_keepalive", "virtual_private"])
            yield return new(name, s, KeywordKind.Deprecated);
        foreach (var name in (string[])["pkcs11module", "pkcs11initargs", "pkcs11keepstate", "pkcs11proxy"])
            yield return new(name, s, KeywordKind.Deprecated) { Hint = "  use the 'pkcs11' plugin instead" };
    }

    static IEnumerable<Keyword> Ca()
    {
        const ConfSectionType s = ConfSectionType.Ca;
        yield return Words(s, "auto", ["ignore", "add", "route", "start"]) with { Default = "ignore" };
        yield return new("cacert", s, KeywordKind.Text);
        yield return new("crluri", s, KeywordKind.Text);
        yield return new("crluri1", s, KeywordKind.Text) { Principal = "crluri" };
        yield return new("crluri2", s, KeywordKind.Text);
        yield return new("ocspuri", s, KeywordKind.Text);
        yield return new("ocspuri1", s, KeywordKind.Text) { Principal = "ocspuri" };
        yield return new("ocspuri2", s, KeywordKind.Text);
        yield return new("certuribase", s, KeywordKind.Text)
        {
            IsBuilt = Pki.Revocation.AuthorityLocations.IsCertificateBase, Missing = "certificates by hash and URL from anywhere but HTTP", IsOptional = true,
        };
        yield return new("ldaphost", s, KeywordKind.Deprecated);
        yield return new("ldapbase", s, KeywordKind.Deprecated);
    }

    static IEnumerable<Keyword> Conn()
    {
        const ConfSectionType s = ConfSectionType.Conn;
        yield return Words(s, "auto", ["ignore", "add", "route", "start"]) with { Default = "add" };
        // ike accepts IKEv1 too in the reference; a peer that speaks only that gets no answer here.
        yield return Words(s, "keyexchange", ["ike", "ikev1", "ikev2"]) with { Default = "ikev2", IsBuilt = v => v != "ikev1", Missing = "IKEv1" };
        yield return new("type", s, KeywordKind.Policy)
        {
            Words = ["tunnel", "transport", "transport_proxy", "beet", "passthrough", "pass", "drop", "reject"], Default = "tunnel", IsBuilt = v => v is not "transport_proxy",
            Missing = "transport mode for Mobile IPv6",
        };
        yield return Words(s, "authby", ["psk", "secret", "pubkey", "rsa", "rsasig", "ecdsa", "ecdsasig", "xauthpsk", "xauthrsasig", "never"]) with
        {
            Default = "pubkey", IsBuilt = v => !v.StartsWith("xauth"), Missing = "XAuth",
        };
        yield return new("ike", s, KeywordKind.Text);
        yield return new("esp", s, KeywordKind.Text);
        yield return new("ah", s, KeywordKind.Text);
        yield return new("ikelifetime", s, KeywordKind.Time) { Default = "3h" };
        yield return new("lifetime", s, KeywordKind.Time) { Default = "1h" };
        yield return new("keylife", s, KeywordKind.Time) { Principal = "lifetime", Default = "1h" };
        yield return new("margintime", s, KeywordKind.Time) { Default = "9m" };
        yield return new("rekeymargin", s, KeywordKind.Time) { Principal = "margintime", Default = "9m" };
        yield return new("rekeyfuzz", s, KeywordKind.Percent) { Default = "100%" };
        foreach (var name in (string[])["lifebytes", "marginbytes", "lifepackets", "marginpackets"]) yield return new(name, s, KeywordKind.Long) { Default = "0" };
        yield return new("keyingtries", s, KeywordKind.Tries) { Default = "3" };
        yield return Option(s, "rekey", _yesNo) with { Default = "yes" };
        yield return Option(s, "reauth", _yesNo) with { Default = "yes" };
        yield return Words(s, "dpdaction", _actions) with { Default = "none" };
        yield return new("dpddelay", s, KeywordKind.Time) { Default = "30s" };
        yield return new("dpdtimeout", s, KeywordKind.Time) { Default = "150s" };
        yield return Words(s, "closeaction", _actions) with { Default = "none" };
        yield return new("inactivity", s, KeywordKind.Time) { Default = "0" };
        yield return Words(s, "aggressive", _yesNo) with { Default = "no", IsBuilt = v => v == "no", Missing = "IKEv1" };
        yield return Option(s, "modeconfig", ["pull", "push"]) with { Default = "pull", IsBuilt = v => v == "pull", Missing = "IKEv1" };
        yield return Option(s, "xauth", ["client", "server"]) with { Default = "client", IsBuilt = v => v == "client", Missing = "XAuth" };
        yield return NotYet(s, "xauth_identity", "XAuth");
        yield return new("eap_identity", s, KeywordKind.Text);
        yield return new("aaa_identity", s, KeywordKind.Text);
        yield return Option(s, "mobike", _yesNo) with { Default = "yes" };
        yield return Option(s, "x-resume", _yesNo) with { Default = "no" };
        yield return Option(s, "forceencaps", _yesNo) with { Default = "no" };
        yield return Words(s, "fragmentation", ["yes", "accept", "force", "no"]) with { Default = "yes" };
        yield return new("ikedscp", s, KeywordKind.Binary) { Default = "000000" };
        yield return Option(s, "compress", _yesNo) with { Default = "no" };
        yield return Words(s, "installpolicy", _yesNo) with { Default = "yes" };
        yield return new("reqid", s, KeywordKind.Integer) { Default = "0" };
        foreach (var name in (string[])["mark", "mark_in", "mark_out"]) yield return new(name, s, KeywordKind.Mark);
        yield return new("tfc", s, KeywordKind.Padding) { Default = "0" };
        yield return new("replay_window", s, KeywordKind.Integer) { Default = "-1" };
        yield return Words(s, "sha256_96", _yesNo) with { Default = "no" };
        yield return Words(s, "mediation", _yesNo) with { Default = "no", IsBuilt = v => v == "no", Missing = "mediation" };
        yield return NotYet(s, "mediated_by", "mediation");
        yield return NotYet(s, "me_peerid", "mediation");
        foreach (var name in (string[])["pfs", "pfsgroup"])
            yield return new(name, s, KeywordKind.Deprecated) { Hint = "  PFS is enabled by specifying a DH group in the 'esp' cipher suite" };
        foreach (var name in (string[])[.. ModelKeywords.OfConnection, .. ModelKeywords.OfChild]) yield return new(ModelKeywords.Prefix + name, s, KeywordKind.Text);
        foreach (var name in (string[])["eap", "leftnexthop", "rightnexthop"]) yield return new(name, s, KeywordKind.Deprecated);
    }

    static IEnumerable<Keyword> Side(string side)
    {
        const ConfSectionType s = ConfSectionType.Conn;
        yield return new(side, s, KeywordKind.Text);
        yield return Words(s, $"{side}allowany", _yesNo) with { Default = "no" };
        yield return new($"{side}ikeport", s, KeywordKind.Integer) { Default = "500" };
        yield return new($"{side}subnet", s, KeywordKind.Text);
        yield return new($"{side}subnetwithin", s, KeywordKind.Text) { Principal = $"{side}subnet" };
        yield return new($"{side}protoport", s, KeywordKind.ProtoPort);
        yield return new($"{side}sourceip", s, KeywordKind.Text);
        yield return new($"{side}dns", s, KeywordKind.Text);
        yield return Words(s, $"{side}firewall", _yesNo) with { Default = "no" };
        yield return Words(s, $"{side}hostaccess", _yesNo) with { Default = "no" };
        yield return new($"{side}updown", s, KeywordKind.Text);
        yield return new($"{side}auth", s, KeywordKind.Text) { Default = "pubkey", IsBuilt = v => !v.StartsWith("xauth"), Missing = "XAuth" };
        yield return new($"{side}auth2", s, KeywordKind.Text) { IsBuilt = v => !v.StartsWith("xauth"), Missing = "XAuth" };
        yield return new($"{side}id", s, KeywordKind.Text);
        yield return new($"{side}id2", s, KeywordKind.Text);
        yield return new($"{side}cert", s, KeywordKind.Text);
        yield return new($"{side}cert2", s, KeywordKind.Text);
        yield return new($"{side}sigkey", s, KeywordKind.Text);
        yield return new($"{side}rsasigkey", s, KeywordKind.Text) { Principal = $"{side}sigkey" };
        yield return new($"{side}ca", s, KeywordKind.Text);
        yield return new($"{side}ca2", s, KeywordKind.Text);
        yield return new($"{side}groups", s, KeywordKind.Text);
        yield return new($"{side}groups2", s, KeywordKind.Text);
        yield return new($"{side}certpolicy", s, KeywordKind.Text);
        yield return Words(s, $"{side}sendcert", ["always", "ifasked", "never", "yes", "no"]) with { Default = "ifasked" };
    }

    static Keyword Words(ConfSectionType section, string name, string[] words) => new(name, section, KeywordKind.Word) { Words = [.. words] };

    static Keyword Option(ConfSectionType section, string name, string[] words) => new(name, section, KeywordKind.Option) { Words = [.. words] };

    static Keyword NotYet(ConfSectionType section, string name, string missing) => new(name, section, KeywordKind.Text) { IsBuilt = _ => false, Missing = missing };
}
