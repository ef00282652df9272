// Commands about configured connections: load-conn, unload-conn, list-conns, get-conns, and the digests that "ipsec update" compares.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

sealed class ConnectionCommands(IDaemon daemon, StateCommands changes)
{
    /// <summary>The event that x-get-conn-digests streams, and how many connections are in one: with names as long as they can be, they fit.</summary>
    internal const string DigestEvent = "x-conn-digests";
    const int DigestsPerEvent = 500;

    /// <summary>An event of a brief listing is sent once it has so many bytes.</summary>
    const int BriefBytes = 16 * 1024;

    readonly LoadedAlike _alike = new();

    public void AddTo(Dictionary<string, Command> table)
    {
        table["x-user-creds"] = changes.Wrap(UserCredentials.Set);
        table["load-conn"] = changes.WrapSlow(Load, p => p.Message.Sections.Any(NamedCertificates.AreIn));
        table["unload-conn"] = changes.Wrap(Unload);
        table["get-conns"] = (_, _) => Task.FromResult(new ViciSection().AddList("conns", daemon.Store.Current.Connections.Select(c => c.Name)));
        table["list-conns"] = List;
        table["x-get-conn-digests"] = Digests;
    }

    /// <summary>
    /// Each section is merged in turn; the first error ends it, and leaves those before it loaded. With x-leave-out, an extension, a child that the data plane
    /// does not carry, and a connection whose certificates cannot be had, are left out instead, and named with the reason: who loads thousands does not want all
    /// of them refused for one.
    /// </summary>
    StateCommand Load(ViciPacket packet)
    {
        if (packet.Malformed) return (state, _) => Change.Refused(state, "parsing request failed");
        List<(ViciSection Given, ViciSection? Resolved, string Absent)> sections =
            [.. packet.Message.Sections.Select(s => (s, NamedCertificates.Resolve(s, daemon, out var absent), absent))];
        var leavesOut = packet.Message.Boolean("x-leave-out");
        return (state, _) => Load(state, sections, leavesOut ? new() : null);
    }

    Change Load(LoadedState state, List<(ViciSection Given, ViciSection? Resolved, string Absent)> sections, LeftOut? leftOut)
    {
        foreach (var (given, found, absent) in sections)
        {
            if (found is null)
            {
                if (leftOut is null) return Change.Refused(state, absent);
                foreach (var child in given.Section("children")?.Sections ?? []) leftOut.Add(child.Name, absent);
                continue;
            }
            var (section, resolved, isPart) = (given, found, ConnectionParts.IsPart(given));
            if (isPart)
            {
                // The names of all that are left out, at once, might be more than an answer carries.
                if (leftOut is not null && LoadConn.TryParse(given.Name, ConnectionParts.Alone(found), out var part, out _, _alike))
                    foreach (var child in part.Children)
                        if (Refused(part, child) is { } reason) leftOut.Add(child.Name, reason);
                if (!ConnectionParts.TryTake(ref state, given, out var children, out var why)) return Change.Refused(state, why);
                if (children is null) continue;
                (section, resolved) = (ConnectionParts.With(given, children), ConnectionParts.With(found, children));
            }
            else
            {
                state = ConnectionParts.Forget(state, given.Name);
            }
            if (!LoadConn.TryParse(section.Name, resolved, out var connection, out var error, _alike)) return Change.Refused(state, error);
            List<ChildConfig>? kept = null;
            for (var i = 0; i < connection.Children.Length; i++)
            {
                var child = connection.Children[i];
                var isNamed = isPart && leftOut is not null;
                if ((isNamed ? daemon.Refuses(child)?.ToString() : Refused(connection, child)) is not { } reason)
                {
                    kept?.Add(child);
                    continue;
                }
                if (leftOut is null) return Change.Refused(state, $"child '{child.Name}': {reason}, config discarded");
                kept ??= [.. connection.Children.Take(i)];
                if (!isNamed) leftOut.Add(child.Name, reason);
            }
            if (kept is { Count: 0 }) continue;
            // The digest is of what was sent, so that who sent it finds it unchanged.
            var table = state.Connections.Put(kept is null ? connection : connection with { Children = [.. kept] }, ConnDigest.Of(section));
            if (!ReferenceEquals(table, state.Connections)) state = state with { Connections = table };
        }
        return leftOut is null ? Change.Done(state) : new(state, leftOut.Answer());
    }

    /// <summary>The conns that were not loaded, and why.</summary>
    sealed class LeftOut
    {
        readonly List<string> _names = [], _reasons = [];

        public void Add(string child, string reason)
        {
            _names.Add(child);
            _reasons.Add(reason);
        }

        public ViciSection Answer() => _names.Count == 0 ? Control.Answer.Yes() : Control.Answer.Yes().AddList("refused", _names).AddList("reasons", _reasons);
    }

    string? Refused(Connection connection, ChildConfig child)
    {
        if (daemon.Refuses(child) is not { } refusal) return null;
        var now = daemon.WallTime;
        daemon.Log(LogGroup.Cfg, 1, $"refused: CHILD_SA '{child.Name}' of '{connection.Name}': {refusal}");
        daemon.Keep(new() { Connection = connection.Name, Kind = RefusalKind.DataPlane, By = RefusedBy.Us, Reason = $"CHILD_SA '{child.Name}' is not loaded: {refusal.Reason}", Change = refusal.Change, At = now, First = now, WeInitiated = true });
        return refusal.ToString();
    }

    static Change Unload(LoadedState state, ViciPacket packet)
    {
        if (packet.Message.Text("name") is not { } name) return Change.Refused(state, "unload: missing connection name");
        if (state.Connections.Find(name) is null) return Change.Refused(state, $"unload: connection '{name}' not found");
        return Change.Done(ConnectionParts.Forget(state, name) with { Connections = state.Connections.Remove(name) });
    }

    async Task<ViciSection> List(Session session, ViciPacket packet)
    {
        // The extensions mean what a name on the command line does: a connection, or a child of one; of that, with x-child, no other child.
        var (ike, child, all) = (packet.Message.Utf8("ike"), packet.Message.Utf8("x-child"), daemon.Store.Current.Connections);
        var chosen = (child ?? packet.Message.Utf8("x-name")) is { } name ? all.Named(name) : ike is null ? all : all.Find(ike) is { } one ? [one] : [];
        if (ike is not null) chosen = chosen.Where(c => c.Name == ike);
        if (packet.Message.Boolean("x-brief"))
        {
            await ListBriefly(session, chosen, child).ConfigureAwait(false);
            return new();
        }
        foreach (var connection in chosen)
            foreach (var part in ConnectionRendering.ListConn(connection, child))
            {
                await session.Room().ConfigureAwait(false);
                session.Stream("list-conn", part);
            }
        return new();
    }

    /// <summary>What statusall shows, many connections in an event; one with many children continues in the next.</summary>
    static async Task ListBriefly(Session session, IEnumerable<Connection> chosen, string? child)
    {
        var writer = new ViciWriter();
        foreach (var connection in chosen)
        {
            ConnectionBrief.Begin(writer, connection);
            foreach (var config in ConnectionRendering.Children(connection, child))
            {
                if (writer.Length >= BriefBytes)
                {
                    ConnectionBrief.End(writer);
                    await Send().ConfigureAwait(false);
                    ConnectionBrief.Continue(writer, connection);
                }
                ConnectionBrief.Child(writer, connection, config);
            }
            ConnectionBrief.End(writer);
            if (writer.Length >= BriefBytes) await Send().ConfigureAwait(false);
        }
        if (writer.Length > 0) await Send().ConfigureAwait(false);

        async Task Send()
        {
            await session.Room().ConfigureAwait(false);
            session.Stream("list-conn", writer);
            writer.Clear();
        }
    }

    /// <summary>In events to a client that registered for them, else in the response, which does not carry thousands.</summary>
    async Task<ViciSection> Digests(Session session, ViciPacket packet)
    {
        var source = packet.Message.Text("source");
        var all = new ViciSection();
        var streams = session.Registrations(DigestEvent) > 0;
        var connections = daemon.Store.Current.Connections;
        foreach (var connection in connections.Where(c => source is null || c.Source == source))
        {
            all.AddSection(connection.Name).Add("digest", connections.DigestOf(connection.Name)).Add("source", connection.Source);
            if (!streams || all.Elements.Count < DigestsPerEvent) continue;
            await session.Room().ConfigureAwait(false);
            session.Stream(DigestEvent, all);
            all = new();
        }
        if (!streams) return all;
        if (all.Elements.Count > 0) session.Stream(DigestEvent, all);
        return new();
    }
}
