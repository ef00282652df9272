// Which children a name of ipsec.conf means: conns with equal IKE settings are children of one connection. docs/vici.md.
using Cygnet.Control;

namespace Cygnet.Command.Commands;

static class Lookup
{
    /// <summary>
    /// A connection with a child of that name: that child. A connection without one: all its children. Else any connection with such a child.
    /// Null, with the line to print, if there is none.
    /// </summary>
    public static List<(string Ike, ViciSection Child)>? Find(IVici charon, string name, out string error)
    {
        error = "";
        var connections = Status.Events(charon, "list-conns", "list-conn", new ViciSection().Add("x-child", name));
        if (connections.Find(c => c.Name == name) is { } named)
        {
            var children = Children(named);
            if (children.Find(c => c.Name == name) is { } own) return [(name, own)];
            if (children.Count > 0) return [.. children.Select(c => (name, c))];
            error = $"no child config named '{name}'";
            return null;
        }
        foreach (var connection in connections)
            if (Children(connection).Find(c => c.Name == name) is { } child) return [(connection.Name, child)];
        error = $"no config named '{name}'";
        return null;
    }

    static List<ViciSection> Children(ViciSection connection) => [.. connection.Section("children")?.Sections ?? []];
}
