// The lines of a loaded connection in statusall, from list-conn events. ipsec(8).
using Cygnet.Control;

namespace Cygnet.Command.Text;

static class ConnLines
{
    public static void Write(TextWriter to, ViciSection conn)
    {
        var head = $"{conn.Name,12}:  ";
        var dpd = conn.Number("dpd_delay");
        to.Write($"{head}{Addresses(conn, "local")}...{Addresses(conn, "remote")}  {conn.Text("version")}");
        if (conn.Boolean("x-aggressive")) to.Write(" Aggressive");
        to.Write(dpd > 0 ? $", dpddelay={dpd}s\n" : "\n");
        foreach (var round in Rounds(conn, "local")) Round(to, head, "local: ", round);
        foreach (var round in Rounds(conn, "remote")) Round(to, head, "remote:", round);
        foreach (var child in conn.Section("children")?.Sections ?? [])
            to.Write($"{child.Name,12}:   child:  {SaLines.Selectors(child)} {child.Text("mode")}{(dpd > 0 ? $", dpdaction={child.Text("dpd_action")}" : "")}\n");
    }

    /// <summary>The authentication rounds of a side, in order.</summary>
    public static IEnumerable<ViciSection> Rounds(ViciSection conn, string side) =>
        conn.Sections.Where(s => s.Name.StartsWith($"{side}-", StringComparison.Ordinal));

    static void Round(TextWriter to, string head, string side, ViciSection round)
    {
        to.Write($"{head} {side}{(round.Utf8("id") is { } id ? $" [{id}]" : "")} uses {Class(round)}\n");
        Detail("ca:    ", round.List("cacerts").Concat(round.Utf8("ca_id") is { } ca ? [ca] : []));
        Detail("im-ca: ", round.List("x-im-ca"));
        Detail("cert:  ", round.List("certs").Take(1));
        if (round.Text("revocation") is { } revocation)
            to.Write($"{head}  crl:   status must be GOOD{(revocation == "SKIPPED" ? " or SKIPPED" : "")}\n");
        foreach (var group in round.List("groups")) to.Write($"{head}  group: {group}\n");

        void Detail(string label, IEnumerable<string> names)
        {
            foreach (var name in names) to.Write($"{head}  {label}\"{name}\"\n");
        }
    }

    static string Class(ViciSection round)
    {
        switch (round.Text("class"))
        {
            case "EAP":
                var type = round.Text("eap-type") ?? "EAP";
                var vendor = round.Text("eap-vendor");
                // An expanded type is two numbers: only here they bear the prefix of the names.
                return $"{(char.IsDigit(type[0]) ? "EAP_" : "")}{type}{(vendor is null ? "" : $"-{vendor}")} authentication{With("EAP", round.Utf8("eap_id"))}";
            case "XAuth":
                return $"XAuth authentication: {round.Text("xauth") ?? "any"}{With("XAuth", round.Utf8("xauth_id"))}";
            case var other:
                return $"{other ?? "any"} authentication";
        }
    }

    static string With(string kind, string? identity) => identity is null ? "" : $" with {kind} identity '{identity}'";

    // The text as configured, where the daemon kept it.
    static string Addresses(ViciSection conn, string side) => conn.Text($"x-{side}") ?? string.Join(',', conn.List($"{side}_addrs"));
}
