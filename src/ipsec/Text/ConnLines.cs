// The lines of a loaded connection in statusall, from list-conn events. ipsec(8).
using System.Text;
using Cygnet.Control;

namespace Cygnet.Command.Text;

static class ConnLines
{
    /// <summary>The lines of a connection; of one that continues those of its further children.</summary>
    public static void Write(StringBuilder to, ViciSection conn)
    {
        var dpd = conn.Number("dpd_delay");
        if (!conn.Boolean("x-continued"))
        {
            var head = $"{conn.Name,12}:  ";
            to.Append($"{head}{Addresses(conn, "local")}...{Addresses(conn, "remote")}  {conn.Text("version")}");
            if (conn.Boolean("x-aggressive")) to.Append(" Aggressive");
            to.Append(dpd > 0 ? $", dpddelay={dpd}s\n" : "\n");
            Rounds("local-", "local: ");
            Rounds("remote-", "remote:");

            void Rounds(string prefix, string side)
            {
                foreach (var element in conn.Elements)
                    if (element is ViciSection round && round.Name.StartsWith(prefix, StringComparison.Ordinal)) Round(to, head, side, round);
            }
        }
        foreach (var element in conn.Section("children")?.Elements ?? [])
            if (element is ViciSection child)
                to.Append($"{child.Name,12}:   child:  {SaLines.Selectors(child)} {child.Text("mode")}{(dpd > 0 ? $", dpdaction={child.Text("dpd_action")}" : "")}\n");
    }

    /// <summary>How we authenticate, round by round.</summary>
    public static string LocalClasses(ViciSection conn)
    {
        string? all = null;
        foreach (var element in conn.Elements)
            if (element is ViciSection round && round.Name.StartsWith("local-", StringComparison.Ordinal))
                all = all is null ? round.Text("class") ?? "any" : $"{all}+{round.Text("class") ?? "any"}";
        return all ?? "";
    }

    static void Round(StringBuilder to, string head, string side, ViciSection round)
    {
        to.Append($"{head} {side}{(round.Utf8("id") is { } own ? $" [{own}]" : "")} uses {Class(round)}\n");
        foreach (var ca in round.List("cacerts")) Detail("ca:    ", ca);
        if (round.Utf8("ca_id") is { } id) Detail("ca:    ", id);
        foreach (var im in round.List("x-im-ca")) Detail("im-ca: ", im);
        if (round.List("certs") is [var cert, ..]) Detail("cert:  ", cert);
        if (round.Text("revocation") is { } revocation)
            to.Append($"{head}  crl:   status must be GOOD{(revocation == "SKIPPED" ? " or SKIPPED" : "")}\n");
        foreach (var group in round.List("groups")) to.Append($"{head}  group: {group}\n");

        void Detail(string label, string name) => to.Append($"{head}  {label}\"{name}\"\n");
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
