// The options that --self and --issue share: everything that goes into a certificate besides its key and issuer.
using System.Security.Cryptography;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool;

/// <summary>Collects options, in order where order has a meaning, into a certificate to be made.</summary>
sealed class CertificateOptions
{
    const string ServerAuth = "1.3.6.1.5.5.7.3.1", ClientAuth = "1.3.6.1.5.5.7.3.2", IkeIntermediate = "1.3.6.1.5.5.8.2.2", OcspSigning = "1.3.6.1.5.5.7.3.9",
        MsSmartcardLogon = "1.3.6.1.4.1.311.20.2.2";

    // The reference writes usages in this order, whatever the order of the options.
    static readonly (string Word, string Oid)[] s_usages =
    [
        ("serverAuth", ServerAuth), ("clientAuth", ClientAuth), ("ikeIntermediate", IkeIntermediate), ("ocspSigning", OcspSigning), ("msSmartcardLogon", MsSmartcardLogon),
    ];

    public static readonly Option[] Table =
    [
        new("dn", 'd', true, ""), new("san", 'a', true, "subjectAltName to include in certificate"),
        new("lifetime", 'l', true, "days the certificate is valid, default: 1095"), new("not-before", 'F', true, "date/time the validity of the cert starts"),
        new("not-after", 'T', true, "date/time the validity of the cert ends"), new("dateform", 'D', true, "strptime(3) input format, default: %d.%m.%y %T"),
        new("serial", 's', true, "serial number in hex, default: random"), new("ca", 'b', false, "include CA basicConstraint, default: no"),
        new("pathlen", 'p', true, "set path length constraint"), new("addrblock", 'B', true, "RFC 3779 addrBlock to include"),
        new("nc-permitted", 'n', true, "add permitted NameConstraint"), new("nc-excluded", 'N', true, "add excluded NameConstraint"),
        new("cert-policy", 'P', true, "certificatePolicy OID to include"), new("cps-uri", 'C', true, "Certification Practice statement URI for certificatePolicy"),
        new("user-notice", 'U', true, "user notice for certificatePolicy"), new("policy-mapping", 'M', true, "policyMapping from issuer to subject OID"),
        new("policy-explicit", 'E', true, "requireExplicitPolicy constraint"), new("policy-inhibit", 'H', true, "inhibitPolicyMapping constraint"),
        new("policy-any", 'A', true, "inhibitAnyPolicy constraint"), new("flag", 'e', true, "include extendedKeyUsage flag"),
    ];

    readonly Validity _validity = new("not-before", "not-after", TimeSpan.FromDays(1095));
    readonly List<Identity> _altNames = [], _permitted = [], _excluded = [], _blocks = [];
    readonly List<CertificatePolicy> _policies = [];
    readonly List<(string, string)> _mappings = [];
    readonly List<string> _ocsp = [], _critical = [], _usages = [];
    readonly List<CrlLocation> _crls = [];
    byte[]? _serial;
    bool _isCa, _isCrlSigner;
    int? _pathLength, _explicit, _inhibit, _any;
    string? _digest;

    public Identity? Subject { get; private set; }
    public bool IsPem { get; private set; }
    public bool IsPss { get; private set; }

    /// <summary>False for an option of the command itself.</summary>
    public bool Take(Given given)
    {
        if (_validity.Take(given, TimeSpan.FromDays(1))) return true;
        switch (given.Name)
        {
            case "dn": Subject = Words.DistinguishedName(given); break;
            case "san": _altNames.Add(Words.AltName(given)); break;
            case "serial": _serial = Words.Hex(given); break;
            case "ca": _isCa = true; break;
            case "pathlen": _pathLength = Words.Number(given, 0, 127); break;
            case "addrblock": _blocks.Add(Block(given)); break;
            case "nc-permitted": _permitted.Add(Constraint(given)); break;
            case "nc-excluded": _excluded.Add(Constraint(given)); break;
            case "cert-policy": _policies.Add(new(Words.Oid(given))); break;
            case "cps-uri": Qualify(given, p => p with { StatementUri = Ascii(given) }); break;
            case "user-notice": Qualify(given, p => p with { UserNotice = given.Value }); break;
            case "policy-mapping": _mappings.Add(Mapping(given)); break;
            case "policy-explicit": _explicit = Words.Number(given, 0, 127); break;
            case "policy-inhibit": _inhibit = Words.Number(given, 0, 127); break;
            case "policy-any": _any = Words.Number(given, 0, 127); break;
            case "flag": AddFlag(given); break;
            case "ocsp": _ocsp.Add(Ascii(given)); break;
            case "crl": _crls.Add(new(Ascii(given), null)); break;
            case "crlissuer":
                if (_crls.Count == 0) throw Refusal.Usage("--crlissuer must follow a --crl");
                _crls[^1] = _crls[^1] with { Issuer = Words.DistinguishedName(given) };
                break;
            case "critical": _critical.Add(Words.Oid(given)); break;
            case "digest": _digest = Words.Digest(given); break;
            case "rsa-padding": IsPss = Words.IsPss(given); break;
            case "outform": IsPem = Words.IsPem(given.Value); break;
            default: return false;
        }
        return true;
    }

    public string? Digest => _digest;

    /// <summary>Adds what a certificate request asks for.</summary>
    public void TakeRequest(Pkcs10Request request)
    {
        Subject ??= request.Subject;
        _altNames.AddRange(request.AltNames);
        _usages.AddRange(request.Profile switch
        {
            "server" => [ServerAuth],
            "client" => [ClientAuth],
            "dual" => [ServerAuth, ClientAuth],
            "ocsp" => (string[])[OcspSigning],
            _ => [],
        });
    }

    public CertificateContent Content(DateTimeOffset now, Crypto.PublicKey key, Identity subject, Certificate? issuer)
    {
        if (_pathLength is not null && !_isCa) throw Refusal.Usage("--pathlen limits the CAs below this one: it wants --ca");
        if (_permitted.Count + _excluded.Count > 0 && !_isCa) throw Refusal.Usage("name constraints limit what a CA may issue: --nc-permitted and --nc-excluded want --ca");
        var (from, to) = _validity.Between(now);
        return new()
        {
            Subject = subject,
            Issuer = issuer?.Subject ?? subject,
            PublicKey = key,
            SerialNumber = _serial ?? RandomSerial(),
            NotBefore = from,
            NotAfter = to,
            IsCa = _isCa,
            PathLength = _pathLength,
            IsCrlSigner = _isCrlSigner,
            AuthorityKeyId = issuer is null ? null : issuer.SubjectKeyId ?? issuer.PublicKey.KeyId,
            AltNames = _altNames,
            ExtendedKeyUsages = [.. s_usages.Select(u => u.Oid).Where(_usages.Contains)],
            CrlLocations = _crls,
            OcspUris = _ocsp,
            PermittedNames = _permitted,
            ExcludedNames = _excluded,
            Policies = _policies,
            PolicyMappings = _mappings,
            RequireExplicitPolicy = _explicit,
            InhibitPolicyMapping = _inhibit,
            InhibitAnyPolicy = _any,
            AddressBlocks = _blocks,
            CriticalOids = _critical,
        };
    }

    /// <summary>63 bits and not zero, so that it is positive and eight bytes long at most.</summary>
    public static byte[] RandomSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] = (byte)(serial[0] & 0x7f | 0x01);
        return serial;
    }

    void AddFlag(Given given)
    {
        var usage = s_usages.FirstOrDefault(u => u.Word.Equals(given.Value, StringComparison.OrdinalIgnoreCase));
        if (given.Value.Equals("crlSign", StringComparison.OrdinalIgnoreCase)) _isCrlSigner = true;
        else if (usage.Oid is not null) _usages.Add(usage.Oid);
        else throw Refusal.Usage($"invalid --flag '{given.Value}': it takes serverAuth, clientAuth, ikeIntermediate, crlSign, ocspSigning or msSmartcardLogon");
    }

    void Qualify(Given given, Func<CertificatePolicy, CertificatePolicy> with)
    {
        if (_policies.Count == 0) throw Refusal.Usage($"--{given.Name} must follow a --cert-policy");
        _policies[^1] = with(_policies[^1]);
    }

    static Identity Block(Given given)
    {
        var block = Identity.Parse(given.Value);
        return AddressBlocks.Fits(block) ? block : throw Refusal.Usage($"--addrblock '{given.Value}' invalid: an address, a subnet like 10.1.0.0/16 or a range like 10.1.0.1-10.1.0.9");
    }

    static Identity Constraint(Given given)
    {
        var name = Identity.Parse(given.Value);
        return GeneralNames.Fits(name, isConstraint: true)
            ? name : throw Refusal.Usage($"--{given.Name} '{given.Value}' invalid: a domain, mail address, distinguished name, address or subnet");
    }

    static (string, string) Mapping(Given given) => given.Value.Split(':') is [var from, var to]
        ? (Words.Oid(given, from), Words.Oid(given, to)) : throw Refusal.Usage($"--policy-mapping '{given.Value}' invalid: two OIDs with a colon between them");

    static string Ascii(Given given) => System.Text.Ascii.IsValid(given.Value) && given.Value.Length > 0
        ? given.Value : throw Refusal.Usage($"--{given.Name} '{given.Value}' is no URI: it has characters beyond ASCII, or none");
}
