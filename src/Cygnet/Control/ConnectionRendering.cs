// A configured connection as the list-conn event shows it.
using System.Collections.Immutable;
using Cygnet.Pki;
using Cygnet.Policy;

namespace Cygnet.Control;

static class ConnectionRendering
{
    /// <summary>Of children, in one event; the settings have room beside them, and nobody sees a connection of a few hundred divided.</summary>
    const int EnoughBytes = Vici.MaxSegment / 2;

    /// <summary>
    /// The events for a connection: one, or, where one would be too long for the protocol, further ones with the same settings, <c>x-continued=yes</c> and the rest
    /// of the children.
    /// </summary>
    /// <param name="only">Shows this child alone, if the connection has it; null: all.</param>
    public static IEnumerable<ViciSection> ListConn(Connection c, string? only = null)
    {
        var (message, children, bytes) = (new ViciSection(), Settings(c, false, out var first), 0);
        message.Add(first);
        foreach (var child in Children(c, only))
        {
            var shown = new ViciSection(child.Name);
            Child(shown, child);
            var length = Vici.LengthOf(shown);
            if (bytes > 0 && bytes + length > EnoughBytes)
            {
                yield return message;
                (message, children, bytes) = (new(), Settings(c, true, out var next), 0);
                message.Add(next);
            }
            children.Add(shown);
            bytes += length;
        }
        yield return message;
    }

    /// <summary>Returns the section of the children, which is empty.</summary>
    static ViciSection Settings(Connection c, bool isContinued, out ViciSection s)
    {
        s = new ViciSection(c.Name)
            .AddList("local_addrs", c.LocalAddrs)
            .AddList("remote_addrs", c.RemoteAddrs)
            .Add("local_port", c.LocalPort)
            .Add("remote_port", c.RemotePort)
            .Add("version", Word(c.Version))
            .Add("reauth_time", Seconds(c.ReauthTime))
            .Add("rekey_time", Seconds(c.RekeyTime))
            .Add("unique", $"UNIQUE_{c.Unique.ToString().ToUpperInvariant()}");
        if (c.DpdDelay > TimeSpan.Zero) s.Add("dpd_delay", Seconds(c.DpdDelay));
        if (c.DpdTimeout > TimeSpan.Zero) s.Add("dpd_timeout", Seconds(c.DpdTimeout));
        if (c.PpkId.Length > 0) s.Add("ppk_id", Identity.Parse(c.PpkId).ToString());
        if (c.PpkRequired) s.Add("ppk_required", "yes");
        for (var i = 0; i < c.Local.Length; i++) Round(s.AddSection($"local-{i + 1}"), c.Local[i]);
        for (var i = 0; i < c.Remote.Length; i++) Round(s.AddSection($"remote-{i + 1}"), c.Remote[i]);
        if (isContinued) s.Add("x-continued", "yes");
        return s.AddSection("children");
    }

    /// <summary>The child of that name alone, if the connection has it; else all.</summary>
    public static ImmutableArray<ChildConfig> Children(Connection c, string? only) =>
        only is not null && c.Children.FirstOrDefault(child => child.Name == only) is { } one ? [one] : c.Children;

    static void Round(ViciSection s, AuthRound round)
    {
        s.Add("class", Word(round.Class)).Add("revocation", Word(round.Revocation));
        if (round.Class == AuthClass.Eap && EapWord.Type(round.Method) is { } eap)
        {
            s.Add("eap-type", (eap with { Vendor = 0 }).ToString());
            if (eap.Vendor > 0) s.Add("eap-vendor", eap.Vendor);
        }
        s.Add("id", round.Id?.ToString());
        s.Add("ca_id", round.CaId?.ToString());
        s.Add("aaa_id", round.AaaId?.ToString());
        s.Add("eap_id", round.EapId?.ToString());
        s.AddList("groups", round.Groups).AddList("cert_policy", round.CertPolicies);
        s.AddList("certs", Certificates(round)).AddList("cacerts", round.CaCertificates.Select(Subject));
    }

    /// <summary>The subjects of our or the peer's certificates; of a bare key whose it is.</summary>
    public static IEnumerable<string> Certificates(AuthRound round) => [.. round.Certificates.Select(Subject), .. round.PublicKeys.Select(_ => $"{round.Id ?? Identity.Any}")];

    public static string Word(IkeVersion version) => version switch { IkeVersion.V1 => "IKEv1", IkeVersion.V2 => "IKEv2", _ => "IKEv1/2" };

    /// <summary>Null is any; swanctl calls it unspecified.</summary>
    public static string? Word(AuthClass @class) => @class switch
    {
        AuthClass.PublicKey => "public key",
        AuthClass.Psk => "pre-shared key",
        AuthClass.Eap => "EAP",
        AuthClass.XAuth => "XAuth",
        AuthClass.Null => "NULL",
        _ => null,
    };

    public static string? Word(RevocationPolicy policy) => policy switch { RevocationPolicy.Strict => "GOOD", RevocationPolicy.IfUri => "SKIPPED", _ => null };

    static void Child(ViciSection s, ChildConfig child)
    {
        s.Add("mode", SaRendering.Word(child.Mode));
        s.Add("rekey_time", Seconds(child.Lifetimes.Rekey)).Add("rekey_bytes", child.Lifetimes.RekeyBytes).Add("rekey_packets", child.Lifetimes.RekeyPackets);
        s.Add("dpd_action", Word(child.DpdAction)).Add("close_action", Word(child.CloseAction));
        s.AddList("local-ts", child.LocalTs.Select(t => t.ToString())).AddList("remote-ts", child.RemoteTs.Select(t => t.ToString()));
        if (child.Interface is { Length: > 0 } device) s.Add("interface", device);
        if (child.Priority != 0) s.Add("priority", child.Priority);
    }

    public static string Word(ChildAction action) => action == (ChildAction.Trap | ChildAction.Start) ? "trap | start" : action.ToString().ToLowerInvariant();

    public static long Seconds(TimeSpan span) => (long)span.TotalSeconds;

    public static string Subject(byte[] der) => Certificate.TryParse(der, out _)?.Subject.ToString() ?? "(unreadable certificate)";
}
