// Holds the loaded state and publishes each change to whoever runs by it.
using System.Collections.Immutable;
using Cygnet.Ike;
using Cygnet.Pools;

namespace Cygnet.Control;

/// <summary>What a command that changes the loaded state makes of it: the new state and the response. A refused one leaves what had been done before the error.</summary>
public readonly record struct Change(LoadedState State, ViciSection Response)
{
    public static Change Done(LoadedState state) => new(state, Answer.Yes());

    public static Change Refused(LoadedState state, string reason) => new(state, Answer.No(reason));
}

/// <summary>A command as a pure function of the loaded state, so that a transaction can try it.</summary>
public delegate Change StateCommand(LoadedState state, ViciPacket request);

/// <summary>
/// Thread safe. Changes are made one after another, and published in that order. Nothing is published before there is a connection, or a transaction
/// has said that there is none: a peer that comes too early must not be told that there is nothing for it.
/// </summary>
public sealed class ConfigurationStore(Action<Configuration> publish)
{
    readonly Lock _lock = new();
    LoadedState _current = LoadedState.Empty;
    bool _isPublished;

    public LoadedState Current => Volatile.Read(ref _current);

    /// <summary>What the shards run by.</summary>
    public static Configuration Of(LoadedState state) => new(state.Connections, state.Credentials) { Pools = state.Pools };

    /// <summary>Applies one command.</summary>
    public ViciSection Apply(StateCommand command, ViciPacket request, out LoadedState before, out LoadedState after)
    {
        lock (_lock)
        {
            before = _current;
            (after, var response) = command(before, request);
            if (Replace(after) is not { } refusal) return response;
            after = before;
            return Answer.No(refusal);
        }
    }

    /// <summary>Applies all commands, or none and returns every error. What a trial of them made of the state that still is the current one, counts.</summary>
    internal ImmutableArray<string> ApplyAll(IEnumerable<Step> steps, out LoadedState before, out LoadedState after, (LoadedState Start, LoadedState Result)? trial = null)
    {
        lock (_lock)
        {
            before = after = _current;
            var errors = ImmutableArray.CreateBuilder<string>();
            var state = before;
            // But whether a pool may go depends on leases, which come and go meanwhile.
            if (trial is { } tried && ReferenceEquals(tried.Start, before) && (before.Pools.IsEmpty || before.Pools == tried.Result.Pools)) state = tried.Result;
            else
                foreach (var step in steps)
                {
                    (state, var response) = step.Apply(state);
                    if (Answer.IsNo(response)) errors.Add(response.Utf8("errmsg") ?? step.Name);
                }
            if (errors.Count > 0) return errors.ToImmutable();
            if (Replace(state) is { } refusal) return [refusal];
            after = state;
            if (!_isPublished) Publish(state);
            return [];
        }
    }

    /// <summary>The reason if it cannot be: an address was leased from a pool that goes, after the command had found it idle.</summary>
    string? Replace(LoadedState state)
    {
        if (ReferenceEquals(state, _current)) return null;
        List<Pool> gone = state.Pools == _current.Pools ? [] : [.. _current.Pools.Where(old => !state.Pools.Any(p => ReferenceEquals(p.Addresses, old.Addresses)))];
        for (var i = 0; i < gone.Count; i++)
            if (!gone[i].Addresses.TryRetire())
            {
                foreach (var retired in gone.Take(i)) retired.Addresses.Reinstate();
                return $"pool {gone[i].Name} has online leases";
            }
        Volatile.Write(ref _current, state);
        if (_isPublished || state.Connections.Count > 0) Publish(state);
        return null;
    }

    void Publish(LoadedState state)
    {
        _isPublished = true;
        publish(Of(state));
    }
}
