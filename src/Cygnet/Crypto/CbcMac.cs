// Authentication with a block cipher of 16-byte blocks: CBC-MAC with the last block masked. RFC 3566 (XCBC), RFC 4493 (CMAC).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>
/// XCBC and CMAC differ only in where their keys come from: one for the blocks, one that masks a last block that is whole, one that masks
/// one that was padded. libcrypto's CBC chains the blocks.
/// </summary>
sealed unsafe class CbcMac : Mac
{
    const int BlockBytes = 16, ChunkBytes = 512;

    [InlineArray(BlockBytes)]
    struct Block
    {
        byte _first;
    }

    Block _whole, _padded, _pending;
    int _held;
    nint _ctx;

    /// <summary>No masks: plain CBC-MAC, for CCM, which pads with zeros itself (RFC 3610 2.2). The cipher is a CBC mode.</summary>
    public CbcMac(nint cipher, ReadOnlySpan<byte> key)
    {
        _ctx = EVP_CIPHER_CTX_new();
        if (_ctx == 0) throw new OutOfMemoryException();
        var zero = default(Block);
        fixed (byte* k = key)
        fixed (byte* z = (Span<byte>)zero)
            if (cipher != 0 && key.Length == EVP_CIPHER_get_key_length(cipher) && EVP_CipherInit_ex(_ctx, cipher, 0, k, z, 1) > 0 && EVP_CIPHER_CTX_set_padding(_ctx, 0) > 0) return;
        Dispose();
        Check(0, "MAC key");
    }

    /// <summary>Keys are encryptions of the blocks 01.., 02.., 03... RFC 3566 4. The cipher is a CBC mode.</summary>
    public static CbcMac Xcbc(nint cipher, ReadOnlySpan<byte> key)
    {
        Span<byte> keys = stackalloc byte[3 * BlockBytes];
        for (var i = 0; i < 3; i++) keys.Slice(BlockBytes * i, BlockBytes).Fill((byte)(i + 1));
        try
        {
            using (var first = new CbcMac(cipher, key))
            {
                for (var i = 0; i < 3; i++)
                {
                    first.Begin();
                    first.Encrypt(keys.Slice(BlockBytes * i, BlockBytes));
                }
            }
            var mac = new CbcMac(cipher, keys[..BlockBytes]);
            keys.Slice(BlockBytes, BlockBytes).CopyTo(mac._whole);
            keys[(2 * BlockBytes)..].CopyTo(mac._padded);
            return mac;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>The masks are the encryption of zeros, doubled once and twice. RFC 4493 2.3. The cipher is a CBC mode.</summary>
    public static CbcMac Cmac(nint cipher, ReadOnlySpan<byte> key)
    {
        var mac = new CbcMac(cipher, key);
        mac.Encrypt(mac._whole);
        Double(mac._whole);
        ((ReadOnlySpan<byte>)mac._whole).CopyTo(mac._padded);
        Double(mac._padded);
        mac.Begin();
        return mac;
    }

    public override void Begin()
    {
        ObjectDisposedException.ThrowIf(_ctx == 0, this);
        var zero = default(Block);
        fixed (byte* z = (Span<byte>)zero) Check(EVP_CipherInit_ex(_ctx, 0, 0, null, z, 1), "MAC");
        _held = 0;
    }

    public override void Append(ReadOnlySpan<byte> data)
    {
        Span<byte> pending = _pending;
        if (_held > 0 || data.Length <= BlockBytes)
        {
            var taken = Math.Min(data.Length, BlockBytes - _held);
            data[..taken].CopyTo(pending[_held..]);
            _held += taken;
            data = data[taken..];
            if (data.IsEmpty) return;
            Encrypt(pending);
        }
        // The last block stays behind, whole or not: it may be the last of the message.
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        while (data.Length > BlockBytes)
        {
            var length = Math.Min(ChunkBytes, (data.Length - 1) / BlockBytes * BlockBytes);
            data[..length].CopyTo(chunk);
            Encrypt(chunk[..length]);
            data = data[length..];
        }
        data.CopyTo(pending);
        _held = data.Length;
    }

    public override void Finish(Span<byte> output)
    {
        Span<byte> pending = _pending;
        Span<byte> mask = _whole;
        if (_held < BlockBytes)
        {
            mask = _padded;
            pending[_held..].Clear();
            pending[_held] = 0x80;
        }
        for (var i = 0; i < BlockBytes; i++) pending[i] ^= mask[i];
        Encrypt(pending);
        pending.CopyTo(output);
    }

    public override void Dispose()
    {
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _ctx, 0));
        CryptographicOperations.ZeroMemory(_whole);
        CryptographicOperations.ZeroMemory(_padded);
        CryptographicOperations.ZeroMemory(_pending);
    }

    void Encrypt(Span<byte> blocks)
    {
        int n;
        fixed (byte* b = blocks) Check(EVP_CipherUpdate(_ctx, b, &n, b, blocks.Length), "MAC");
    }

    // Multiplication by x in GF(2^128), without a branch on the bit that leaves.
    static void Double(Span<byte> block)
    {
        var carry = 0;
        for (var i = BlockBytes - 1; i >= 0; i--)
        {
            var twice = block[i] << 1 | carry;
            block[i] = (byte)twice;
            carry = twice >> 8;
        }
        block[BlockBytes - 1] ^= (byte)(-carry & 0x87);
    }
}
