// Traffic Selector payloads, TSi and TSr. RFC 7296 3.13.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Wire;

/// <summary>
/// The traffic that one side proposes or accepts. Selectors of a type that we do not know are left out, and <see cref="HasUnknown"/> says so.
/// </summary>
public sealed record TsPayload(PayloadType Type, ImmutableArray<TrafficSelector> Selectors) : Payload(Type)
{
    const byte Ipv4Range = 7, Ipv6Range = 8;

    /// <summary>Length of a selector's fields in front of its addresses.</summary>
    const int SelectorHeaderBytes = 8;

    public bool HasUnknown { get; init; }

    internal static TsPayload? Read(PayloadType type, ref WireReader r, ref string reason)
    {
        var count = r.U8();
        r.Skip(3);
        var selectors = ImmutableArray.CreateBuilder<TrafficSelector>();
        var unknown = false;
        var read = 0;
        for (; read < count && !r.AtEnd; read++)
        {
            var tsType = r.U8();
            var protocol = r.U8();
            var rest = r.Sub(r.U16() - 4);
            if (rest.Failed) return null;
            if (tsType is not (Ipv4Range or Ipv6Range))
            {
                unknown = true;
                continue;
            }
            var fromPort = rest.U16();
            var toPort = rest.U16();
            var ts = tsType == Ipv4Range
                ? new TrafficSelector(false, rest.U32(), rest.U32(), protocol, fromPort, toPort)
                : new TrafficSelector(true, rest.U128(), rest.U128(), protocol, fromPort, toPort);
            if (rest.Failed || !rest.AtEnd)
            {
                reason = "length of a selector does not fit its type";
                return null;
            }
            if (ts.From > ts.To || (fromPort > toPort && !ts.IsOpaque))
            {
                reason = "a selector's range ends before it starts";
                return null;
            }
            selectors.Add(ts);
        }
        // None at all is a list that nothing can be chosen from: strongSwan sends it where transport mode meets networks.
        if (read == count && r.AtEnd) return new(type, selectors.ToImmutable()) { HasUnknown = unknown };
        reason = "number of selectors does not fit the length";
        return null;
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U8(checked((byte)Selectors.Length));
        to.Zeros(3);
        foreach (var ts in Selectors)
        {
            to.U8(ts.IsIPv6 ? Ipv6Range : Ipv4Range);
            to.U8(ts.Protocol);
            to.U16((ushort)(SelectorHeaderBytes + (ts.IsIPv6 ? 32 : 8)));
            to.U16(ts.FromPort);
            to.U16(ts.ToPort);
            if (ts.IsIPv6)
            {
                to.U128(ts.From);
                to.U128(ts.To);
            }
            else
            {
                to.U32((uint)ts.From);
                to.U32((uint)ts.To);
            }
        }
    }
}
