// What docs/pki.md says to type works, in that order; the manual page names every option that there is.
using System.Runtime.CompilerServices;

namespace Cygnet.PkiTool.Tests;

public sealed class DocumentTests
{
    [Fact]
    public void ThePkiOfThePageIsMadeByItsCommands()
    {
        using var desk = new Desk();
        var commands = File.ReadAllLines(Docs("pki.md")).Where(l => l.StartsWith("    pki ", StringComparison.Ordinal)).Select(l => l.Trim()["pki ".Length..]).ToList();
        Assert.InRange(commands.Count, 15, 40);
        var shown = "";
        foreach (var command in commands)
        {
            // Every file is one of the desk.
            string[] parts = [.. command.Split(" > ").Select(p => string.Join(' ', p.Split(' ').Select(w => w.EndsWith(".pem", StringComparison.Ordinal) ? desk[w] : w)))];
            var outcome = desk.Pki(parts[0]);
            Assert.True(outcome.Exit == 0, $"pki {command}: {outcome.Error}");
            if (parts.Length > 1) File.WriteAllBytes(parts[1], outcome.Output);
            else shown += outcome.Text;
        }
        foreach (var words in (string[])["altNames:  moon.example.org", "certificate trusted, lifetimes valid\n", "certificate trusted, lifetimes valid, certificate not revoked\n", "groups:    gateways"])
            Assert.Contains(words, shown);
        // what the CA has made, somebody else believes too
        foreach (var name in (string[])["moon", "carol"]) Assert.Contains(": OK", desk.OpenSsl($"verify -CAfile {desk["caCert.pem"]} {desk[name + "Cert.pem"]}"));
        var revoked = desk.Pki("--verify --in @carolCert.pem --cacert @caCert.pem --crl @crl.pem");
        Assert.Equal((1, "certificate untrusted\n"), (revoked.Exit, revoked.Text));
        Assert.Contains("certificate was revoked on ", revoked.Error);
    }

    [Fact]
    public void TheManualNamesEveryCommandAndOption()
    {
        var page = File.ReadAllText(Docs("man/pki.1")).Replace(@"\-", "-");
        foreach (var command in PkiTool.Pki.All)
        {
            Assert.Contains($"pki --{command.Name}", page);
            Assert.All(command.Options.Where(o => o.Help.Length > 0), o => Assert.Matches($@"--{o.Name}\b", page));
        }
    }

    static string Docs(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs", name);
}
