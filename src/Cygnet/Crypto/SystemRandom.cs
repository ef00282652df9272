// Randomness of the running system.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>
/// The operating system's generator. A call of it costs the same for a few bytes as for hundreds, and an SA asks for a few bytes often:
/// each thread draws ahead, and wipes what it gave out.
/// </summary>
public sealed class SystemRandom : IRandom
{
    const int Ahead = 1024, Most = 64;

    [ThreadStatic] static byte[]? _drawn;
    [ThreadStatic] static int _given;

    public void Fill(Span<byte> bytes)
    {
        if (bytes.Length > Most)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }
        if (_drawn is null || _given + bytes.Length > Ahead)
        {
            _drawn ??= GC.AllocateUninitializedArray<byte>(Ahead, pinned: true); // a copy left behind by the collector would not be wiped
            RandomNumberGenerator.Fill(_drawn);
            _given = 0;
        }
        var next = _drawn.AsSpan(_given, bytes.Length);
        next.CopyTo(bytes);
        next.Clear();
        _given += bytes.Length;
    }
}
