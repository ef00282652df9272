// One configuration in two daemons, the reference and ours, each in a network of its own: what a command says there is compared.
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Cygnet.Interop.Testbed;

/// <summary>Collects the differences of many commands, so that one bed serves them all.</summary>
public sealed partial class SideBySide(Gateway reference, Gateway ours)
{
    readonly StringBuilder differences = new();
    readonly List<Regex> allowed = [];
    readonly List<string> reasons = [];

    /// <summary>A difference that docs/differences.md has as the row whose first cell is <paramref name="row"/>: it is left out on both sides.</summary>
    public void Allow([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, string row)
    {
        Listed(row);
        LeaveOut(pattern, row);
    }

    /// <summary>No difference of the programs but of the run: left out on both sides.</summary>
    public void Ignore([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, string because) => LeaveOut(pattern, because);

    void LeaveOut(string pattern, string reason)
    {
        allowed.Add(new(pattern, RegexOptions.Multiline));
        reasons.Add($"left out of it: {pattern} ({reason})");
    }

    static void Listed(string row)
    {
        if (!s_rows.Value.Contains(row)) throw new BedFailure($"docs/differences.md has no row '{row}'");
    }

    static readonly Lazy<HashSet<string>> s_rows = new(() =>
        [.. File.ReadLines(Checkout.Path("docs", "differences.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Select(l => l.Split(" | ")[0][2..])]);

    /// <summary>Both must say the same on the same stream, and leave with the same code.</summary>
    public void Same(params string[] words) => Compare(words, text => text);

    /// <summary>The same of what <paramref name="arranged"/> makes of their standard output.</summary>
    public void Same(Func<string, string> arranged, params string[] words) => Compare(words, arranged);

    /// <summary>The same, but ours may say more on standard error, as <paramref name="row"/> of docs/differences.md has it.</summary>
    public void SameOutput(string row, params string[] words)
    {
        Listed(row);
        Compare(words, text => text, withErrors: false);
    }

    /// <summary>The same, but blocks with blank lines between may come in another order.</summary>
    public void SameBlocks(params string[] words) => Compare(words, text => string.Join("\n\n", text.TrimEnd().Split("\n\n").Order(StringComparer.Ordinal)));

    /// <summary>The same, but lines may come in another order.</summary>
    public void SameLines(params string[] words) => Compare(words, text => string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)));

    /// <summary>What the two have said by other means must be the same.</summary>
    public void SameText(string what, string theirs, string own)
    {
        var (expected, actual) = (Steady(theirs), Steady(own));
        if (expected != actual)
            differences.Append($"{what}\n--- reference\n{expected}\n--- ours\n{actual}\n\n");
    }

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
            throw new BedFailure($"{differences}{string.Join('\n', reasons)}");
    }

    string Shown(Ran ran, Func<string, string> arranged) => Steady($"{arranged(ran.Output)}\nstandard error: {ran.Errors}\nexit code: {ran.ExitCode}");

    string Steady(string text)
    {
        if (ours.Product == Testbed.Product.Cygnet) text = text.Replace(InstalledTree.Prefix, "");
        foreach (var (pattern, with) in s_incidental) text = pattern.Replace(text, with);
        foreach (var pattern in allowed) text = pattern.Replace(text, "");
        return text;
    }

    /// <summary>What may differ: the product, where it is installed, times, SPIs, process ids, what a process is made of.</summary>
    static readonly (Regex, string)[] s_incidental =
    [
        (Name(), "PRODUCT"),
        (Path(), "DIRECTORY"),
        (new(Regex.Escape(Environment.OSVersion.Version.ToString()) + @"[\w.-]*|" + Regex.Escape(File.ReadAllText("/proc/sys/kernel/osrelease").Trim())), "KERNEL"),
        (Version(), "VERSION"),
        (Delta(), "$1 SPAN"),
        (Ago(), "SOME TIME AGO"),
        (Uptime(), "$1 SPAN, since A DATE"),
        (Memory(), "$1 MEMORY"),
        (Workers(), "$1 THREADS"),
        (Plugins(), "$1 PLUGINS"),
        (Spi(), "SPI$2"),
        (DeletedSpi(), "SPI"),
        (Lifetime(), "$1 SPAN"),
    ];

    [GeneratedRegex("strongSwan(?! Lab)|Cygnet(?! Test)")]
    private static partial Regex Name();

    // Where the package put its programs.
    [GeneratedRegex(@"(?:/\w+)?/(?:lib|libexec)/ipsec\b|(?:/\w+)?/sbin(?=/ipsec)")]
    private static partial Regex Path();

    [GeneratedRegex(@"(?<=PRODUCT U?)\d+\.\d+\.\d+|(?<=^U)\d+\.\d+\.\d+")]
    private static partial Regex Version();

    [GeneratedRegex(@"\b(in|valid|expires|ESTABLISHED|expired)( \()?\s?\d+ (?:second|minute|hour|day)s?")]
    private static partial Regex Delta();

    [GeneratedRegex(@"\d+(?: (?:second|minute|hour|day)s?|s) ago")]
    private static partial Regex Ago();

    [GeneratedRegex(@"\b(scheduling re\w+ in|reauthentication already scheduled in|received AUTH_LIFETIME of|maximum IKE_SA lifetime) \d+s")]
    private static partial Regex Lifetime();

    [GeneratedRegex(@"(?<=CHILD_SA with SPI )[0-9a-f]{8}\b")]
    private static partial Regex DeletedSpi();

    [GeneratedRegex(@"(uptime:) .*, since .*")]
    private static partial Regex Uptime();

    [GeneratedRegex(@"(malloc:) .*")]
    private static partial Regex Memory();

    [GeneratedRegex(@"(worker threads:) .*")]
    private static partial Regex Workers();

    [GeneratedRegex(@"(loaded plugins:) .*")]
    private static partial Regex Plugins();

    [GeneratedRegex("\\b([0-9a-f]{16}|[0-9a-f]{8})(_[iro])\\b")]
    private static partial Regex Spi();
}
