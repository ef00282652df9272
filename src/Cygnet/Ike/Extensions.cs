// What the first exchanges announce besides the SAs, one line an extension. RFC 4555 3.1; RFC 4478 3.
using Cygnet.Wire;

namespace Cygnet.Ike;

/// <summary>
/// IKE_AUTH carries them in the initiator's message with SA, and in the responder's with SA; each extension sees to itself whether the peer
/// offered it.
/// </summary>
static class Extensions
{
    /// <summary>Initiator: what the first IKE_AUTH request says besides.</summary>
    public static void AddToAuthRequest(IkeSa ike, List<Payload> payloads)
    {
        Exchanges.Mobike.Announce(ike, payloads);
    }

    /// <summary>Responder: takes note of the initiator's first request, and adds the answer to the last response.</summary>
    public static void Answer(IkeSa ike, Message request, List<Payload> payloads)
    {
        if (Exchanges.Mobike.Note(ike, request)) Exchanges.Mobike.Announce(ike, payloads);
        Exchanges.AuthLifetime.Announce(ike, payloads);
        Exchanges.Resumption.Answer(ike, request, payloads);
    }

    /// <summary>Initiator: the responder's last message.</summary>
    public static void NoteAuthResponse(IkeSa ike, Message response)
    {
        Exchanges.Mobike.Note(ike, response);
    }
}
