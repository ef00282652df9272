// The configuration files as the starter reads them: ipsec.conf, ipsec.secrets, ipsec.d, into requests for the daemon.
using System.Text.RegularExpressions;
using Cygnet.Config;
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

/// <summary>One reading of the files.</summary>
sealed partial record Configuration(LoadPlan Plan, ConfCheck Conf, IpsecSecrets Secrets)
{
    /// <summary>
    /// Reads everything. Nothing is thrown for what the files hold; see <see cref="LoadPlan.Errors"/>. <paramref name="isWhole"/>: for the mistakes
    /// alone, and all of them. <paramref name="asksNames"/>: an end that is a host name may be ours too. <paramref name="traced"/>: the level of the log.
    /// </summary>
    public static Configuration Read(Paths paths, string ipsecConf, bool isWhole = false, bool asksNames = false, int traced = 0)
    {
        var files = new HostFiles();
        var document = StrongSwanConf.Parse(ipsecConf, files, isWhole);
        var conf = isWhole ? ConfCheck.OfWhole(document) : ConfCheck.Of(document, traced);
        var stroke = Stroke(paths);
        var directories = new IpsecDirectories(paths.IpsecD);
        var file = stroke.SecretsFile ?? paths.IpsecSecrets;
        var secrets = IpsecSecrets.Parse(file, files);
        return new(Lowering.Plan(conf, secrets, files, directories, stroke.AllowsSwap ? OwnAddresses.OfThisHost(asksNames).Contains : null), conf, secrets)
        {
            SecretsFile = file,
            Unread = [.. ((IEnumerable<string>)[directories.Certs, directories.CaCerts, directories.AaCerts, directories.Acerts, directories.OcspCerts, directories.Crls]).Select(HostFiles.Complaint).OfType<string>()],
        };
    }

    /// <summary>What strongswan.conf says of reading the files.</summary>
    public static StrokeSettings Stroke(Paths paths) => StrokeSettings.Read(StrongswanSettings.Parse(paths.StrongswanConf, new HostFiles()));

    public required string SecretsFile { get; init; }

    /// <summary>Complaints about directories of ipsec.d that are there and cannot be read.</summary>
    public required IReadOnlyList<string> Unread { get; init; }

    /// <summary>Secrets may only be taken away if the file was read to its end.</summary>
    public bool HasAllSecrets => !Secrets.IsMissing && Secrets.Errors.All(e => e.IsWarning);

    /// <summary>The pairs of charondebug as options of charon.</summary>
    public IEnumerable<string> DebugOptions()
    {
        foreach (Match pair in DebugPair().Matches(Conf.Setup.Text("charondebug") ?? ""))
        {
            yield return $"--debug-{pair.Groups[1].Value.ToLowerInvariant()}";
            yield return pair.Groups[2].Value;
        }
    }

    [GeneratedRegex(@"([a-zA-Z]{3})\s+(-?[0-9]+)")]
    private static partial Regex DebugPair();
}
