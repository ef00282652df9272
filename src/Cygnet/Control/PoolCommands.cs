// Pools of virtual addresses: none can be loaded yet.
namespace Cygnet.Control;

static class PoolCommands
{
    public static void AddTo(Dictionary<string, Command> table)
    {
        table["load-pool"] = (_, _) => Task.FromResult(Answer.NotBuilt("a pool of virtual addresses"));
        table["unload-pool"] = (_, p) => Task.FromResult(p.Message.Text("name") is { } name
            ? Answer.No($"{name} not found") : Answer.No("missing pool name to unload"));
        table["get-pools"] = (_, _) => Task.FromResult(new ViciSection());
    }
}
