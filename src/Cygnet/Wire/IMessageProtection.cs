// Protection of the SK and SKF payloads, as the codec needs it. RFC 7296 3.14, RFC 5282.
using Cygnet.Crypto;

namespace Cygnet.Wire;

/// <summary>Seals and opens the body of an SK or SKF payload in place: IV, ciphertext with padding and pad length, ICV.</summary>
public interface IMessageProtection
{
    int IvBytes { get; }

    /// <summary>Length of the body for a plaintext, IV, padding and ICV included.</summary>
    int SealedLength(int plaintextLength);

    /// <summary>The plaintext stands at <paramref name="bodyOffset"/> + IvBytes; what is in front of the body is authenticated.</summary>
    void Seal(Span<byte> message, int bodyOffset, int plaintextLength, IRandom random);

    bool Open(Span<byte> message, int bodyOffset, out int plaintextOffset, out int plaintextLength);
}
