// One RADIUS server: its sockets, whether it answers, what waits for it.
using Cygnet.Ike;

namespace Cygnet.Radius;

sealed class RadiusServer
{
    public RadiusServer(RadiusServerSettings settings)
    {
        Settings = settings;
        Auth = [.. Enumerable.Range(0, settings.Sockets).Select(n => new RadiusChannel(this, false, n))];
        Acct = [.. Enumerable.Range(0, settings.Sockets).Select(n => new RadiusChannel(this, true, n))];
    }

    public RadiusServerSettings Settings { get; }
    public RadiusChannel[] Auth { get; }
    public RadiusChannel[] Acct { get; }

    /// <summary>Until when it counts as not answering; then one request tries it again.</summary>
    public Instant SilentUntil { get; set; }

    /// <summary>Requests for which no identifier was free.</summary>
    public Queue<RadiusExchange> Queue { get; } = new();

    public RadiusChannel Best(bool accounting) => (accounting ? Acct : Auth).MinBy(c => c.Waiting)!;

    /// <summary>As the reference weighs: what is configured, up to 100 for room, 100 more if it answers.</summary>
    public int Weight(bool accounting, Instant now)
    {
        var channels = accounting ? Acct : Auth;
        var room = 100 - channels.Sum(c => c.Waiting) * 100 / (channels.Length * 256);
        return Settings.Preference + room + (SilentUntil <= now ? 100 : 0);
    }
}
