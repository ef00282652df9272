// x-why: streams what was refused and why, as x-refusal events. An extension; the reference keeps nothing of the kind.
using System.Globalization;
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>The request may name a connection (<c>name</c>, empty: those for which none was found); without one all are told, oldest first.</summary>
sealed class WhyCommand(IDaemon daemon)
{
    public const string Event = "x-refusal";

    public void AddTo(Dictionary<string, Command> table) => table["x-why"] = Run;

    async Task<ViciSection> Run(Session session, ViciPacket packet)
    {
        var entries = daemon.Refusals(packet.Message.Utf8("name"));
        if (session.Registrations(Event) > 0)
            foreach (var entry in entries)
            {
                await session.Room().ConfigureAwait(false);
                session.Stream(Event, Render(entry));
            }
        return new ViciSection().Add("count", entries.Count);
    }

    static ViciSection Render(RefusalEntry e) => new ViciSection()
        .Add("connection", e.Connection)
        .Add("kind", e.Kind.ToString().ToLowerInvariant())
        .Add("by", e.By.ToString().ToLowerInvariant())
        .Add("reason", e.Reason)
        .Add("change", e.Change)
        .AddList("facts", e.Facts)
        .Add("at", Time(e.At))
        .Add("first", Time(e.First))
        .Add("times", e.Times)
        .Add("ike-id", e.IkeId)
        .Add("initiator", e.WeInitiated)
        .Add("local-host", e.Local.Address.ToString())
        .Add("local-port", e.Local.Port)
        .Add("local-id", e.LocalId)
        .Add("remote-host", e.Remote.Address.ToString())
        .Add("remote-port", e.Remote.Port)
        .Add("remote-id", e.RemoteId);

    static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
