// The commands between x-begin and x-commit: tried as they come, applied all together or not at all.
namespace Cygnet.Control;

/// <summary>Belongs to one session, which calls it in order.</summary>
sealed class Transaction(LoadedState start)
{
    // A client that forgets to commit must not fill the memory.
    const int MaxSteps = 100_000;

    readonly List<(StateCommand Command, ViciPacket Request)> _steps = [];
    LoadedState _trial = start;

    public IReadOnlyList<(StateCommand Command, ViciPacket Request)> Steps => _steps;

    /// <summary>The response that the command would have now.</summary>
    public ViciSection Try(StateCommand command, ViciPacket request)
    {
        if (_steps.Count >= MaxSteps) return Answer.No($"a transaction holds at most {MaxSteps} commands");
        _steps.Add((command, request));
        (_trial, var response) = command(_trial, request);
        return response;
    }
}
