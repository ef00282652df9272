// Two judges of a chain: Cygnet, and openssl verify with the same time and with policy checking.
using System.Diagnostics;
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool.Tests.Corpus;

/// <summary>A chain that was made: the end entity, what the peer sends besides, the roots.</summary>
sealed record MadeChain(Kind Kind, string Name, byte[] Leaf, List<byte[]> Sent, List<byte[]> Roots);

/// <summary>What a judge says, and why.</summary>
sealed record Verdict(bool IsAccepted, string Reason);

static class Judges
{
    public static Verdict Cygnet(MadeChain chain)
    {
        if (Certificate.TryParse(chain.Leaf, out var reason) is not { } leaf) return new(false, reason);
        static List<Certificate> Read(List<byte[]> ders) => [.. ders.Select(d => Certificate.TryParse(d, out _)).OfType<Certificate>()];
        var result = new TrustChain(new SystemCrypto(), Read(chain.Roots), Read(chain.Sent), ChainDraft.Now, new NoStatus()).Validate(leaf);
        return new(result.Key is not null, result.Reason ?? "");
    }

    // The corpus is about paths; nobody has CRLs here.
    sealed class NoStatus : ICertificateStatus
    {
        public CertificateStatus Check(Certificate certificate, Certificate issuer, DateTimeOffset now, List<string> lines) => CertificateStatus.Skipped;
    }

    /// <summary>All chains in one go: a process for each is started by one shell.</summary>
    public static List<Verdict> OpenSsl(Desk desk, List<MadeChain> chains)
    {
        using (var script = new StreamWriter(desk["verify.sh"]))
        {
            for (var i = 0; i < chains.Count; i++)
            {
                var chain = chains[i];
                WritePem(desk[$"{i}.leaf"], [chain.Leaf]);
                WritePem(desk[$"{i}.sent"], chain.Sent);
                WritePem(desk[$"{i}.roots"], chain.Roots);
                script.Write(string.Create(CultureInfo.InvariantCulture, $"""
                    echo ==={i}; openssl verify -attime {ChainDraft.Now.ToUnixTimeSeconds()} -policy_check -policy 2.5.29.32.0 -no-CApath -no-CAstore -CAfile {desk[$"{i}.roots"]} {(chain.Sent.Count > 0 ? $"-untrusted {desk[$"{i}.sent"]}" : "")} {desk[$"{i}.leaf"]} 2>&1; echo exit $?

                    """));
            }
        }
        using var shell = Process.Start(new ProcessStartInfo("sh", [desk["verify.sh"]]) { RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        var verdicts = output.Split("===", StringSplitOptions.RemoveEmptyEntries).Select(part => new Verdict(part.TrimEnd().EndsWith("exit 0", StringComparison.Ordinal), part.ReplaceLineEndings(" "))).ToList();
        Assert.Equal(chains.Count, verdicts.Count);
        return verdicts;
    }

    static void WritePem(string path, List<byte[]> ders) => File.WriteAllLines(path, ders.Select(d =>
        $"-----BEGIN CERTIFICATE-----\n{Convert.ToBase64String(d, Base64FormattingOptions.InsertLineBreaks)}\n-----END CERTIFICATE-----"));
}
