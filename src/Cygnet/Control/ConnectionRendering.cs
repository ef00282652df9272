// A configured connection as the list-conn event shows it.
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Control;

static class ConnectionRendering
{
    /// <param name="only">Shows this child alone, if the connection has it; null: all.</param>
    public static ViciSection ListConn(Connection c, string? only = null)
    {
        var message = new ViciSection();
        var s = message.AddSection(c.Name)
            .AddList("local_addrs", c.LocalAddrs)
            .AddList("remote_addrs", c.RemoteAddrs)
            .Add("local_port", c.LocalPort)
            .Add("remote_port", c.RemotePort)
            .Add("version", c.Version switch { IkeVersion.V1 => "IKEv1", IkeVersion.V2 => "IKEv2", _ => "IKEv1/2" })
            .Add("reauth_time", Seconds(c.ReauthTime))
            .Add("rekey_time", Seconds(c.RekeyTime))
            .Add("unique", $"UNIQUE_{c.Unique.ToString().ToUpperInvariant()}");
        if (c.DpdDelay > TimeSpan.Zero) s.Add("dpd_delay", Seconds(c.DpdDelay));
        if (c.DpdTimeout > TimeSpan.Zero) s.Add("dpd_timeout", Seconds(c.DpdTimeout));
        if (c.PpkId.Length > 0) s.Add("ppk_id", Identity.Parse(c.PpkId).ToString());
        if (c.PpkRequired) s.Add("ppk_required", "yes");
        for (var i = 0; i < c.Local.Length; i++) Round(s.AddSection($"local-{i + 1}"), c.Local[i]);
        for (var i = 0; i < c.Remote.Length; i++) Round(s.AddSection($"remote-{i + 1}"), c.Remote[i]);
        var children = s.AddSection("children");
        var chosen = only is null ? null : c.Children.FirstOrDefault(child => child.Name == only);
        foreach (var child in chosen is null ? c.Children : [chosen]) Child(children.AddSection(child.Name), child);
        return message;
    }

    static void Round(ViciSection s, AuthRound round)
    {
        s.Add("class", round.Class switch
        {
            AuthClass.PublicKey => "public key",
            AuthClass.Psk => "pre-shared key",
            AuthClass.Eap => "EAP",
            AuthClass.XAuth => "XAuth",
            AuthClass.Null => "NULL",
            _ => null, // any; swanctl calls it unspecified
        });
        s.Add("revocation", round.Revocation switch { RevocationPolicy.Strict => "GOOD", RevocationPolicy.IfUri => "SKIPPED", _ => null });
        if (round.Class == AuthClass.Eap && EapWord.Name(round.Method) is { } eap) s.Add("eap-type", eap);
        s.Add("id", round.Id?.ToString());
        s.Add("ca_id", round.CaId?.ToString());
        s.Add("aaa_id", round.AaaId?.ToString());
        s.Add("eap_id", round.EapId?.ToString());
        s.AddList("groups", round.Groups).AddList("cert_policy", round.CertPolicies);
        s.AddList("certs", [.. round.Certificates.Select(Subject), .. round.PublicKeys.Select(_ => $"{round.Id ?? Identity.Any}")]).AddList("cacerts", round.CaCertificates.Select(Subject));
    }

    static void Child(ViciSection s, ChildConfig child)
    {
        s.Add("mode", SaRendering.Word(child.Mode));
        s.Add("rekey_time", Seconds(child.Lifetimes.Rekey)).Add("rekey_bytes", child.Lifetimes.RekeyBytes).Add("rekey_packets", child.Lifetimes.RekeyPackets);
        s.Add("dpd_action", Word(child.DpdAction)).Add("close_action", Word(child.CloseAction));
        s.AddList("local-ts", child.LocalTs.Select(t => t.ToString())).AddList("remote-ts", child.RemoteTs.Select(t => t.ToString()));
        if (child.Interface is { Length: > 0 } device) s.Add("interface", device);
        if (child.Priority != 0) s.Add("priority", child.Priority);
    }

    static string Word(ChildAction action) => action == (ChildAction.Trap | ChildAction.Start) ? "trap | start" : action.ToString().ToLowerInvariant();

    static long Seconds(TimeSpan span) => (long)span.TotalSeconds;

    static string Subject(byte[] der) => Certificate.TryParse(der, out _)?.Subject.ToString() ?? "(unreadable certificate)";
}
