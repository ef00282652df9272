// Randomness of the running system.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>The operating system's generator.</summary>
public sealed class SystemRandom : IRandom
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
