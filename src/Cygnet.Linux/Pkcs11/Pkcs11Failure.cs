// What went wrong at a token.
using System.Security.Cryptography;

namespace Cygnet.Linux.Pkcs11;

/// <summary>A call that a module refused, as a sentence for the operator.</summary>
sealed class Pkcs11Failure(string doing, nuint result) : CryptographicException($"{doing} failed: {Ck.Name(result)}")
{
    public nuint Result { get; } = result;

    /// <summary>The token or the session is gone; with the token back in its place a new session may do.</summary>
    public bool IsGone => Result is Ck.DeviceRemoved or Ck.DeviceError or Ck.SessionClosed or Ck.SessionHandleInvalid or Ck.TokenNotPresent or Ck.TokenNotRecognized
        or Ck.UserNotLoggedIn or Ck.KeyHandleInvalid or Ck.ObjectHandleInvalid or Ck.SlotIdInvalid;
}
