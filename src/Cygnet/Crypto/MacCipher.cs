// Encrypt-then-MAC on packets: AES-CBC (RFC 3602), AES-CTR (RFC 3686), NULL (RFC 2410) with HMAC (RFC 2404, RFC 4868).
using System.Buffers.Binary;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>A cipher and an HMAC of libcrypto, both keyed once. A nonzero salt makes it counter mode: nonce, IV, block counter from 1.</summary>
sealed unsafe class MacCipher : PacketCipher
{
    readonly nint _cipher;
    readonly byte[] _key;
    readonly bool _isNull, _isCounter;
    readonly uint _salt;
    nint _seal, _open, _mac;

    public MacCipher(nint cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int ivBytes, int blockBytes, nint hash, ReadOnlySpan<byte> integrityKey, int icvBytes)
    {
        (_cipher, _key, IvBytes, BlockBytes, IcvBytes, _isNull, _isCounter) = (cipher, key.ToArray(), ivBytes, blockBytes, icvBytes, cipher == 0, !salt.IsEmpty);
        if (_isCounter) _salt = BinaryPrimitives.ReadUInt32BigEndian(salt);
        _mac = HMAC_CTX_new();
        if (_mac == 0) throw new OutOfMemoryException();
        try
        {
            fixed (byte* k = integrityKey) Check(HMAC_Init_ex(_mac, k, integrityKey.Length, hash, 0), "HMAC key");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override int IvBytes { get; }
    public override int IcvBytes { get; }
    public override int BlockBytes { get; }
    public override bool NeedsRandomIv => !_isNull && !_isCounter;
    public override bool IsAead => false;

    public override void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> icv)
    {
        CheckLengths(iv, text, icv);
        Span<byte> mac = stackalloc byte[64];
        Crypt(ref _seal, iv, text, 1);
        Mac(aad, iv, text, macTail, mac);
        mac[..IcvBytes].CopyTo(icv);
        GC.KeepAlive(this);
    }

    public override bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, ReadOnlySpan<byte> icv)
    {
        CheckLengths(iv, text, icv);
        Span<byte> mac = stackalloc byte[64];
        Mac(aad, iv, text, macTail, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..IcvBytes], icv)) return false;
        Crypt(ref _open, iv, text, 0);
        GC.KeepAlive(this);
        return true;
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~MacCipher() => Free();

    // Freeing clears the expanded keys.
    void Free()
    {
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _seal, 0));
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _open, 0));
        HMAC_CTX_free(Interlocked.Exchange(ref _mac, 0));
        CryptographicOperations.ZeroMemory(_key);
    }

    void Crypt(ref nint ctx, ReadOnlySpan<byte> iv, Span<byte> text, int encrypt)
    {
        if (_isNull || text.IsEmpty) return;
        // One context per direction, made at its first packet, as in AeadCipher.
        if (ctx == 0) ctx = Context(encrypt);
        Span<byte> block = stackalloc byte[16];
        if (_isCounter)
        {
            BinaryPrimitives.WriteUInt32BigEndian(block, _salt);
            iv.CopyTo(block[4..]);
            BinaryPrimitives.WriteUInt32BigEndian(block[12..], 1);
        }
        else
        {
            iv.CopyTo(block);
        }

        int n;
        fixed (byte* b = block, t = text)
        {
            Check(EVP_CipherInit_ex(ctx, 0, 0, null, b, encrypt), "IV");
            Check(EVP_CipherUpdate(ctx, t, &n, t, text.Length), "cipher");
        }
        if (n != text.Length) throw new CryptographicException("libcrypto: a whole number of blocks was not processed whole");
    }

    void Mac(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tail, Span<byte> output)
    {
        fixed (byte* a = aad, i = iv, t = text, e = tail, o = output)
        {
            Check(HMAC_Init_ex(_mac, null, 0, 0, 0), "HMAC");
            Check(HMAC_Update(_mac, a, (nuint)aad.Length), "HMAC");
            Check(HMAC_Update(_mac, i, (nuint)iv.Length), "HMAC");
            Check(HMAC_Update(_mac, t, (nuint)text.Length), "HMAC");
            if (!tail.IsEmpty) Check(HMAC_Update(_mac, e, (nuint)tail.Length), "HMAC");
            Check(HMAC_Final(_mac, o, null), "HMAC");
        }
    }

    nint Context(int encrypt)
    {
        var ctx = EVP_CIPHER_CTX_new();
        if (ctx == 0) throw new OutOfMemoryException();
        int result;
        fixed (byte* k = _key) result = EVP_CipherInit_ex(ctx, _cipher, 0, k, null, encrypt);
        if (result > 0) result = EVP_CIPHER_CTX_set_padding(ctx, 0);
        if (result <= 0) EVP_CIPHER_CTX_free(ctx);
        Check(result, "key");
        return ctx;
    }

    void CheckLengths(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, ReadOnlySpan<byte> icv)
    {
        ObjectDisposedException.ThrowIf(_mac == 0, this);
        if (iv.Length != IvBytes || icv.Length != IcvBytes || text.Length % BlockBytes != 0)
            throw new ArgumentException("IV, ICV or text of another length than the cipher's");
    }
}
