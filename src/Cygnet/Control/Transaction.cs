// The commands between x-begin and x-commit: tried as they come, applied all together or not at all.
namespace Cygnet.Control;

/// <summary>A command that waits to be applied, by its name.</summary>
sealed record Step(string Name, Func<LoadedState, Change> Apply);

/// <summary>Belongs to one session, which calls it in order.</summary>
sealed class Transaction
{
    // A client that forgets to commit must not fill the memory.
    const int MaxSteps = 100_000;

    readonly List<Step> _steps = [];
    readonly LoadedState _start;
    LoadedState _trial;
    bool _hasRefused;

    public Transaction(LoadedState start) => _start = _trial = start;

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>The state at the beginning, and what the commands have made of it; null if one of them refused.</summary>
    public (LoadedState Start, LoadedState Result)? Outcome => _hasRefused ? null : (_start, _trial);

    /// <summary>
    /// The response that the command would have now. With <paramref name="read"/>, which makes the command of its request, the request waits for the end as it
    /// came: of ten thousand the collector would else carry the objects along, many times the bytes.
    /// </summary>
    public ViciSection Try(StateCommand command, ViciPacket request, Func<ViciPacket, StateCommand>? read = null)
    {
        if (_steps.Count >= MaxSteps) return Answer.No($"a transaction holds at most {MaxSteps} commands");
        _steps.Add(read is null || request.Body.IsEmpty ? Read(command, request) : Unread(request.Name, request.Body, read));
        (_trial, var response) = command(_trial, request);
        _hasRefused |= Answer.IsNo(response);
        return response;
    }

    static Step Read(StateCommand command, ViciPacket request) => new(request.Name, state => command(state, request));

    static Step Unread(string name, ReadOnlyMemory<byte> body, Func<ViciPacket, StateCommand> read) =>
        new(name, state => ViciPacket.TryParse(body.Span, out var again) ? read(again)(state, again) : Change.Refused(state, "parsing request failed"));
}
