// Pools of virtual addresses: load, unload, and who has which address. docs/vici.md.
using Cygnet.Pools;

namespace Cygnet.Control;

sealed class PoolCommands(IDaemon daemon, StateCommands changes)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["load-pool"] = changes.Wrap(Load);
        table["unload-pool"] = changes.Wrap(Unload);
        table["get-pools"] = (_, p) => Task.FromResult(Get(p.Message.Utf8("name"), p.Message.Boolean("leases")));
    }

    /// <summary>Each section in turn; the first error ends it, and leaves those before it loaded. With the same addresses the leases stay.</summary>
    static Change Load(LoadedState state, ViciPacket packet)
    {
        if (packet.Malformed) return Change.Refused(state, "parsing request failed");
        foreach (var section in packet.Message.Sections)
        {
            if (!LoadPool.TryParse(section, out var read, out var error)) return Change.Refused(state, error);
            var at = state.Pools.FindIndex(p => p.Name == read.Name);
            var former = at < 0 ? null : state.Pools[at].Addresses;
            var isSame = former is not null && (read.Range is { } range ? !former.IsEcho && former.Range == range : former.IsEcho);
            if (!isSame && former?.OnlineCount > 0) return Change.Refused(state, $"vici pool {read.Name} has online leases, unable to replace");
            var pool = new Pool(read.Name, isSame ? former! : read.Range is { } r ? new AddressPool(r) : AddressPool.Echo())
            {
                Attributes = read.Attributes, Source = read.Source, Note = read.Note,
            };
            state = state with { Pools = at < 0 ? state.Pools.Add(pool) : state.Pools.SetItem(at, pool) };
        }
        return Change.Done(state);
    }

    static Change Unload(LoadedState state, ViciPacket packet)
    {
        if (packet.Message.Text("name") is not { } name) return Change.Refused(state, "missing pool name to unload");
        var at = state.Pools.FindIndex(p => p.Name == name);
        if (at < 0) return Change.Refused(state, $"{name} not found");
        return state.Pools[at].Addresses.OnlineCount > 0 ? Change.Refused(state, $"{name} has online leases, unable to unload")
            : Change.Done(state with { Pools = state.Pools.RemoveAt(at) });
    }

    ViciSection Get(string? name, bool leases)
    {
        var response = new ViciSection();
        foreach (var pool in daemon.Store.Current.Pools.Where(p => name is null || p.Name == name))
        {
            var section = response.AddSection(pool.Name)
                .Add("base", pool.Addresses.Range.Base.ToString())
                .Add("size", pool.Addresses.Range.Size)
                .Add("online", pool.Addresses.OnlineCount)
                .Add("offline", pool.Addresses.OfflineCount);
            if (!leases) continue;
            var list = section.AddSection("leases");
            foreach (var (i, lease) in pool.Addresses.Leases().Index())
                list.AddSection($"{i}").Add("address", lease.Address.ToString()).Add("identity", lease.Owner.ToString()).Add("status", lease.IsOnline ? "online" : "offline");
        }
        return response;
    }
}
