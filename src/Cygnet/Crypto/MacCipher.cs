// Encrypt-then-MAC on packets: CBC (RFC 2451, RFC 3602, RFC 4312) and CTR (RFC 3686, RFC 5529) of several block ciphers, NULL (RFC 2410).
using System.Buffers.Binary;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>A cipher of libcrypto and a MAC, both keyed once. A salt makes it counter mode: nonce, IV, block counter from 1.</summary>
sealed unsafe class MacCipher : PacketCipher
{
    readonly nint _cipher;
    readonly byte[] _key;
    readonly bool _isNull, _isCounter;
    readonly uint _salt;
    readonly Mac _mac;
    nint _seal, _open;
    bool _isDisposed;

    /// <summary>Owns the MAC from now on. A cipher of 0 is NULL encryption.</summary>
    public MacCipher(nint cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int ivBytes, int blockBytes, Mac mac, int icvBytes)
    {
        (_cipher, _key, IvBytes, BlockBytes, IcvBytes, _isNull, _isCounter, _mac) =
            (cipher, key.ToArray(), ivBytes, blockBytes, icvBytes, cipher == 0, !salt.IsEmpty, mac);
        if (_isCounter) _salt = BinaryPrimitives.ReadUInt32BigEndian(salt);
    }

    public override int IvBytes { get; }
    public override int IcvBytes { get; }
    public override int BlockBytes { get; }
    public override bool NeedsRandomIv => !_isNull && !_isCounter;
    public override bool IsAead => false;

    public override void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> icv)
    {
        CheckLengths(iv, text, icv);
        Span<byte> mac = stackalloc byte[Mac.MostBytes];
        Crypt(ref _seal, iv, text, 1);
        Authenticate(aad, iv, text, macTail, mac);
        mac[..IcvBytes].CopyTo(icv);
        GC.KeepAlive(this);
    }

    public override bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, ReadOnlySpan<byte> icv)
    {
        CheckLengths(iv, text, icv);
        Span<byte> mac = stackalloc byte[Mac.MostBytes];
        Authenticate(aad, iv, text, macTail, mac);
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
        _mac.Dispose();
        CryptographicOperations.ZeroMemory(_key);
        _isDisposed = true;
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

    void Authenticate(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, ReadOnlySpan<byte> tail, Span<byte> output)
    {
        _mac.Begin();
        _mac.Append(aad);
        _mac.Append(iv);
        _mac.Append(text);
        _mac.Append(tail);
        _mac.Finish(output);
    }

    nint Context(int encrypt)
    {
        var ctx = EVP_CIPHER_CTX_new();
        if (ctx == 0) throw new OutOfMemoryException();
        // Blowfish takes keys of several lengths, and is told which before it gets one.
        var result = EVP_CipherInit_ex(ctx, _cipher, 0, null, null, encrypt);
        if (result > 0 && EVP_CIPHER_get_key_length(_cipher) != _key.Length) result = EVP_CIPHER_CTX_set_key_length(ctx, _key.Length);
        fixed (byte* k = _key)
            if (result > 0) result = EVP_CipherInit_ex(ctx, 0, 0, k, null, encrypt);
        if (result > 0) result = EVP_CIPHER_CTX_set_padding(ctx, 0);
        if (result <= 0) EVP_CIPHER_CTX_free(ctx);
        Check(result, "key");
        return ctx;
    }

    void CheckLengths(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, ReadOnlySpan<byte> icv)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (iv.Length != IvBytes || icv.Length != IcvBytes || text.Length % BlockBytes != 0)
            throw new ArgumentException("IV, ICV or text of another length than the cipher's");
    }
}
