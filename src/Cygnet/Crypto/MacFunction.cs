// The functions under integrity algorithms and PRFs. RFC 2104 (HMAC), RFC 3566 and RFC 4434 (XCBC), RFC 4493 and RFC 4615 (CMAC).
namespace Cygnet.Crypto;

/// <summary>A keyed function; integrity algorithms cut its output, PRFs take all of it.</summary>
enum MacFunction { HmacMd5, HmacSha1, HmacSha256, HmacSha384, HmacSha512, AesXcbc, AesCmac, CamelliaXcbc }
