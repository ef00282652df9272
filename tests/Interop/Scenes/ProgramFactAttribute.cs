// Scenes with a program that not every machine can have, or not every kernel serves, are skipped, by name, where it fails.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>A fact that needs a command to succeed in a network namespace of its own.</summary>
sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] command)
    {
        if (OperatingSystem.IsLinux() && Command.Run(["unshare", "--net", "--", .. command]) is { ExitCode: not 0 } ran) Skip = $"'{string.Join(' ', command)}' fails here: {ran.Text.Trim()}";
    }
}
