// From ipsec.conf and ipsec.secrets to VICI requests: credentials, and connections merged where their IKE settings are equal.
// swanctl.conf(5).
using System.Globalization;
using Cygnet.Control;
using Cygnet.Pki;

namespace Cygnet.Config;

/// <summary>Lowers the strongSwan dialect to the domain model, as messages for the daemon.</summary>
public static partial class Lowering
{
    /// <summary>The value of <c>x-source</c>: what names loaded from here are told by from those of swanctl.</summary>
    public const string Source = "ipsec.conf";

    /// <summary>The source of the certificates of a directory of ipsec.d, by the flag under which they are loaded: they can be replaced as a whole.</summary>
    public static string SourceOf(string flag) => $"ipsec.d {flag}";

    /// <summary>The same for keys and secrets.</summary>
    public const string SecretsSource = "ipsec.secrets";

    /// <summary>
    /// The whole configuration. <paramref name="isLocalAddress"/> decides which end is ours, without it
    /// left is; with <paramref name="dialogue"/> somebody is
    /// there who knows the passphrases of files with %prompt.
    /// </summary>
    public static LoadPlan Plan(ConfCheck conf, IpsecSecrets secrets, IFileSource files, IpsecDirectories directories, Func<string, bool>? isLocalAddress, PassphraseDialogue? dialogue = null)
    {
        var plan = new LoadPlan();
        plan.ErrorList.AddRange(conf.Errors);
        if (conf is { IsFatal: true, IsWhole: false }) return plan;
        var complaints = plan.ErrorList.Count;
        Authorities(plan, conf, files, directories);
        var others = plan.LogList.Count; // ca sections are no directory
        AttributeLowering.Authorities(plan, files, directories);
        OcspCertificates(plan, files, directories);
        AttributeLowering.Certificates(plan, files, directories);
        Crls(plan, files, directories);
        Cache(plan, conf, directories);
        plan.DirectoryList.AddRange([.. plan.LogList.Skip(others), .. plan.ErrorList.Skip(complaints).Where(e => e.At is null).Select(e => e.Lines.First())]);
        Secrets(plan, secrets, files, directories, dialogue);
        Triplets(plan, files, directories);
        Connections(plan, conf, files, directories, isLocalAddress);
        return plan;
    }

    /// <summary>
    /// ipsec.secrets alone, for <c>rereadsecrets</c>. <paramref name="checkToken"/> asks the daemon whether it can have a key on a token, and returns why not.
    /// </summary>
    public static LoadPlan PlanSecrets(IpsecSecrets secrets, IFileSource files, IpsecDirectories directories, PassphraseDialogue? dialogue, Func<ViciSection, string?>? checkToken = null)
    {
        var plan = new LoadPlan();
        Secrets(plan, secrets, files, directories, dialogue, checkToken);
        Triplets(plan, files, directories);
        return plan;
    }

    /// <summary>Takes away what was loaded from ipsec.secrets; what is there now is to follow in the same transaction.</summary>
    public static LoadRequest ClearSecrets(string file, bool isAnew, IEnumerable<string> lines) =>
        new("x-clear-secrets", new ViciSection().Add("x-source", SecretsSource).Add("file", file).Add("anew", isAnew ? "yes" : "no").AddList("lines", lines), file);

    /// <summary>ipsec.d/cacerts alone, for <c>rereadcacerts</c>.</summary>
    public static LoadPlan PlanCaCertificates(IFileSource files, IpsecDirectories directories)
    {
        var plan = new LoadPlan();
        plan.LogList.Add($"rereading ca certificates from '{directories.CaCerts}'");
        foreach (var path in files.Glob($"{directories.CaCerts}/*")) CaCertificate(plan, path, files, null);
        return plan;
    }

    static void Authorities(LoadPlan plan, ConfCheck conf, IFileSource files, IpsecDirectories directories)
    {
        plan.LogList.Add($"loading ca certificates from '{directories.CaCerts}'");
        foreach (var path in files.Glob($"{directories.CaCerts}/*")) CaCertificate(plan, path, files, null);
        plan.DirectoryList.AddRange(plan.LogList);
        foreach (var ca in conf.Authorities.Where(c => (!c.IsDropped || conf.IsWhole) && (c.Text("auto") ?? "ignore") != "ignore"))
        {
            if (ca.Text("cacert") is not { } file)
            {
                plan.ErrorList.Add(new("missing cacert parameter", ca.Section.At, $"{ca.Section.Title}: expected 'cacert=' with the file of the certificate"));
                continue;
            }
            if (file.StartsWith(SmartcardName.Prefix, StringComparison.Ordinal)) CaOnToken(plan, file, ca);
            else CaCertificate(plan, ConfigPath.In(directories.CaCerts, file), files, ca);
        }
    }

    // The daemon has the modules, so it fetches the certificate.
    static void CaOnToken(LoadPlan plan, string word, ConfChecked ca)
    {
        if (SmartcardName.Parse(word) is { } name) plan.CredentialList.Add(Section(ca, section => name.AddTo(section)));
        else plan.ErrorList.Add(new($"  loading ca certificate from '{word}' failed", ca.Place("cacert"), ConfigError.Expected(word, SmartcardName.Form)));
    }

    static void CaCertificate(LoadPlan plan, string path, IFileSource files, ConfChecked? ca)
    {
        var reason = "the file cannot be read";
        var certificate = files.ReadAllBytes(path) is { } bytes ? Certificate.TryParse(bytes, out reason) : null;
        if (certificate is null)
        {
            plan.ErrorList.Add(new($"  loading ca certificate from '{path}' failed", ca?.Place("cacert"), $"'{path}': {reason}"));
            return;
        }
        if (!certificate.IsCa)
        {
            plan.ErrorList.Add(new($"  ca certificate \"{certificate.Subject}\" lacks ca basic constraint, discarded", ca?.Place("cacert")));
            return;
        }
        plan.LogList.Add($"  loaded ca certificate \"{certificate.Subject}\" from '{path}'");
        if (ca is not null) plan.CredentialList.Add(Section(ca, section => section.Add("cacert", certificate.Raw)));
        else plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509").Add("flag", "CA").Add("data", certificate.Raw).Add("x-source", SourceOf("CA")), path));
    }

    static void Secrets(LoadPlan plan, IpsecSecrets secrets, IFileSource files, IpsecDirectories directories, PassphraseDialogue? dialogue, Func<ViciSection, string?>? checkToken = null)
    {
        plan.ErrorList.AddRange(secrets.Errors);
        var number = 0;
        var keys = new KeyLowering(plan, files, directories, dialogue, checkToken);
        foreach (var secret in secrets.Secrets)
        {
            number++;
            if (secret.IsKeyFile) keys.KeyFile(secret);
            else if (secret.Kind == SecretKind.P12) keys.Container(secret);
            else if (secret.Kind == SecretKind.Pin) keys.Token(secret);
            else SharedSecret(plan, secret, string.Create(CultureInfo.InvariantCulture, $"ipsec.secrets:{number}"));
        }
    }

    static void SharedSecret(LoadPlan plan, Secret secret, string id)
    {
        var (name, type) = secret.Kind switch { SecretKind.Psk => ("IKE", "ike"), SecretKind.Ntlm => ("NTLM", "ntlm"), SecretKind.Ppk => ("PPK", "ppk"), _ => ("EAP", "eap") };
        var label = secret.Selectors.IsEmpty ? "%any" : string.Join(' ', secret.Selectors);
        plan.LogList.Add($"  loaded {name} secret for {label}");
        var message = new ViciSection().Add("id", id).Add("type", type).Add("data", secret.Value).Add("x-source", SecretsSource).Add("x-path", label);
        if (!secret.Selectors.IsEmpty) message.AddList("owners", secret.Selectors);
        plan.CredentialList.Add(new("load-shared", message, id));
    }

    static void Triplets(LoadPlan plan, IFileSource files, IpsecDirectories directories)
    {
        if (files.ReadAllBytes(directories.Triplets) is not { } bytes) return;
        var triplets = TripletsFile.Parse(directories.Triplets, bytes, out var errors);
        plan.ErrorList.AddRange(errors);
        plan.LogList.Add($"read {triplets.Count} triplets from {directories.Triplets}");
        for (var i = 0; i < triplets.Count; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"ipsec.secrets:triplet:{i + 1}");
            var message = new ViciSection().Add("id", id).Add("type", "x-triplet").Add("data", triplets[i].Value).Add("x-source", SecretsSource).AddList("owners", [triplets[i].Imsi]);
            plan.CredentialList.Add(new("load-shared", message, id));
        }
    }

    static void Connections(LoadPlan plan, ConfCheck conf, IFileSource files, IpsecDirectories directories, Func<string, bool>? isLocalAddress)
    {
        var writer = new ViciWriter();
        var merged = new List<Merged>();
        var byDigest = new Dictionary<string, Merged>(StringComparer.Ordinal);
        foreach (var conn in conf.Connections)
        {
            if (conn.IsDropped && !conf.IsWhole) continue;
            // One that is read for its mistakes alone may have the first of them in auto=.
            var auto = conn.Text("auto") ?? (conf.IsWhole && conn.Section.Settings.ContainsKey("auto") ? "add" : "ignore");
            if (auto == "ignore") continue;
            var lowered = new LoweredConn(conn, conf.Setup, files, directories, isLocalAddress, plan, writer);
            if (lowered.IsRefused) continue;
            if (lowered.Failure is { } failure)
            {
                plan.ErrorList.Add(new("", conn.Section.At, $"{conn.Section.Title}: {failure}"));
                continue;
            }
            plan.PoolList.AddRange(lowered.Pools.Where(p => plan.PoolList.TrueForAll(known => known.Label != p.Label)));
            if (!byDigest.TryGetValue(lowered.IkeDigest, out var same))
            {
                merged.Add(same = new(conn.Name, lowered.Ike, lowered.IkeDigest));
                byDigest.Add(lowered.IkeDigest, same);
            }
            same.Children.Add(new(conn.Name, auto switch { "start" => PlannedAction.Start, "route" => PlannedAction.Route, _ => PlannedAction.Add }, conn.Section.At, lowered.Child));
        }
        foreach (var one in merged) plan.ConnectionList.Add(new(one.Name, one.Ike, one.Digest, one.Children));
    }

    /// <summary>Conns with equal IKE settings: a connection that bears the name of the first.</summary>
    sealed record Merged(string Name, byte[] Ike, string Digest)
    {
        public List<PlannedChild> Children { get; } = [];
    }
}
