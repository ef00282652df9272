// Attributes, subtypes and codes of EAP-SIM and EAP-AKA. RFC 4186 8 and 10, RFC 4187 11.
namespace Cygnet.Eap.Sim;

/// <summary>Attribute types; from 128 on one may skip what one does not know.</summary>
static class At
{
    public const byte Rand = 1, Autn = 2, Res = 3, Auts = 4, Padding = 6, NonceMt = 7, PermanentIdReq = 10, Mac = 11, Notification = 12, AnyIdReq = 13, Identity = 14,
        VersionList = 15, SelectedVersion = 16, FullAuthIdReq = 17, Counter = 19, CounterTooSmall = 20, NonceS = 21, ClientErrorCode = 22, FirstSkippable = 128;
}

static class Subtype
{
    public const byte AkaChallenge = 1, AkaAuthenticationReject = 2, AkaSynchronizationFailure = 4, AkaIdentity = 5, SimStart = 10, SimChallenge = 11, Notification = 12,
        Reauthentication = 13, ClientError = 14;

    public static string Name(byte subtype) => subtype switch
    {
        AkaChallenge => "AKA_CHALLENGE",
        AkaAuthenticationReject => "AKA_AUTHENTICATION_REJECT",
        AkaSynchronizationFailure => "AKA_SYNCHRONIZATION_FAILURE",
        AkaIdentity => "AKA_IDENTITY",
        SimStart => "SIM_START",
        SimChallenge => "SIM_CHALLENGE",
        Notification => "SIM/AKA_NOTIFICATION",
        Reauthentication => "SIM/AKA_REAUTHENTICATION",
        ClientError => "SIM/AKA_CLIENT_ERROR",
        _ => $"({subtype})",
    };
}

/// <summary>RFC 4186 10.19, RFC 4187 10.20.</summary>
enum ClientError : ushort { UnableToProcess = 0, UnsupportedVersion = 1, InsufficientChallenges = 2, RandsNotFresh = 3 }

static class SimText
{
    public static string Of(ClientError error) => error switch
    {
        ClientError.UnableToProcess => "unable to process packet",
        ClientError.UnsupportedVersion => "unsupported version",
        ClientError.InsufficientChallenges => "insufficient number of challenges",
        ClientError.RandsNotFresh => "RANDs are not fresh",
        _ => $"({(ushort)error})",
    };

    public static string OfNotification(ushort code) => code switch
    {
        0 => "General failure after authentication",
        1026 => "User has been temporarily denied access",
        1031 => "User has not subscribed to the requested service",
        16384 => "General failure",
        32768 => "User has been successfully authenticated",
        _ => $"({code})",
    };
}
