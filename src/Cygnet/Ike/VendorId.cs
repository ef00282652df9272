// The vendor id without which nobody may give a meaning to private numbers. RFC 7296 3.12.
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>strongSwan's, MD5 of the name: BEET_MODE means to it what it means here. Sent if asked for, and where a child is to be in BEET mode.</summary>
static class VendorId
{
    static ReadOnlySpan<byte> StrongSwan => [0x88, 0x2f, 0xe5, 0x6d, 0x6f, 0xd2, 0x0d, 0xbc, 0x22, 0x51, 0x61, 0x3b, 0x2e, 0xbe, 0x5b, 0xeb];

    public static VendorIdPayload Payload() => new(StrongSwan.ToArray());

    /// <summary>Without it Cisco's gateways narrow our selectors to the virtual address.</summary>
    public static VendorIdPayload FlexVpn() => new("FLEXVPN-SUPPORTED"u8.ToArray());

    /// <summary>Whether one of the connections that the IKE_SA may be for needs it.</summary>
    public static bool IsSent(IkeSa ike, params IEnumerable<Connection> connections) =>
        ike.Engine.Settings.SendVendorId || connections.Any(c => c.Children.Any(k => k.Mode == ChildMode.Beet));

    /// <summary>Takes note of the peer's; it counts only if the peer gets ours too.</summary>
    public static void Note(IkeSa ike, Message message, params IEnumerable<Connection> connections)
    {
        var isThere = false;
        foreach (var id in message.All<VendorIdPayload>()) isThere |= id.Data.AsSpan().SequenceEqual(StrongSwan);
        if (!isThere) return;
        ike.Log(LogGroup.Ike, 1, $"received strongSwan vendor ID");
        (ike.PeerSentVendorId, ike.PeerIsStrongSwan) = (true, IsSent(ike, connections));
    }
}
