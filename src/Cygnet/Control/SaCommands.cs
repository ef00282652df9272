// Commands about SAs: initiate, terminate, rekey, list-sas.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

sealed class SaCommands(IDaemon daemon)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["initiate"] = Initiate;
        table["terminate"] = Terminate;
        table["rekey"] = Rekey;
        table["list-sas"] = ListSas;
    }

    async Task<ViciSection> Initiate(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        var (ike, child) = (request.Text("ike"), request.Text("child"));
        if (ike is null && child is null) return Answer.No("missing configuration name");
        var what = child is null ? $"IKE_SA '{ike}'" : $"CHILD_SA '{child}'";
        var what0 = child is null ? "IKE_SA" : "CHILD_SA";
        var found = daemon.Store.Current.Connections.First(ike, child);
        if (found.Connection is not { } connection) return Answer.No($"{what0} config '{child ?? ike}' not found");
        if (request.Boolean("init-limits") && daemon.InitLimitHalfOpen is > 0 and var limit
            && (await daemon.Figures().ConfigureAwait(false)).HalfOpen >= limit)
            return Answer.No($"establishing {what} not possible at the moment due to limits");

        var timeout = request.Number("timeout");
        if (timeout < 0)
        {
            daemon.Initiate(new(connection, found.Child, null));
            return Answer.Yes();
        }
        var level = (int)Math.Clamp(request.Number("loglevel", 1), -1, 4);
        using var wanted = daemon.WantLog(level);
        var log = new ControlLog(session, level);
        daemon.Initiate(new(connection, found.Child, log));
        if (!await log.Wait(timeout).ConfigureAwait(false)) return Answer.No($"{what} not established after {timeout}ms");
        return Answer.Of(await log.Outcome.ConfigureAwait(false) is null ? null : $"establishing {what} failed");
    }

    async Task<ViciSection> Terminate(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        if (!SaSelector.TryRead(request, out var selector)) return Answer.No("missing terminate selector");
        var matches = await selector.Select(daemon.Snapshots()).ConfigureAwait(false);
        var timeout = request.Number("timeout");
        var force = request.Boolean("force");
        var level = (int)Math.Clamp(request.Number("loglevel", 1), -1, 4);
        using var wanted = daemon.WantLog(level);
        var terminated = 0;
        foreach (var match in matches)
        {
            if (timeout < 0)
            {
                daemon.Wish(match.Shard, match.Terminate(force, null));
                terminated++;
                continue;
            }
            var log = new ControlLog(session, level);
            // With a timeout, force only comes after the peer had its time to answer.
            daemon.Wish(match.Shard, match.Terminate(force && timeout == 0, log));
            var ended = await log.Wait(timeout).ConfigureAwait(false);
            if (!ended && force && !match.IsChild)
            {
                daemon.Wish(match.Shard, match.Terminate(true, null));
                ended = await log.Wait(1000).ConfigureAwait(false);
            }
            if (ended && await log.Outcome.ConfigureAwait(false) is null) terminated++;
        }
        var error = matches.Count == 0 ? "no matching SAs to terminate found"
            : terminated == matches.Count ? null
            : matches.Count == 1 ? "terminating SA failed" : "not all matching SAs could be terminated";
        return new ViciSection().Add("success", error is null).Add("matches", matches.Count).Add("terminated", terminated).Add("errmsg", error);
    }

    async Task<ViciSection> Rekey(Session session, ViciPacket packet)
    {
        if (!SaSelector.TryRead(packet.Message, out var selector)) return Answer.No("missing rekey selector");
        var matches = await selector.Select(daemon.Snapshots()).ConfigureAwait(false);
        foreach (var match in matches) daemon.Wish(match.Shard, match.Rekey(packet.Message.Boolean("reauth")));
        var error = matches.Count == 0 ? "no matching SAs to rekey found" : null;
        return new ViciSection().Add("success", error is null).Add("matches", matches.Count).Add("errmsg", error);
    }

    async Task<ViciSection> ListSas(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        var (ikeName, childName) = (request.Utf8("ike"), request.Utf8("child"));
        var (ikeId, childId) = (request.Number("ike-id"), request.Number("child-id"));
        // The extensions leave out what does not concern a client that means one SA among thousands.
        var (name, isBrief) = (request.Utf8("x-name"), request.Boolean("x-ext") && (childName is not null || childId != 0));
        if (session.Registrations("list-sa") > 0)
            await foreach (var (_, ike) in daemon.Snapshots().ConfigureAwait(false))
            {
                if (ikeName is not null && ike.Name != ikeName || ikeId != 0 && ike.UniqueId != ikeId) continue;
                if (name is not null && ike.Name != name && !ike.Children.Any(c => c.Name == name) || isBrief && !ike.Children.Any(IsMeant)) continue;
                foreach (var part in SaRendering.ListSa(ike, daemon.Now, IsMeant))
                {
                    await session.Room().ConfigureAwait(false);
                    session.Stream("list-sa", part);
                }
            }
        return new();

        bool IsMeant(ChildSnapshot c) => (childName is null || c.Name == childName) && (childId == 0 || c.UniqueId == childId);
    }
}
