// Lines about the packets of EAP inside a tunnel, as the reference writes them.
namespace Cygnet.Eap.Tls;

static class Tunnelled
{
    public static string Describe(EapPacket packet)
    {
        var code = packet.Code switch { EapCode.Request => "REQ", EapCode.Response => "RES", EapCode.Success => "SUCC", _ => "FAIL" };
        return packet.Type.IsNone ? $"[EAP/{code}]" : $"[EAP/{code}/{Short(packet.Type)}]";
    }

    static string Short(EapType type) => type.Vendor != 0 ? type.ToString() : type.Type switch
    {
        1 => "ID",
        2 => "NTF",
        3 => "NAK",
        _ => type.ToString().Replace("EAP_", "", StringComparison.Ordinal),
    };

    /// <summary>The inside of a tunnel: no tunnel may begin in it.</summary>
    public static MethodContext Inside(MethodContext context) => context with { IsInner = true };

    /// <summary>The client inside: any method that is no tunnel; the server outside is authenticated.</summary>
    public static PeerConversation Peer(MethodContext context) =>
        new(Inside(context), context.Peer, default, entry => entry.IsTunnel ? $"{entry.Type} inside a tunnel is refused" : null);
}
