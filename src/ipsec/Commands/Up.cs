// ipsec up. ipsec(8).
using Cygnet.Control;

namespace Cygnet.Command.Commands;

static class Up
{
    public static void Run(IVici charon, TextWriter to, string name)
    {
        if (Lookup.Find(charon, name, out var error) is not { } children)
        {
            to.Write($"{error}\n");
            return;
        }
        foreach (var (ike, child) in children)
        {
            var answer = charon.Call("initiate", new ViciSection().Add("child", child.Name).Add("ike", ike).Add("loglevel", 1), "control-log", e => Line(to, e));
            if (answer?.Boolean("success") == true)
            {
                to.Write($"connection '{name}' established successfully\n");
                continue;
            }
            // What the reference does not know (limits, a change of configuration meanwhile) is said as it comes.
            if (answer?.Utf8("errmsg") is { } reason && reason != $"establishing CHILD_SA '{child.Name}' failed") to.Write($"{reason}\n");
            to.Write($"establishing connection '{name}' failed\n");
        }
    }

    /// <summary>Initiates, and neither waits nor says how it goes on.</summary>
    public static void Begin(IVici charon, TextWriter to, string name)
    {
        if (Lookup.Find(charon, name, out var error) is not { } children) to.Write($"{error}\n");
        else
            foreach (var (ike, child) in children)
                charon.Call("initiate", new ViciSection().Add("child", child.Name).Add("ike", ike).Add("timeout", -1));
    }

    /// <summary>A log line that charon streams while it works for us.</summary>
    public static void Line(TextWriter to, ViciSection e) => to.Write($"{e.Utf8("msg")}\n");
}
