// Payload types of IKEv2. RFC 7296 3.2, RFC 7383 2.5.
namespace Cygnet.Wire;

/// <summary>The type of a payload as the Next Payload field of its predecessor names it.</summary>
public enum PayloadType : byte
{
    None = 0,
    Sa = 33,
    Ke = 34,
    IdInitiator = 35,
    IdResponder = 36,
    Cert = 37,
    CertReq = 38,
    Auth = 39,
    Nonce = 40,
    Notify = 41,
    Delete = 42,
    VendorId = 43,
    TsInitiator = 44,
    TsResponder = 45,
    Encrypted = 46,
    Configuration = 47,
    Eap = 48,
    EncryptedFragment = 53,
}
