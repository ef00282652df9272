// Trap and shunt policies. The data plane knows traps; the engine does not install them yet.
namespace Cygnet.Control;

static class PolicyCommands
{
    public static void AddTo(Dictionary<string, Command> table)
    {
        table["install"] = (_, p) => Task.FromResult(p.Message.Text("child") is null
            ? Answer.No("missing configuration name") : Answer.NotBuilt("a trap or shunt policy"));
        table["uninstall"] = (_, p) => Task.FromResult(p.Message.Text("child") is { } child
            ? Answer.No($"policy '{child}' not found") : Answer.No("missing configuration name"));
        // Nothing can be installed, so there is nothing to list.
        table["list-policies"] = (_, _) => Task.FromResult(new ViciSection());
    }
}
