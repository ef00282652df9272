// Who waits for a wish in a storm, as `ipsec up` does: it must be told how it ended, and once.
using Cygnet.Ike;

namespace Cygnet.Tests.Sim;

/// <summary>Waits for one wish; <paramref name="what"/> names it where nobody told.</summary>
sealed class StormWatcher(string what) : IWatcher
{
    public string What => what;
    public bool IsDone { get; private set; }
    public bool WantsLog => false;

    public void Log(in LogLine line) { }

    public void Done(string? error)
    {
        if (IsDone) throw new InvalidOperationException($"told twice: {what}: {error}");
        IsDone = true;
    }
}
