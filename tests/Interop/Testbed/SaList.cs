// What `ipsec statusall` says of SAs, read the way that scripts read it.
using System.Text.RegularExpressions;

namespace Cygnet.Interop.Testbed;

/// <summary>The SAs in the answer of one daemon.</summary>
public sealed partial record SaList(IReadOnlyList<SaList.IkeSa> Ike, IReadOnlyList<SaList.ChildSa> Children)
{
    public sealed record IkeSa(string Name, string Id, string State, string Spis);

    public sealed record ChildSa(string Name, string Id, string State, string SpiIn, string SpiOut, bool IsUdp);

    public static SaList Parse(string text)
    {
        List<IkeSa> ike = [];
        List<ChildSa> children = [];
        var spis = IkeSpis().Matches(text).ToDictionary(m => m.Groups["id"].Value, m => m.Groups["i"].Value + " " + m.Groups["r"].Value);
        foreach (Match m in IkeState().Matches(text))
            ike.Add(new(m.Groups["name"].Value, m.Groups["id"].Value, m.Groups["state"].Value, spis.GetValueOrDefault(m.Groups["id"].Value, "")));
        foreach (Match m in ChildState().Matches(text))
            children.Add(new(m.Groups["name"].Value, m.Groups["id"].Value, m.Groups["state"].Value, m.Groups["in"].Value, m.Groups["out"].Value, m.Groups["udp"].Success));
        return new(ike, children);
    }

    [GeneratedRegex(@"^ *(?<name>\S+)\[(?<id>\d+)\]: (?<state>CREATED|CONNECTING|ESTABLISHED|PASSIVE|REKEYING|REKEYED|DELETING|DESTROYING)[ ,]", RegexOptions.Multiline)]
    private static partial Regex IkeState();

    [GeneratedRegex(@"^ *\S+\[(?<id>\d+)\]: IKEv2 SPIs: (?<i>[0-9a-f]{16})_i\*? (?<r>[0-9a-f]{16})_r", RegexOptions.Multiline)]
    private static partial Regex IkeSpis();

    [GeneratedRegex(@"^ *(?<name>\S+)\{(?<id>\d+)\}:  (?<state>[A-Z]+), \S+, reqid \d+, ESP(?<udp> in UDP)? SPIs: (?<in>[0-9a-f]{8})_i (?<out>[0-9a-f]{8})_o", RegexOptions.Multiline)]
    private static partial Regex ChildState();
}
