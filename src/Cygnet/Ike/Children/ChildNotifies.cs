// What notifies agree on for a CHILD_SA besides proposals and selectors: mode, IPComp, TFC padding. RFC 7296 1.3.1, 2.22, 2.23.1, 3.10.1.
using System.Collections.Immutable;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

static class ChildNotifies
{
    const byte Deflate = 2; // RFC 7296 3.10.1; the only transform that anybody has

    /// <summary>Before the SA payload, in requests and responses alike: what the child asks for, or what was agreed on.</summary>
    public static IEnumerable<Payload> Leading(ChildSa child)
    {
        if (child.CpiIn != 0) yield return new NotifyPayload(NotifyType.IpcompSupported, [(byte)(child.CpiIn >> 8), (byte)child.CpiIn, Deflate]);
        if (child.Mode == ChildMode.Transport) yield return new NotifyPayload(NotifyType.UseTransportMode, []);
        if (child.Ike.Engine.Host.DataPlane.TakesTfcPadding(child.Mode) is false) yield return new NotifyPayload(NotifyType.EspTfcPaddingNotSupported, []);
    }

    /// <summary>Behind the selectors: BEET, which is strongSwan's own.</summary>
    public static IEnumerable<Payload> Trailing(ChildSa child)
    {
        if (child.Mode == ChildMode.Beet) yield return new NotifyPayload(NotifyType.UseBeetMode, []);
    }

    /// <summary>Initiator: reserves what the request names; does not ask for a mode that the selectors do not suit.</summary>
    public static void Prepare(ChildSa child)
    {
        if (!Suits(child.Ike, child.Mode, child.LocalTs, child.RemoteTs)) child.Mode = ChildMode.Tunnel;
        if (child.Config.IpComp && child.CpiIn == 0 && !child.ReserveCpi()) child.Ike.Log(LogGroup.Ike, 1, $"unable to allocate a CPI from kernel, IPComp disabled");
    }

    /// <summary>The mode that a message asks for. Private notifies count only with a peer that is known to mean the same by them.</summary>
    public static ChildMode Mode(IkeSa ike, Message message)
    {
        if (message.Has(NotifyType.UseTransportMode)) return ChildMode.Transport;
        if (!message.Has(NotifyType.UseBeetMode)) return ChildMode.Tunnel;
        if (ike.PeerIsStrongSwan) return ChildMode.Beet;
        ike.Log(LogGroup.Ike, 1, $"received a notify strongSwan uses for BEET mode, but peer implementation unknown, skipped");
        return ChildMode.Tunnel;
    }

    /// <summary>
    /// Whether the selectors suit the mode: transport mode is for the hosts that the IKE_SA is between, BEET for one address on each side.
    /// </summary>
    public static bool Suits(IkeSa ike, ChildMode mode, ImmutableArray<TrafficSelector> local, ImmutableArray<TrafficSelector> remote, bool wasAsked = false)
    {
        // while a request is under way the IKE_SA may move; that it was for these hosts was seen before
        if (mode == ChildMode.Transport && !(IsHost(local, wasAsked ? null : ike.Local.Address) && IsHost(remote, wasAsked ? null : ike.Remote.Address)))
        {
            ike.Log(LogGroup.Ike, 1, $"not using transport mode, not host-to-host");
            return false;
        }
        if (mode == ChildMode.Beet && !(IsHost(local, null) && IsHost(remote, null)))
        {
            ike.Log(LogGroup.Ike, 1, $"not using BEET mode, not host-to-host");
            return false;
        }
        return true;
    }

    /// <summary>
    /// Selectors of transport mode with the addresses that this end sees, where a NAT is in between; those that are not for the one host are
    /// left out. RFC 7296 2.23.1.
    /// </summary>
    public static ImmutableArray<TrafficSelector> BehindNat(ImmutableArray<TrafficSelector> selectors, bool hasNat, Address seen) =>
        !hasNat || selectors.IsEmpty ? selectors
        : Between([.. selectors.Where(t => t.From == t.To && t.From == selectors[0].From && t.IsIPv6 == selectors[0].IsIPv6)], seen);

    /// <summary>The selectors of a host with the address that it has now.</summary>
    public static ImmutableArray<TrafficSelector> Between(ImmutableArray<TrafficSelector> selectors, Address host) =>
        [.. selectors.Select(t => t with { IsIPv6 = host.IsIPv6, From = host.Bits, To = host.Bits })];

    /// <summary>Responder: takes IPComp and padding over from the request.</summary>
    public static void Answer(ChildSa child, Message request)
    {
        NoteTfc(child, request);
        if (Cpi(child.Ike, request) is not { } cpi) return;
        if (!child.Config.IpComp) child.Ike.Log(LogGroup.Ike, 1, $"received IPCOMP_SUPPORTED notify but IPComp is disabled, ignoring");
        else if (!child.ReserveCpi()) child.Ike.Log(LogGroup.Ike, 1, $"unable to allocate a CPI from kernel, IPComp disabled");
        else child.CpiOut = cpi;
    }

    /// <summary>Initiator: takes them over from the response; the reason if it agrees to what was not asked.</summary>
    public static string? Accept(ChildSa child, Message response)
    {
        NoteTfc(child, response);
        var cpi = Cpi(child.Ike, response);
        if (cpi is null)
        {
            if (child.CpiIn == 0) return null;
            child.Ike.Log(LogGroup.Ike, 1, $"peer didn't accept our proposed IPComp transforms, IPComp is disabled");
            child.ReleaseCpi();
            return null;
        }
        if (child.CpiIn == 0) return "received an IPCOMP_SUPPORTED notify without requesting one";
        child.CpiOut = cpi.Value;
        return null;
    }

    static void NoteTfc(ChildSa child, Message message)
    {
        child.PeerTakesTfc = !message.Has(NotifyType.EspTfcPaddingNotSupported);
        if (!child.PeerTakesTfc) child.Ike.Log(LogGroup.Ike, 1, $"received ESP_TFC_PADDING_NOT_SUPPORTED, not using ESPv3 TFC padding");
    }

    /// <summary>CPI, transform id, attributes that none of them has; there may be one notify for each transform. RFC 7296 3.10.1.</summary>
    static ushort? Cpi(IkeSa ike, Message message)
    {
        foreach (var notify in message.All<NotifyPayload>().Where(n => n.Notify == NotifyType.IpcompSupported))
        {
            if (notify.Data is [var high, var low, Deflate, ..] && (high | low) != 0) return (ushort)(high << 8 | low);
            if (notify.Data.Length >= 3) ike.Log(LogGroup.Ike, 1, $"received IPCOMP_SUPPORTED notify with a transform ID we don't support {Word(notify.Data[2])}");
        }
        return null;
    }

    static string Word(byte transform) => transform switch { 1 => "IPCOMP_OUI", Deflate => "IPCOMP_DEFLATE", 3 => "IPCOMP_LZS", 4 => "IPCOMP_LZJH", _ => $"({transform})" };

    static bool IsHost(ImmutableArray<TrafficSelector> selectors, Address? host) => !selectors.IsEmpty
        && selectors.All(t => t.From == t.To && t.From == selectors[0].From && t.IsIPv6 == selectors[0].IsIPv6 && (host is not { } h || h.IsIPv6 == t.IsIPv6 && h.Bits == t.From));
}
