// HMAC of libcrypto. RFC 2104.
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>Owns an HMAC_CTX; freeing it clears the key.</summary>
sealed unsafe class HmacMac : Mac
{
    readonly int _bytes;
    nint _ctx;

    public HmacMac(nint digest, int bytes, ReadOnlySpan<byte> key)
    {
        (_bytes, _ctx) = (bytes, HMAC_CTX_new());
        if (_ctx == 0) throw new OutOfMemoryException();
        // A null key means "the one before".
        ReadOnlySpan<byte> some = [0];
        fixed (byte* k = key.IsEmpty ? some : key)
            if (digest != 0 && HMAC_Init_ex(_ctx, k, key.Length, digest, 0) > 0) return;
        Dispose();
        Check(0, "HMAC key");
    }

    public override void Begin() => Check(HMAC_Init_ex(_ctx, null, 0, 0, 0), "HMAC");

    public override void Append(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        fixed (byte* d = data) Check(HMAC_Update(_ctx, d, (nuint)data.Length), "HMAC");
    }

    public override void Finish(Span<byte> output)
    {
        fixed (byte* o = output[.._bytes]) Check(HMAC_Final(_ctx, o, null), "HMAC");
    }

    public override void Dispose() => HMAC_CTX_free(Interlocked.Exchange(ref _ctx, 0));
}
