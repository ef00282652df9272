// Codes of EAP packets. RFC 3748 4.
namespace Cygnet.Eap;

static class EapCode
{
    public const byte Request = 1, Response = 2, Success = 3, Failure = 4;

    public static string Name(byte code) => code switch
    {
        Request => "EAP_REQUEST",
        Response => "EAP_RESPONSE",
        Success => "EAP_SUCCESS",
        Failure => "EAP_FAILURE",
        _ => $"EAP code {code}",
    };
}
