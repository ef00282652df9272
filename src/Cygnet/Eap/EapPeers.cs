// The client's side of EAP.
namespace Cygnet.Eap;

/// <summary>Makes the client's side of a conversation.</summary>
public static class EapPeers
{
    public static IEapPeer Create(EapPeerContext context) => new EapPeer(context);
}
