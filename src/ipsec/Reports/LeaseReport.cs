// ipsec leases [pool [address]]: who has which virtual address. ipsec(8).
using System.Text.Json;
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Command.Reports;

/// <summary>The pools of %config, which keep no leases, are left out.</summary>
sealed class LeaseReport(IVici charon, string? name, string? address) : Report
{
    readonly List<ViciSection> _pools = [.. (charon.Call("get-pools", new ViciSection().Add("leases", "yes"))?.Sections ?? [])
        .Where(p => p.Number("size") > 0 && (name is null || p.Name == name))];

    public override void Write(TextWriter to)
    {
        foreach (var pool in _pools)
        {
            var (online, offline) = (pool.Number("online"), pool.Number("offline"));
            to.Write($"Leases in pool '{pool.Name}', usage: {online + offline}/{pool.Text("size")}, {online} online\n");
            List<ViciSection> leases = [.. Of(pool)];
            foreach (var lease in leases) to.Write($"  {lease.Text("address"),15}   {lease.Text("status")}   '{lease.Utf8("identity")}'\n");
            if (leases.Count == 0) to.Write("  no matching leases found\n");
        }
        if (_pools.Count == 0) to.Write(name is null ? "no pools found\n" : $"pool '{name}' not found\n");
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var pool in _pools)
        {
            to.WriteStartObject();
            to.WriteString("pool", pool.Name);
            foreach (var key in (string[])["size", "online", "offline"]) to.WriteNumber(key, pool.Number(key));
            to.WriteStartArray("leases");
            foreach (var lease in Of(pool)) Json.Write(to, lease);
            to.WriteEndArray();
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    IEnumerable<ViciSection> Of(ViciSection pool) => (pool.Section("leases")?.Sections ?? []).Where(l => IsMeant(l.Text("address")));

    /// <summary>As in the reference, what is no address leaves none out; those of %any do.</summary>
    bool IsMeant(string? leased) => !Address.TryParse(address, out var wanted) ? address is not ("%any" or "%any4" or "%any6") : Address.TryParse(leased, out var one) && one == wanted;
}
