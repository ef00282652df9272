// A configured connection as "ipsec statusall" shows it, written for thousands of them: what list-conns streams if asked to be brief. docs/vici.md.
using System.Globalization;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>The keys are those of the list-conn event, without what is not shown and what is empty.</summary>
static class ConnectionBrief
{
    /// <summary>Opens the section of a connection and that of its children.</summary>
    public static void Begin(ViciWriter to, Connection c)
    {
        to.Begin(c.Name).AddList("local_addrs", c.LocalAddrs).AddList("remote_addrs", c.RemoteAddrs).Add("version", ConnectionRendering.Word(c.Version));
        Liveness(to, c);
        for (var i = 0; i < c.Local.Length; i++) Round(to, "local", i, c.Local[i]);
        for (var i = 0; i < c.Remote.Length; i++) Round(to, "remote", i, c.Remote[i]);
        to.Begin("children");
    }

    /// <summary>The same for children that were too many for one event.</summary>
    public static void Continue(ViciWriter to, Connection c)
    {
        to.Begin(c.Name).Add("x-continued", "yes");
        Liveness(to, c);
        to.Begin("children");
    }

    public static void Child(ViciWriter to, Connection c, ChildConfig child)
    {
        to.Begin(child.Name).Add("mode", SaRendering.Word(child.Mode));
        if (c.DpdDelay > TimeSpan.Zero) to.Add("dpd_action", ConnectionRendering.Word(child.DpdAction));
        to.AddList("local-ts", child.LocalTs.Select(t => t.ToString())).AddList("remote-ts", child.RemoteTs.Select(t => t.ToString())).End();
    }

    /// <summary>Closes what <see cref="Begin"/> and <see cref="Continue"/> have opened.</summary>
    public static void End(ViciWriter to) => to.End().End();

    static void Liveness(ViciWriter to, Connection c)
    {
        if (c.DpdDelay > TimeSpan.Zero) to.Add("dpd_delay", ConnectionRendering.Seconds(c.DpdDelay));
    }

    static void Round(ViciWriter to, string side, int index, AuthRound round)
    {
        to.Begin(index == 0 ? $"{side}-1" : string.Create(CultureInfo.InvariantCulture, $"{side}-{index + 1}"));
        to.Add("class", ConnectionRendering.Word(round.Class)).Add("revocation", ConnectionRendering.Word(round.Revocation));
        if (round.Class == AuthClass.Eap && EapWord.Name(round.Method) is { } eap) to.Add("eap-type", eap);
        to.Add("id", round.Id?.ToString()).Add("ca_id", round.CaId?.ToString()).Add("eap_id", round.EapId?.ToString());
        if (!round.Groups.IsEmpty) to.AddList("groups", round.Groups);
        if (!round.Certificates.IsEmpty || !round.PublicKeys.IsEmpty) to.AddList("certs", ConnectionRendering.Certificates(round));
        if (!round.CaCertificates.IsEmpty) to.AddList("cacerts", round.CaCertificates.Select(ConnectionRendering.Subject));
        to.End();
    }
}
