// One command that ran to its end on a host.
namespace Cygnet.Interop.Testbed;

/// <summary>What a command printed and how it ended.</summary>
public sealed record Ran(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Everything it said, standard output first.</summary>
    public string Text => Output + Errors;

    public Ran ShouldSucceed() =>
        ExitCode == 0 ? this : throw new BedFailure($"'{Command}' left with {ExitCode}:\n{Text}");

    public Ran ShouldSay(params ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
            if (!Text.Contains(line))
                throw new BedFailure($"'{Command}' did not say '{line}' but:\n{Text}");
        return this;
    }

    public Ran ShouldNotSay(string words) =>
        Text.Contains(words) ? throw new BedFailure($"'{Command}' said '{words}':\n{Text}") : this;
}
