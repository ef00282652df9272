// State changes of SAs as VICI events: ike-updown, child-updown, ike-rekey, ike-update, child-rekey, alert.
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>Turns the engine's events into those of the protocol; nothing is built unless somebody registered.</summary>
public static class StateEvents
{
    /// <summary>Whether anybody registered for SAs that come and go.</summary>
    public static bool WantsUpDown(EventHub hub) => hub.IsWanted("ike-updown") || hub.IsWanted("child-updown");

    public static void Raise(EventHub hub, SaEvent e, Instant now)
    {
        switch (e)
        {
            case SaEvent.IkeUpDown(var up, var ike):
                hub.Raise("ike-updown", () =>
                {
                    var m = UpDown(up);
                    SaRendering.Ike(m.AddSection(ike.Name), ike, now);
                    return m;
                });
                break;
            case SaEvent.ChildUpDown(var up, var ike, var child):
                hub.Raise("child-updown", () =>
                {
                    var m = UpDown(up);
                    var children = SaRendering.Ike(m.AddSection(ike.Name), ike, now).AddSection("child-sas");
                    SaRendering.Child(children.AddSection($"{child.Name}-{child.UniqueId}"), child, now);
                    return m;
                });
                break;
            case SaEvent.IkeRekey(var old, var @new):
                hub.Raise("ike-rekey", () =>
                {
                    var m = new ViciSection();
                    var s = m.AddSection(old.Name);
                    SaRendering.Ike(s.AddSection("old"), old, now);
                    SaRendering.Ike(s.AddSection("new"), @new, now);
                    return m;
                });
                break;
            case SaEvent.ChildRekey(var ike, var old, var @new):
                hub.Raise("child-rekey", () =>
                {
                    var m = new ViciSection();
                    var s = SaRendering.Ike(m.AddSection(ike.Name), ike, now).AddSection("child-sas").AddSection(old.Name);
                    SaRendering.Child(s.AddSection("old"), old, now);
                    SaRendering.Child(s.AddSection("new"), @new, now);
                    return m;
                });
                break;
            case SaEvent.IkeUpdate(var old, var local, var remote):
                hub.Raise("ike-update", () =>
                {
                    var m = new ViciSection()
                        .Add("local-host", local.Address.ToString()).Add("local-port", local.Port)
                        .Add("remote-host", remote.Address.ToString()).Add("remote-port", remote.Port);
                    SaRendering.Ike(m.AddSection(old.Name), old, now);
                    return m;
                });
                break;
            case SaEvent.Alert(var type, var ike):
                hub.Raise("alert", () =>
                {
                    var m = new ViciSection().Add("type", type);
                    if (ike is not null) SaRendering.Ike(m.AddSection("ike-sa").AddSection(ike.Name), ike, now);
                    return m;
                });
                break;
        }
    }

    static ViciSection UpDown(bool up) => up ? new ViciSection().Add("up", "yes") : new ViciSection();
}
