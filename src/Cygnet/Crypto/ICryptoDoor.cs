// The one door through which public-key work goes, so that the simulator can plug in seeded toy algorithms.
namespace Cygnet.Crypto;

/// <summary>Randomness that the core uses: nonces, SPIs, IVs, jitter. Seeded in simulation.</summary>
public interface IRandom
{
    void Fill(Span<byte> bytes);
}

/// <summary>
/// Key exchanges and signatures. Every call may cost milliseconds and runs on any thread, inside a <c>Work</c>.
/// Key exchange has the shape of a KEM, so that DH (RFC 7296 1.2) and ML-KEM (RFC 9370) look the same.
/// </summary>
public interface ICryptoDoor
{
    /// <summary>Whether the method can be offered (known, built, self-test passed).</summary>
    bool Supports(ushort keMethod);

    /// <summary>Estimated cost in microseconds of either side of the exchange; below 100 the host runs it inline.</summary>
    int Cost(ushort keMethod);

    /// <summary>The initiator's first half. Throws <see cref="NotSupportedException"/> for a method that is not offered.</summary>
    KeyExchangeStart Start(ushort keMethod);

    /// <summary>The responder's whole part: own public value and shared secret; null if the peer's value is invalid (RFC 6989, RFC 8031).</summary>
    KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic);

    /// <summary>Signs with the scheme's hash and padding. The data is the message, not its digest.</summary>
    byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data);

    /// <summary>Checks a signature; encode-and-compare, constant time. A malformed signature is simply false.</summary>
    bool Verify(PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

/// <summary>The initiator's private half of a key exchange: single use, cleared on Dispose.</summary>
public abstract class KeyExchangeStart(ushort method, byte[] publicValue) : IDisposable
{
    public ushort Method { get; } = method;

    /// <summary>The Key Exchange Data to send, RFC 7296 3.4.</summary>
    public byte[] PublicValue { get; } = publicValue;

    /// <summary>The shared secret, or null if the peer's value is invalid.</summary>
    public abstract byte[]? Finish(ReadOnlySpan<byte> peerPublic);

    public abstract void Dispose();
}

/// <summary>The responder's outcome of a key exchange.</summary>
public sealed record KeyExchangeResult(byte[] PublicValue, byte[] SharedSecret);
