// What runs: ipsec status and statusall, as text and as JSON.
using System.Text.Json;
using Cygnet.Command.Commands;
using Cygnet.Control;

namespace Cygnet.Command.Reports;

/// <summary>With <paramref name="all"/> the daemon, its pools and connections too; without <paramref name="wait"/> SAs that are busy are left out.</summary>
sealed class StatusReport(IVici charon, bool all, string? name, bool wait = true) : Report
{
    public override void Write(TextWriter to) => Status.Print(charon, to, all, name, wait);

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartObject();
        if (all)
        {
            to.WritePropertyName("daemon");
            Json.Write(to, charon.Call("version") ?? new());
            to.WritePropertyName("stats");
            Json.Write(to, charon.Call("stats") ?? new());
            Json.Write(to, "pools", (charon.Call("get-pools")?.Sections ?? []).Where(p => p.Number("size") > 0 && (name is null || p.Name == name)));
            Json.Strings(to, "addresses", charon.Call("x-list-addresses")?.List("addresses") ?? []);
            Json.Write(to, "connections", Status.Events(charon, "list-conns", "list-conn", new ViciSection().Add("x-name", name)).Where(c => name is null || c.Name == name));
        }
        Json.Write(to, "policies", Status.PolicyEvents(charon, name));
        Json.Write(to, "sas", Status.SaEvents(charon, wait).Select(Chosen).OfType<ViciSection>());
        to.WriteEndObject();
    }

    /// <summary>The SA with those of its children that the name means; null if it means none of it.</summary>
    ViciSection? Chosen(ViciSection ike)
    {
        if (name is null) return ike;
        var chosen = new ViciSection(ike.Name);
        foreach (var element in ike.Elements)
            if (element is not ViciSection { Name: "child-sas" } children) chosen.Add(element);
            else chosen.AddSection(children.Name).Elements.AddRange(children.Sections.Where(c => c.Text("name") == name));
        return ike.Name == name || chosen.Section("child-sas")?.Sections.Any() == true ? chosen : null;
    }
}
