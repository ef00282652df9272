// Why a command cannot do what it was asked for, as a sentence for the operator.
namespace Cygnet.PkiTool;

/// <summary>Ends a command with exit code 1. A wrong use of options also shows how the command is used.</summary>
sealed class Refusal(string message, bool isUsage = false) : Exception(message)
{
    public bool IsUsage { get; } = isUsage;

    public static Refusal Usage(string message) => new(message, isUsage: true);
}
