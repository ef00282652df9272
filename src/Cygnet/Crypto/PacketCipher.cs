// Protection of one packet: what ESP (RFC 4303) and the SK payload of IKEv2 (RFC 7296 3.14) have in common.
namespace Cygnet.Crypto;

/// <summary>
/// Encryption and integrity under one key, as an AEAD (RFC 5282, RFC 4106, RFC 4309, RFC 7634) or as cipher plus MAC.
/// Not thread safe; Seal and Open allocate nothing. Create with <see cref="Create"/>; the keys are cleared on Dispose.
/// </summary>
public abstract partial class PacketCipher : IDisposable
{
    /// <summary>Length of the explicit IV that travels with each packet, bytes.</summary>
    public abstract int IvBytes { get; }

    /// <summary>Length of the integrity check value, bytes.</summary>
    public abstract int IcvBytes { get; }

    /// <summary>The plaintext (padding and trailer included) must be a multiple of this, bytes; 1 for stream modes.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>CBC needs an unpredictable IV; counter modes need a unique one and take the packet's sequence number or a counter.</summary>
    public abstract bool NeedsRandomIv { get; }

    /// <summary>
    /// Encrypts <paramref name="text"/> in place and writes the ICV.
    /// AEAD: authenticates <paramref name="aad"/> and the text. Cipher plus MAC: authenticates <paramref name="aad"/>, IV, ciphertext,
    /// then <paramref name="macTail"/> (the high half of an extended sequence number, RFC 4303 2.2.1; an AEAD caller puts it into the aad and leaves this empty).
    /// </summary>
    public abstract void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> icv);

    /// <summary>Checks the ICV in constant time and decrypts in place. False, and the text is to be discarded, if it does not match.</summary>
    public abstract bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, ReadOnlySpan<byte> icv);

    /// <summary>Whether the algorithm is an AEAD, so that extended sequence numbers go into the aad.</summary>
    public abstract bool IsAead { get; }

    public abstract void Dispose();
}
