// load-conn of a connection with more children than a message carries: its parts are kept until the last has come. docs/vici.md.
using System.Collections.Immutable;

namespace Cygnet.Control;

/// <summary>The children that have come so far, in parts of so many requests.</summary>
public sealed record IncomingConnection(int Parts, long Bytes, ImmutableList<ViciElement> Children);

static class ConnectionParts
{
    const string Part = "x-part", More = "x-more", Children = "children";
    const long MaxBytes = 1 << 26;

    public static bool IsPart(ViciSection section) => section.Has(Part) || section.Has(More);

    /// <summary>Without what says that it is a part, for a look at it alone.</summary>
    public static ViciSection Alone(ViciSection section) => IsPart(section) ? With(section, section.Section(Children)?.Elements ?? []) : section;

    /// <summary>
    /// Takes one part in. The state keeps it if there are more to come; with the last one <paramref name="children"/> are all of them. False with the reason if
    /// it does not follow on the one before: then what had come is forgotten.
    /// </summary>
    public static bool TryTake(ref LoadedState state, ViciSection section, out IReadOnlyList<ViciElement>? children, out string error)
    {
        children = null;
        error = "";
        var before = state.IncomingConnections.GetValueOrDefault(section.Name);
        var number = section.Number(Part, -1);
        state = Forget(state, section.Name);
        if (number == 0) before = new(0, 0, []);
        if (before is null || before.Parts != number)
        {
            error = $"part {number} of connection '{section.Name}' comes without those before it";
            return false;
        }
        var own = section.Section(Children);
        var now = new IncomingConnection(before.Parts + 1, before.Bytes + (own is null ? 0 : Vici.LengthOf(own)), before.Children.AddRange(own?.Elements ?? []));
        if (now.Bytes > MaxBytes)
        {
            error = $"connection '{section.Name}' with more than {MaxBytes} bytes of children is not loaded";
            return false;
        }
        if (section.Boolean(More)) state = state with { IncomingConnections = state.IncomingConnections.SetItem(section.Name, now) };
        else children = now.Children;
        return true;
    }

    /// <summary>The section with these children, and nothing that says that it came in parts.</summary>
    public static ViciSection With(ViciSection section, IEnumerable<ViciElement> children)
    {
        var whole = new ViciSection(section.Name);
        foreach (var element in section.Elements)
            if (element is ViciSection { Name: Children }) whole.AddSection(Children).Elements.AddRange(children);
            else if (element is not ViciValue { Name: Part or More }) whole.Add(element);
        return whole;
    }

    /// <summary>Without the parts of a connection that is loaded otherwise, or unloaded.</summary>
    public static LoadedState Forget(LoadedState state, string name) =>
        state.IncomingConnections.ContainsKey(name) ? state with { IncomingConnections = state.IncomingConnections.Remove(name) } : state;
}
