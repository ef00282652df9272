// A peer's session as RADIUS servers know it: from the establishment of its IKE_SA to the end, over all rekeyings. RFC 2866.
using System.Collections.Immutable;
using Cygnet.Eap;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Radius;

/// <summary>What is known of the IKE_SA as of its last picture, and what passed through its children.</summary>
sealed class AccountingSession(string id, IkeSnapshot ike, Instant started)
{
    readonly Dictionary<int, (Esp.SaCounters In, Esp.SaCounters Out)> _children = [];
    ulong _bytesIn, _bytesOut, _packetsIn, _packetsOut;

    /// <summary>Acct-Session-Id; it stays when the IKE_SA is rekeyed.</summary>
    public string Id { get; } = id;

    public Instant Started { get; } = started;
    public IkeSnapshot Ike { get; private set; } = ike;
    public int UniqueId => Ike.UniqueId;
    public EapSa Sa => new(Ike.UniqueId, Ike.Name, Ike.Local, Ike.Remote);
    public string User => Ike.Grant?.UserName ?? (Ike.RemoteEapId ?? Ike.RemoteId)?.ToString() ?? "";
    public TerminateCause Cause { get; set; } = TerminateCause.UserRequest;

    /// <summary>How often to report between start and end; zero: never.</summary>
    public TimeSpan Interval { get; set; }
    public Instant NextInterim { get; set; } = Instant.Never;

    /// <summary>The start was reported, or is on its way: then the end will be too.</summary>
    public bool IsReported { get; set; }
    public bool IsEnded { get; set; }

    /// <summary>Reports go one after the other: an end must not overtake its start.</summary>
    public Queue<(AccountingStatus Status, RadiusAttributes Attributes)> Outbox { get; } = new();
    public bool IsSending { get; set; }

    /// <summary>A newer picture. Children that are gone from it have counted for the last time; <paramref name="also"/> are not in it, but are still there.</summary>
    public void Observe(IkeSnapshot ike, params ReadOnlySpan<ChildSnapshot> also)
    {
        // one that is being taken down may not know any more what it had
        Ike = ike with { Grant = ike.Grant ?? Ike.Grant, RemoteVips = ike.RemoteVips.IsEmpty ? Ike.RemoteVips : ike.RemoteVips, RemoteEapId = ike.RemoteEapId ?? Ike.RemoteEapId };
        HashSet<int> present = [];
        foreach (var child in ike.Children) Count(child);
        foreach (var child in also) Count(child);
        foreach (var gone in _children.Keys.Where(id => !present.Contains(id)).ToArray())
        {
            var (into, from) = _children[gone];
            _children.Remove(gone);
            (_bytesIn, _packetsIn) = (_bytesIn + into.Bytes, _packetsIn + into.Packets);
            (_bytesOut, _packetsOut) = (_bytesOut + from.Bytes, _packetsOut + from.Packets);
        }

        void Count(ChildSnapshot child)
        {
            // counters only grow; a child whose SAs are gone already counts nothing any more
            if (!present.Add(child.UniqueId)) return;
            var (into, from) = _children.GetValueOrDefault(child.UniqueId);
            _children[child.UniqueId] = (child.In.Packets >= into.Packets ? child.In : into, child.Out.Packets >= from.Packets ? child.Out : from);
        }
    }

    /// <summary>What came from the peer and what went to it.</summary>
    public (ulong BytesIn, ulong BytesOut, ulong PacketsIn, ulong PacketsOut) Usage()
    {
        var usage = (BytesIn: _bytesIn, BytesOut: _bytesOut, PacketsIn: _packetsIn, PacketsOut: _packetsOut);
        foreach (var (into, from) in _children.Values)
            usage = (usage.BytesIn + into.Bytes, usage.BytesOut + from.Bytes, usage.PacketsIn + into.Packets, usage.PacketsOut + from.Packets);
        return usage;
    }
}
