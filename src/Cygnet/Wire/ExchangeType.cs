// Exchange types of IKEv2. RFC 7296 3.1, RFC 5723, RFC 9242, RFC 9370.
namespace Cygnet.Wire;

/// <summary>What an IKE message belongs to.</summary>
public enum ExchangeType : byte
{
    IkeSaInit = 34,
    IkeAuth = 35,
    CreateChildSa = 36,
    Informational = 37,
    IkeSessionResume = 38,
    IkeIntermediate = 43,
    IkeFollowupKe = 44,
}
