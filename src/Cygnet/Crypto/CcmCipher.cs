// CCM on packets where libcrypto has the block cipher but not the mode: Camellia. RFC 3610, RFC 4309, RFC 5529.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>CBC-MAC and counter mode of one block cipher; the nonce is salt and explicit IV.</summary>
sealed unsafe class CcmCipher : PacketCipher
{
    const int BlockSize = 16;

    [InlineArray(BlockSize)]
    struct Block
    {
        byte _first;
    }

    readonly CbcMac _mac;
    readonly int _saltBytes;
    // Flags, nonce, counter: the block that counter mode begins with.
    Block _counter;
    nint _ctx;

    /// <summary>The two modes of the block cipher, from libcrypto.</summary>
    public CcmCipher(nint ctr, nint cbc, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int ivBytes, int icvBytes)
    {
        (IvBytes, IcvBytes, _saltBytes) = (ivBytes, icvBytes, salt.Length);
        if (salt.Length + ivBytes is < 7 or > 13) throw new ArgumentException("a nonce of CCM has 7 to 13 bytes", nameof(ivBytes));
        _mac = new(cbc, key);
        _ctx = EVP_CIPHER_CTX_new();
        fixed (byte* k = key)
        {
            if (_ctx == 0 || ctr == 0 || EVP_CipherInit_ex(_ctx, ctr, 0, k, null, 1) <= 0)
            {
                Free();
                Check(0, "key");
            }
        }
        Span<byte> counter = _counter;
        counter[0] = (byte)(LengthBytes - 1);
        salt.CopyTo(counter[1..]);
    }

    public override int IvBytes { get; }
    public override int IcvBytes { get; }
    public override int BlockBytes => 1;
    public override bool NeedsRandomIv => false;
    public override bool IsAead => true;

    // L of RFC 3610: what the nonce leaves for the length and the counter.
    int LengthBytes => BlockSize - 1 - _saltBytes - IvBytes;

    public override void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> icv)
    {
        CheckLengths(macTail, iv, icv);
        Span<byte> tag = stackalloc byte[BlockSize];
        Authenticate(aad, iv, text, tag);
        Crypt(iv, text, tag);
        tag[..IcvBytes].CopyTo(icv);
        GC.KeepAlive(this);
    }

    public override bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, ReadOnlySpan<byte> icv)
    {
        CheckLengths(macTail, iv, icv);
        Span<byte> tag = stackalloc byte[BlockSize], mask = stackalloc byte[BlockSize];
        mask.Clear();
        Crypt(iv, text, mask);
        Authenticate(aad, iv, text, tag);
        for (var i = 0; i < tag.Length; i++) tag[i] ^= mask[i];
        GC.KeepAlive(this);
        if (CryptographicOperations.FixedTimeEquals(tag[..IcvBytes], icv)) return true;
        // What was not authenticated is nobody's to see.
        CryptographicOperations.ZeroMemory(text);
        return false;
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~CcmCipher() => Free();

    void Free()
    {
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _ctx, 0));
        _mac?.Dispose();
        CryptographicOperations.ZeroMemory(_counter);
    }

    // B_0, the length of the AAD before it, zeros behind it and behind the text. RFC 3610 2.2.
    void Authenticate(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text, Span<byte> tag)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        ((ReadOnlySpan<byte>)_counter).CopyTo(block);
        block[0] |= (byte)((aad.IsEmpty ? 0 : 64) | (IcvBytes - 2) / 2 << 3);
        iv.CopyTo(block[(1 + _saltBytes)..]);
        block[^LengthBytes..].Clear();
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
        for (var i = 1; i <= Math.Min(4, LengthBytes); i++) block[^i] = length[^i];

        _mac.Begin();
        _mac.Append(block);
        block.Clear();
        if (!aad.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)aad.Length));
            _mac.Append(length[..2]);
            _mac.Append(aad);
            _mac.Append(block[..Missing(aad.Length + 2)]);
        }
        _mac.Append(text);
        _mac.Append(block[..Missing(text.Length)]);
        _mac.Finish(tag);
    }

    // Counter 0 masks the tag, the text begins with counter 1.
    void Crypt(ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> tag)
    {
        Span<byte> counter = _counter;
        iv.CopyTo(counter[(1 + _saltBytes)..]);
        int n;
        fixed (byte* c = counter, t = text, g = tag)
        {
            Check(EVP_CipherInit_ex(_ctx, 0, 0, null, c, 1), "nonce");
            Check(EVP_CipherUpdate(_ctx, g, &n, g, tag.Length), "encryption");
            if (!text.IsEmpty) Check(EVP_CipherUpdate(_ctx, t, &n, t, text.Length), "encryption");
        }
    }

    static int Missing(int length) => -length & (BlockSize - 1);

    void CheckLengths(ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> icv)
    {
        ObjectDisposedException.ThrowIf(_ctx == 0, this);
        if (!macTail.IsEmpty) throw new ArgumentException("an AEAD takes the sequence number's high half in the AAD", nameof(macTail));
        if (iv.Length != IvBytes || icv.Length != IcvBytes) throw new ArgumentException("IV or ICV of another length than the cipher's");
    }
}
