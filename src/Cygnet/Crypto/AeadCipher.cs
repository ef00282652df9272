// AEADs on packets: AES-GCM (RFC 4106, RFC 5282), AES-CCM (RFC 4309), ChaCha20-Poly1305 (RFC 7634), AES-GMAC (RFC 4543).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static Cygnet.Crypto.LibCrypto;

namespace Cygnet.Crypto;

/// <summary>An AEAD of libcrypto with one context per direction, keyed once; each packet only sets the nonce, which is salt and explicit IV.</summary>
sealed unsafe class AeadCipher : PacketCipher
{
    [InlineArray(16)]
    struct Nonce
    {
        byte _first;
    }

    readonly nint _cipher;
    readonly byte[] _key;
    readonly int _saltBytes;
    readonly bool _isCcm, _isGmac;
    Nonce _nonce;
    nint _seal, _open;
    byte _unused;
    bool _isDisposed;

    public AeadCipher(nint cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int ivBytes, int icvBytes, bool isCcm, bool isGmac = false)
    {
        (_cipher, _key, IvBytes, IcvBytes, _saltBytes, _isCcm, _isGmac) = (cipher, key.ToArray(), ivBytes, icvBytes, salt.Length, isCcm, isGmac);
        if (salt.Length + ivBytes > 16) throw new ArgumentException("a nonce has at most 16 bytes", nameof(ivBytes));
        salt.CopyTo(_nonce);
    }

    public override int IvBytes { get; }
    public override int IcvBytes { get; }
    public override int BlockBytes => 1;
    public override bool NeedsRandomIv => false;
    public override bool IsAead => true;

    public override void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, Span<byte> icv)
    {
        CheckLengths(macTail, iv, icv);
        fixed (byte* a = aad, t = &NotNull(text), c = icv)
        {
            Begin(ref _seal, iv, 1);
            int n;
            if (_isCcm) Check(EVP_CipherUpdate(_seal, null, &n, null, text.Length), "CCM length");
            if (!aad.IsEmpty) Check(EVP_CipherUpdate(_seal, null, &n, a, aad.Length), "AAD");
            if (_isGmac) AlsoAuthenticate(_seal, iv, t, text.Length);
            else if (_isCcm || !text.IsEmpty) Check(EVP_CipherUpdate(_seal, t, &n, t, text.Length), "encryption");
            Check(EVP_CipherFinal_ex(_seal, t, &n), "encryption");
            Check(EVP_CIPHER_CTX_ctrl(_seal, CtrlAeadGetTag, icv.Length, c), "tag");
        }
        GC.KeepAlive(this);
    }

    public override bool Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, Span<byte> text, ReadOnlySpan<byte> icv)
    {
        CheckLengths(macTail, iv, icv);
        bool isGenuine;
        fixed (byte* a = aad, t = &NotNull(text), c = icv)
        {
            int n;
            Begin(ref _open, iv, 0);
            // CCM wants the tag before the text; libcrypto compares it in constant time.
            if (_isCcm) Check(EVP_CIPHER_CTX_ctrl(_open, CtrlAeadSetTag, icv.Length, c), "tag");
            if (_isCcm) Check(EVP_CipherUpdate(_open, null, &n, null, text.Length), "CCM length");
            if (!aad.IsEmpty) Check(EVP_CipherUpdate(_open, null, &n, a, aad.Length), "AAD");
            if (_isCcm)
            {
                isGenuine = EVP_CipherUpdate(_open, t, &n, t, text.Length) > 0;
            }
            else
            {
                if (_isGmac) AlsoAuthenticate(_open, iv, t, text.Length);
                else if (!text.IsEmpty) Check(EVP_CipherUpdate(_open, t, &n, t, text.Length), "decryption");
                Check(EVP_CIPHER_CTX_ctrl(_open, CtrlAeadSetTag, icv.Length, c), "tag");
                isGenuine = EVP_CipherFinal_ex(_open, t, &n) > 0;
            }
        }
        GC.KeepAlive(this);
        // A stranger can make this happen at will, and every failure leaves a line in the thread's error queue.
        if (!isGenuine) ERR_clear_error();
        return isGenuine;
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~AeadCipher() => Free();

    // Freeing clears the expanded keys.
    void Free()
    {
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _seal, 0));
        EVP_CIPHER_CTX_free(Interlocked.Exchange(ref _open, 0));
        CryptographicOperations.ZeroMemory(_nonce);
        CryptographicOperations.ZeroMemory(_key);
        _isDisposed = true;
    }

    nint Context(int encrypt)
    {
        var ctx = EVP_CIPHER_CTX_new();
        if (ctx == 0) throw new OutOfMemoryException();
        try
        {
            fixed (byte* k = _key)
            {
                Check(EVP_CipherInit_ex(ctx, _cipher, 0, null, null, encrypt), "cipher");
                Check(EVP_CIPHER_CTX_ctrl(ctx, CtrlAeadSetIvLength, _saltBytes + IvBytes, null), "nonce length");
                if (_isCcm) Check(EVP_CIPHER_CTX_ctrl(ctx, CtrlAeadSetTag, IcvBytes, null), "tag length");
                Check(EVP_CipherInit_ex(ctx, 0, 0, k, null, encrypt), "key");
            }
            return ctx;
        }
        catch
        {
            EVP_CIPHER_CTX_free(ctx);
            throw;
        }
    }

    // Each direction has its context, made at its first packet: most objects only ever seal or only open, and a context that
    // changes direction would expand the key anew.
    void Begin(ref nint ctx, ReadOnlySpan<byte> iv, int encrypt)
    {
        if (ctx == 0) ctx = Context(encrypt);
        Span<byte> nonce = _nonce;
        iv.CopyTo(nonce[_saltBytes..]);
        fixed (byte* n = nonce) Check(EVP_CipherInit_ex(ctx, 0, 0, null, n, encrypt), "nonce");
    }

    // GMAC encrypts nothing: IV and text are more AAD. RFC 4543 3.3.
    static void AlsoAuthenticate(nint ctx, ReadOnlySpan<byte> iv, byte* text, int length)
    {
        int n;
        fixed (byte* i = iv) Check(EVP_CipherUpdate(ctx, null, &n, i, iv.Length), "AAD");
        if (length > 0) Check(EVP_CipherUpdate(ctx, null, &n, text, length), "AAD");
    }

    void CheckLengths(ReadOnlySpan<byte> macTail, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> icv)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!macTail.IsEmpty) throw new ArgumentException("an AEAD takes the sequence number's high half in the AAD", nameof(macTail));
        if (iv.Length != IvBytes || icv.Length != IcvBytes) throw new ArgumentException("IV or ICV of another length than the cipher's");
    }

    // libcrypto takes a null text for "no more text"; an empty one points at a byte that is never touched.
    ref byte NotNull(Span<byte> text) => ref text.IsEmpty ? ref _unused : ref MemoryMarshal.GetReference(text);
}
