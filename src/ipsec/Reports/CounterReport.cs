// Counters of IKE messages and rekeyings, of the whole daemon or by connection. ipsec(8), listcounters.
using System.Text.Json;
using Cygnet.Control;

namespace Cygnet.Command.Reports;

/// <summary>The name of a connection, null for the whole daemon, or "all" for every connection by itself.</summary>
sealed class CounterReport : Report
{
    const string All = "all";

    /// <summary>Names of the protocol and of the text. docs/vici.md.</summary>
    static readonly (string Key, string Label)[] s_counters =
    [
        ("ike-rekey-init", "ikeInitRekey"), ("ike-rekey-resp", "ikeRspRekey"), ("child-rekey", "ikeChildSaRekey"), ("invalid", "ikeInInvalid"),
        ("invalid-spi", "ikeInInvalidSpi"), ("ike-init-in-req", "ikeInInitReq"), ("ike-init-in-resp", "ikeInInitRsp"), ("ike-init-out-req", "ikeOutInitReq"),
        ("ike-init-out-resp", "ikeOutInitRsp"), ("ike-auth-in-req", "ikeInAuthReq"), ("ike-auth-in-resp", "ikeInAuthRsp"), ("ike-auth-out-req", "ikeOutAuthReq"),
        ("ike-auth-out-resp", "ikeOutAuthRsp"), ("create-child-in-req", "ikeInCrChildReq"), ("create-child-in-resp", "ikeInCrChildRsp"),
        ("create-child-out-req", "ikeOutCrChildReq"), ("create-child-out-resp", "ikeOutCrChildRsp"), ("info-in-req", "ikeInInfoReq"), ("info-in-resp", "ikeInInfoRsp"),
        ("info-out-req", "ikeOutInfoReq"), ("info-out-resp", "ikeOutInfoRsp"),
    ];

    readonly string? _name;
    readonly List<ViciSection> _sets;

    public CounterReport(IVici charon, string? name)
    {
        _name = name;
        var request = new ViciSection();
        if (name == All) request.Add("all", "yes");
        else request.Add("name", name);
        var answer = charon.Call("get-counters", request);
        IsAvailable = answer is not null;
        _sets = [.. answer?.Section("counters")?.Sections ?? []];
    }

    bool IsAvailable { get; }

    public override void Write(TextWriter to)
    {
        if (!IsAvailable) to.Write("\nNo counters available (plugin missing?)\n\n");
        else if (_sets.Count == 0 && _name != All) to.Write($"No IKE counters found for '{_name}'\n");
        foreach (var set in _sets)
        {
            to.Write(set.Name == "" ? "\nList of IKE counters:\n\n" : $"\nList of IKE counters for '{set.Name}':\n\n");
            foreach (var (key, label) in s_counters) to.Write($"{label,-18} {set.Text(key) ?? "0",12}\n");
        }
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartArray();
        foreach (var set in _sets)
        {
            to.WriteStartObject();
            if (set.Name == "") to.WriteNull("connection");
            else to.WriteString("connection", set.Name);
            foreach (var (key, label) in s_counters) to.WriteNumber(label, set.Number(key));
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }
}
