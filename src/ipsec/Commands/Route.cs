// ipsec route and unroute. ipsec(8).
using Cygnet.Control;

namespace Cygnet.Command.Commands;

static class Route
{
    public static void Install(IVici charon, TextWriter to, TextWriter error, string name)
    {
        if (Lookup.Find(charon, name, out var unknown) is not { } children)
        {
            to.Write($"{unknown}\n");
            return;
        }
        foreach (var (ike, child) in children)
        {
            var answer = charon.Call("install", new ViciSection().Add("child", child.Name).Add("ike", ike));
            var done = answer?.Boolean("success") == true;
            if (!done && answer?.Utf8("errmsg") is { } reason && reason != $"installing policy '{child.Name}' failed") to.Write($"{reason}\n");
            // The reference has the reason in its log alone.
            if (!done && answer?.Utf8("x-reason") is { } why) error.Write($"{why}\n");
            if (child.Text("mode") is ("PASS" or "DROP") and var mode) to.Write($"'{name}' shunt {mode} policy {(done ? "installed" : "installation failed")}\n");
            else to.Write(done ? $"'{name}' routed\n" : $"routing '{name}' failed\n");
        }
    }

    public static void Uninstall(IVici charon, TextWriter to, string name)
    {
        var policies = Status.Events(charon, "list-policies", "list-policy", new ViciSection().Add("child", name).Add("trap", "yes").Add("pass", "yes").Add("drop", "yes"));
        var isShunt = policies.Exists(p => p.Text("child") == name && p.Text("mode") is "PASS" or "DROP");
        // No conn has a name that the protocol cannot carry.
        var answer = name.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : charon.Call("uninstall", new ViciSection().Add("child", name));
        if (answer?.Boolean("success") == true) to.Write(isShunt ? $"shunt policy '{name}' uninstalled\n" : $"trap policy '{name}' unrouted\n");
        else if (answer?.Utf8("errmsg") is { } reason && reason != $"policy '{name}' not found") to.Write($"{reason}\n");
        else to.Write($"configuration '{name}' not found\n");
    }
}
