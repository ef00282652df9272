// The commands between x-begin and x-commit: tried as they come, applied all together or not at all.
namespace Cygnet.Control;

/// <summary>Belongs to one session, which calls it in order.</summary>
sealed class Transaction
{
    // A client that forgets to commit must not fill the memory.
    const int MaxSteps = 100_000;

    readonly List<(StateCommand Command, ViciPacket Request)> _steps = [];
    readonly LoadedState _start;
    LoadedState _trial;
    bool _hasRefused;

    public Transaction(LoadedState start) => _start = _trial = start;

    public IReadOnlyList<(StateCommand Command, ViciPacket Request)> Steps => _steps;

    /// <summary>The state at the beginning, and what the commands have made of it; null if one of them refused.</summary>
    public (LoadedState Start, LoadedState Result)? Outcome => _hasRefused ? null : (_start, _trial);

    /// <summary>The response that the command would have now.</summary>
    public ViciSection Try(StateCommand command, ViciPacket request)
    {
        if (_steps.Count >= MaxSteps) return Answer.No($"a transaction holds at most {MaxSteps} commands");
        _steps.Add((command, request));
        (_trial, var response) = command(_trial, request);
        _hasRefused |= Answer.IsNo(response);
        return response;
    }
}
