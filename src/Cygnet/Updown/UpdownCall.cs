// What a script is told when a CHILD_SA comes up or goes down: a set of variables for each pair of selectors. ipsec.conf(5), leftupdown; docs/updown.md.
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Updown;

/// <summary>Where packets of tunnels meet the host's firewall: the device that has our outer address, and that of the user-space plane, if it is in use.</summary>
public sealed record UpdownDevices(string? Outer, string? Tun);

/// <summary>One run of the script.</summary>
/// <param name="Command">For <c>/bin/sh -c</c>.</param>
/// <param name="Variables">Its whole environment but PATH, in the reference's order.</param>
public sealed record UpdownCall(string Command, IReadOnlyList<(string Name, string Value)> Variables)
{
    const int Icmp = 1, Icmp6 = 58;

    /// <summary>Whether the tunnel comes up.</summary>
    public bool IsUp => Text("PLUTO_VERB").StartsWith("up-", StringComparison.Ordinal);

    public string Connection => Text("PLUTO_CONNECTION");

    string Text(string name) => Variables.FirstOrDefault(v => v.Name == name).Value ?? "";

    /// <summary>The runs that an event asks for: one for each pair of selectors, if the conn has a script; none for other events.</summary>
    public static IEnumerable<UpdownCall> Of(SaEvent e, Func<Address, UpdownDevices> devices)
    {
        if (e is not SaEvent.ChildUpDown(var up, var ike, { Updown: { } command } child)) yield break;
        var where = devices(ike.Local.Address);
        foreach (var mine in child.LocalTs)
            foreach (var peers in child.RemoteTs.Where(t => t.IsIPv6 == mine.IsIPv6))
                yield return new(command, [.. VariablesOf(up, ike, child, mine, peers, where)]);
    }

    static IEnumerable<(string, string)> VariablesOf(bool up, IkeSnapshot ike, ChildSnapshot child, TrafficSelector mine, TrafficSelector peers, UpdownDevices where)
    {
        var isHost = mine.IsHost && mine.Contains(ike.Local.Address);
        yield return ("PLUTO_VERSION", "1.1");
        yield return ("PLUTO_VERB", $"{(up ? "up" : "down")}{(isHost ? "-host" : "-client")}{(mine.IsIPv6 ? "-v6" : "")}");
        yield return ("PLUTO_CONNECTION", child.Name);
        yield return ("PLUTO_INTERFACE", where.Outer ?? "unknown");
        yield return ("PLUTO_REQID", Number(child.Reqid));
        yield return ("PLUTO_PROTO", child.Protocol == SecurityProtocol.Ah ? "ah" : "esp");
        yield return ("PLUTO_UNIQUEID", Number((uint)ike.UniqueId));
        foreach (var pair in Side("ME", "MY", ike.Local.Address, ike.LocalId, mine)) yield return pair;
        foreach (var pair in Side("PEER", "PEER", ike.Remote.Address, ike.RemoteId, peers)) yield return pair;
        if (ike.RemoteEapId is { } eap) yield return ("PLUTO_XAUTH_ID", eap.ToString());
        foreach (var pair in Addresses("PLUTO_MY_SOURCEIP", ike.LocalVips, hasFirst: true)) yield return pair;
        foreach (var pair in Addresses("PLUTO_PEER_SOURCEIP", ike.RemoteVips, hasFirst: true)) yield return pair;
        if (child.Marks is { } marks)
        {
            if (marks.In.Value != 0) yield return ("PLUTO_MARK_IN", $"{marks.In.Value}/0x{marks.In.Mask:x8}");
            if (marks.Out.Value != 0) yield return ("PLUTO_MARK_OUT", $"{marks.Out.Value}/0x{marks.Out.Mask:x8}");
            if (marks.IfIdIn != 0) yield return ("PLUTO_IF_ID_IN", Number(marks.IfIdIn));
            if (marks.IfIdOut != 0) yield return ("PLUTO_IF_ID_OUT", Number(marks.IfIdOut));
        }
        if (child.UdpEncapsulation) yield return ("PLUTO_UDP_ENC", Number(ike.Remote.Port));
        if (child.CpiOut != 0) yield return ("PLUTO_IPCOMP", "1");
        foreach (var pair in Addresses("PLUTO_DNS", ike.NameServers, hasFirst: false)) yield return pair;
        if (child.HostAccess) yield return ("PLUTO_HOST_ACCESS", "1");
        // ours: packets from inside a tunnel come from this device, not out of the kernel's transformation
        if (where.Tun is { } tun) yield return ("CYGNET_TUN", tun);
    }

    static IEnumerable<(string, string)> Side(string end, string side, Address host, Identity? id, TrafficSelector ts)
    {
        var (network, prefix) = ts.Cover();
        yield return ($"PLUTO_{end}", host.ToString());
        yield return ($"PLUTO_{side}_ID", id?.ToString() ?? "%any");
        yield return ($"PLUTO_{side}_CLIENT", $"{(network.IsAny ? network.IsIPv6 ? "::" : "0.0.0.0" : network)}/{Number((uint)prefix)}");
        yield return ($"PLUTO_{side}_PORT", Port(ts));
        yield return ($"PLUTO_{side}_PROTOCOL", Number(ts.Protocol));
    }

    // All ports are port 0; a range is shown with both ends. For ICMP it is the type and, where one is meant, the code.
    static string Port(TrafficSelector ts)
    {
        if (ts.FromPort == 0 && ts.ToPort == ushort.MaxValue) return "0";
        if (ts.Protocol is Icmp or Icmp6) return (ts.FromPort & 0xff) == 0 && (ts.ToPort & 0xff) == 0xff ? Number((uint)ts.FromPort >> 8) : $"{ts.FromPort >> 8}/{ts.FromPort & 0xff}";
        return ts.FromPort == ts.ToPort ? Number(ts.FromPort) : $"{ts.FromPort}:{ts.ToPort}";
    }

    static IEnumerable<(string, string)> Addresses(string name, IReadOnlyCollection<Address> all, bool hasFirst)
    {
        if (hasFirst && all.Count > 0) yield return (name, all.First().ToString());
        foreach (var family in all.GroupBy(a => a.IsIPv6))
        {
            var number = 0;
            foreach (var address in family) yield return ($"{name}{(family.Key ? '6' : '4')}_{++number}", address.ToString());
        }
    }

    static string Number(uint n) => n.ToString(CultureInfo.InvariantCulture);
}
