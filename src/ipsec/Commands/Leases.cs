// ipsec leases [pool [address]]. ipsec-command.md, after section 4.
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Command.Commands;

/// <summary>Prints who has which virtual address. The pools of %config, which keep no leases, are left out.</summary>
static class Leases
{
    public static void Run(IVici charon, TextWriter to, string? name, string? address)
    {
        List<ViciSection> pools = [.. (charon.Call("get-pools", new ViciSection().Add("leases", "yes"))?.Sections ?? [])
            .Where(p => p.Number("size") > 0 && (name is null || p.Name == name))];
        foreach (var pool in pools)
        {
            var (online, offline) = (pool.Number("online"), pool.Number("offline"));
            to.Write($"Leases in pool '{pool.Name}', usage: {online + offline}/{pool.Text("size")}, {online} online\n");
            List<ViciSection> leases = [.. (pool.Section("leases")?.Sections ?? []).Where(l => address is null || Same(l.Text("address"), address))];
            foreach (var lease in leases) to.Write($"  {lease.Text("address"),15}   {lease.Text("status")}   '{lease.Utf8("identity")}'\n");
            if (leases.Count == 0) to.Write("  no matching leases found\n");
        }
        if (pools.Count == 0) to.Write(name is null ? "no pools found\n" : $"pool '{name}' not found\n");
    }

    static bool Same(string? a, string b) => Address.TryParse(a, out var x) && Address.TryParse(b, out var y) && x == y;
}
