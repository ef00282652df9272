// The seven keys of an IKE SA. RFC 7296 2.14.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>Keys of one IKE SA; they are cleared on Dispose. The integrity keys are empty with an AEAD, encryption keys end with the salt.</summary>
public sealed class IkeKeys(byte[] skD, byte[] skAi, byte[] skAr, byte[] skEi, byte[] skEr, byte[] skPi, byte[] skPr) : IDisposable
{
    /// <summary>Derives the keys of CHILD_SAs and of the next IKE SA.</summary>
    public byte[] SkD { get; } = skD;

    /// <summary>Integrity of messages from the initiator.</summary>
    public byte[] SkAi { get; } = skAi;

    /// <summary>Integrity of messages from the responder.</summary>
    public byte[] SkAr { get; } = skAr;

    /// <summary>Encryption of messages from the initiator.</summary>
    public byte[] SkEi { get; } = skEi;

    /// <summary>Encryption of messages from the responder.</summary>
    public byte[] SkEr { get; } = skEr;

    /// <summary>Goes into the initiator's AUTH payload, RFC 7296 2.15.</summary>
    public byte[] SkPi { get; private set; } = skPi;

    /// <summary>Goes into the responder's AUTH payload, RFC 7296 2.15.</summary>
    public byte[] SkPr { get; private set; } = skPr;

    /// <summary>RFC 8784 3: SK_d, SK_pi and SK_pr become prf+ (PPK, key); the others stay, and are shared.</summary>
    public IkeKeys MixedWith(Prf prf, ReadOnlySpan<byte> ppk) =>
        new(prf.Plus(ppk, SkD, SkD.Length), SkAi, SkAr, SkEi, SkEr, prf.Plus(ppk, SkPi, SkPi.Length), prf.Plus(ppk, SkPr, SkPr.Length));

    /// <summary>Clears SK_d, SK_pi and SK_pr, which <see cref="MixedWith"/> replaced.</summary>
    public void ForgetDerivation()
    {
        CryptographicOperations.ZeroMemory(SkD);
        CryptographicOperations.ZeroMemory(SkPi);
        CryptographicOperations.ZeroMemory(SkPr);
    }

    /// <summary>Clears SK_pi and SK_pr: nothing is authenticated with them any more.</summary>
    public void ForgetAuthentication()
    {
        CryptographicOperations.ZeroMemory(SkPi);
        CryptographicOperations.ZeroMemory(SkPr);
        (SkPi, SkPr) = ([], []);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(SkD);
        CryptographicOperations.ZeroMemory(SkAi);
        CryptographicOperations.ZeroMemory(SkAr);
        CryptographicOperations.ZeroMemory(SkEi);
        CryptographicOperations.ZeroMemory(SkEr);
        CryptographicOperations.ZeroMemory(SkPi);
        CryptographicOperations.ZeroMemory(SkPr);
    }
}
