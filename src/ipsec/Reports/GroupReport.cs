// The groups that connections ask for and that attribute certificates grant. The reference's listgroups prints its usage; ipsec(8) promises a list.
using System.Text.Json;
using Cygnet.Command.Commands;
using Cygnet.Control;
using Cygnet.Pki;

namespace Cygnet.Command.Reports;

/// <summary>Each group with the conns of which a peer has to be a member of it, and with the holders of loaded attribute certificates that name it.</summary>
sealed class GroupReport : Report
{
    sealed record Group(SortedSet<string> Conns, SortedSet<string> Members);

    readonly SortedDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public GroupReport(IVici charon)
    {
        foreach (var connection in Status.Events(charon, "list-conns", "list-conn"))
            foreach (var group in connection.Sections.Where(s => s.Name.StartsWith("remote", StringComparison.Ordinal)).SelectMany(r => r.List("groups")))
                // A connection is made of conns with the same settings, its groups among them.
                Find(group).Conns.UnionWith((connection.Section("children")?.Sections ?? []).Select(c => c.Name));
        charon.Call("list-certs", new ViciSection().Add("type", "X509_AC").Add("x-ext", "yes"), "list-cert", e =>
        {
            if (AttributeCertificate.TryParse(e.Bytes("data") ?? [], out _) is not { } attributes) return;
            foreach (var group in attributes.Groups) Find(group.Value).Members.Add(attributes.ToString());
        });

        Group Find(string name)
        {
            if (!_groups.TryGetValue(name, out var group)) _groups.Add(name, group = new(new(StringComparer.Ordinal), new(StringComparer.Ordinal)));
            return group;
        }
    }

    public override void Write(TextWriter to)
    {
        if (_groups.Count > 0) to.Write("\nList of Groups\n");
        foreach (var (name, group) in _groups)
        {
            to.Write($"\n  group:     {name}\n");
            if (group.Conns.Count > 0) to.Write($"  conns:     {string.Join(", ", group.Conns)}\n");
            foreach (var (i, member) in group.Members.Index()) to.Write($"  {(i == 0 ? "members:   " : "           ")}\"{member}\"\n");
        }
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var (name, group) in _groups)
        {
            to.WriteStartObject();
            to.WriteString("group", name);
            Json.Strings(to, "conns", group.Conns);
            Json.Strings(to, "members", group.Members);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }
}
