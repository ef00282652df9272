// One configuration in two daemons, the reference and ours, each in a network of its own: what a command says there is compared.
using System.Text;
using System.Text.RegularExpressions;

namespace Cygnet.Interop.Testbed;

/// <summary>Collects the differences of many commands, so that one bed serves them all.</summary>
public sealed partial class SideBySide(Gateway reference, Gateway ours)
{
    readonly StringBuilder differences = new();

    /// <summary>Both must say the same on the same stream, and leave with the same code.</summary>
    public void Same(params string[] words) => Compare(words, text => text);

    /// <summary>The same, but ours may say more on standard error.</summary>
    public void SameOutput(params string[] words) => Compare(words, text => text, withErrors: false);

    /// <summary>The same, but blocks with blank lines between may come in another order.</summary>
    public void SameBlocks(params string[] words) => Compare(words, text => string.Join("\n\n", text.TrimEnd().Split("\n\n").Order(StringComparer.Ordinal)));

    /// <summary>The same, but lines may come in another order.</summary>
    public void SameLines(params string[] words) => Compare(words, text => string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)));

    void Compare(string[] words, Func<string, string> arranged, bool withErrors = true)
    {
        var (theirs, own) = (reference.Host.Run(words), ours.Host.Run(words));
        if (!withErrors) (theirs, own) = (theirs with { Errors = "" }, own with { Errors = "" });
        var (expected, actual) = (Shown(theirs, arranged), Shown(own, arranged));
        if (expected != actual)
            differences.Append($"$ {string.Join(' ', words)}\n--- reference\n{expected}\n--- ours\n{actual}\n\n");
    }

    /// <summary>Ends the scene: throws with every difference there was.</summary>
    public void ShouldAgree()
    {
        if (differences.Length > 0)
            throw new BedFailure(differences.ToString());
    }

    static string Shown(Ran ran, Func<string, string> arranged)
    {
        var text = $"{arranged(ran.Output)}\nstandard error: {ran.Errors}\nexit code: {ran.ExitCode}";
        text = Product().Replace(text, "PRODUCT");
        text = Path().Replace(text, "DIRECTORY");
        text = Delta().Replace(text, "$1 SPAN");
        return Spi().Replace(text, "SPI$2");
    }

    [GeneratedRegex("strongSwan(?! Lab)|Cygnet(?! Test)")]
    private static partial Regex Product();

    // Where the package put its programs.
    [GeneratedRegex(@"/\S*/(?:lib|libexec)/ipsec(?=/stroke)")]
    private static partial Regex Path();

    [GeneratedRegex(@"\b(in|valid|expires|ESTABLISHED|expired)( \()?\s?\d+ (?:second|minute|hour|day)s?")]
    private static partial Regex Delta();

    [GeneratedRegex("\\b([0-9a-f]{16}|[0-9a-f]{8})(_[io])\\b")]
    private static partial Regex Spi();
}
