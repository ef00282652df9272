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

    public void AddTo(Dictionary<string, Command> table)
    {
        table["x-user-creds"] = changes.Wrap(UserCredentials.Set);
        table["load-conn"] = changes.WrapSlow(Load, p => p.Message.Sections.Any(NamedCertificates.AreIn));
        table["x-check-conn"] = (_, p) => StateCommands.Slowly(() => Check(p.Message));
        table["unload-conn"] = changes.Wrap(Unload);
        table["get-conns"] = (_, _) => Task.FromResult(new ViciSection().AddList("conns", daemon.Store.Current.Connections.Select(c => c.Name)));
        table["list-conns"] = List;
        table["x-get-conn-digests"] = Digests;
    }

    /// <summary>Each section is merged in turn; the first error ends it, and leaves those before it loaded.</summary>
    StateCommand Load(ViciPacket packet)
    {
        if (packet.Malformed) return (state, _) => Change.Refused(state, "parsing request failed");
        List<(ViciSection Given, ViciSection? Resolved, string Absent)> sections =
            [.. packet.Message.Sections.Select(s => (s, NamedCertificates.Resolve(s, daemon, out var absent), absent))];
        return (state, _) => Load(state, sections);
    }

    Change Load(LoadedState state, List<(ViciSection Given, ViciSection? Resolved, string Absent)> sections)
    {
        foreach (var (given, found, absent) in sections)
        {
            if (found is null) return Change.Refused(state, absent);
            var (section, resolved) = (given, found);
            if (ConnectionParts.IsPart(given))
            {
                if (!ConnectionParts.TryTake(ref state, given, out var children, out var why)) return Change.Refused(state, why);
                if (children is null) continue;
                (section, resolved) = (ConnectionParts.With(given, children), ConnectionParts.With(found, children));
            }
            else
            {
                state = ConnectionParts.Forget(state, given.Name);
            }
            if (!LoadConn.TryParse(section.Name, resolved, out var connection, out var error)) return Change.Refused(state, error);
            foreach (var child in connection.Children)
                if (Refused(connection, child) is { } reason) return Change.Refused(state, $"child '{child.Name}': {reason}, config discarded");
            var table = state.Connections.Put(connection, ConnDigest.Of(section));
            if (!ReferenceEquals(table, state.Connections)) state = state with { Connections = table };
        }
        return Change.Done(state);
    }

    /// <summary>
    /// Which children of a connection that could be loaded the data plane does not carry: their names, and for each the reason. Who loads many
    /// leaves these out instead of having all refused. An extension.
    /// </summary>
    ViciSection Check(ViciSection request)
    {
        List<string> names = [], reasons = [];
        foreach (var section in request.Sections)
        {
            if (NamedCertificates.Resolve(section, daemon, out var absent) is not { } resolved)
            {
                foreach (var child in section.Section("children")?.Sections ?? [])
                {
                    names.Add(child.Name);
                    reasons.Add(absent);
                }
                continue;
            }
            if (!LoadConn.TryParse(section.Name, ConnectionParts.Alone(resolved), out var connection, out _)) continue; // load-conn says why
            foreach (var child in connection.Children)
                if (Refused(connection, child) is { } reason)
                {
                    names.Add(child.Name);
                    reasons.Add(reason);
                }
        }
        return Answer.Yes().AddList("refused", names).AddList("reasons", reasons);
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
        var (ike, child, all) = (packet.Message.Text("ike"), packet.Message.Text("x-child"), daemon.Store.Current.Connections);
        var chosen = (child ?? packet.Message.Text("x-name")) is { } name ? all.Named(name) : ike is null ? all : all.Find(ike) is { } one ? [one] : [];
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
