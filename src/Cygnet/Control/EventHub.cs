// Who listens to which global event: log, ike-updown, child-updown and so on. Events are not built when nobody listens.
using System.Collections.Immutable;

namespace Cygnet.Control;

/// <summary>All sessions of the daemon; thread safe. An event is encoded once for all who registered for it.</summary>
public sealed class EventHub
{
    /// <summary>Every event that a client may register for.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "log", "control-log", "list-sa", "list-policy", "list-conn", "list-cert", "list-authority",
        "ike-updown", "ike-rekey", "ike-update", "child-updown", "child-rekey", "alert", WhyCommand.Event, ConnectionCommands.DigestEvent,
    ];

    ImmutableArray<Session> _sessions = [];

    /// <summary>Called when a session registers or unregisters, so that the log knows whether its lines are wanted.</summary>
    public event Action? RegistrationsChanged;

    public int SessionCount => _sessions.Length;

    internal void Add(Session session) => ImmutableInterlocked.Update(ref _sessions, s => s.Add(session));

    internal void Remove(Session session)
    {
        ImmutableInterlocked.Update(ref _sessions, s => s.Remove(session));
        RegistrationsChanged?.Invoke();
    }

    internal void Changed() => RegistrationsChanged?.Invoke();

    public bool IsWanted(string name)
    {
        foreach (var s in _sessions)
            if (s.Registrations(name) > 0) return true;
        return false;
    }

    /// <summary>Sends the event to every session that registered for it, once for each registration.</summary>
    public void Raise(string name, Func<ViciSection> build)
    {
        byte[]? segment = null;
        foreach (var s in _sessions)
        {
            var times = s.Registrations(name);
            if (times == 0) continue;
            segment ??= ViciPacket.Event(name, build()).ToSegment(out _);
            if (segment is null) return; // too long for the protocol: only this event is lost
            for (; times > 0; times--) s.SendSegment(segment);
        }
    }
}
