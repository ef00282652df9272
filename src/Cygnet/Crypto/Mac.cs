// A message authentication code under one key: HMAC on the hashes of libcrypto (RFC 2104), XCBC and CMAC on its block ciphers.
namespace Cygnet.Crypto;

/// <summary>
/// Keyed once. A message is <see cref="Begin"/>, any number of <see cref="Append"/>, <see cref="Finish"/>; a new object has begun already.
/// Not thread safe. No finalizer: whoever keeps one longer than a call has one.
/// </summary>
abstract class Mac : IDisposable
{
    /// <summary>Output of the longest function.</summary>
    public const int MostBytes = 64;

    public abstract void Begin();

    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the whole output; there must be room for it.</summary>
    public abstract void Finish(Span<byte> output);

    public abstract void Dispose();

    /// <summary>HMAC takes keys of any length, the functions on block ciphers 16 bytes.</summary>
    public static Mac Create(MacFunction function, ReadOnlySpan<byte> key) => function switch
    {
        MacFunction.AesXcbc => CbcMac.Xcbc(LibCrypto.Cipher(new(TransformType.Encryption, Encr.AesCbc, 128)), key),
        MacFunction.AesCmac => CbcMac.Cmac(LibCrypto.Cipher(new(TransformType.Encryption, Encr.AesCbc, 128)), key),
        MacFunction.CamelliaXcbc => CbcMac.Xcbc(LibCrypto.Cipher(new(TransformType.Encryption, Encr.CamelliaCbc, 128)), key),
        _ => new HmacMac(function, key),
    };

    public static int OutputBytes(MacFunction function) => function switch
    {
        MacFunction.HmacSha1 => 20,
        MacFunction.HmacSha256 => 32,
        MacFunction.HmacSha384 => 48,
        MacFunction.HmacSha512 => 64,
        _ => 16,
    };

    /// <summary>Whether the function is a block cipher's, whose key has one length. RFC 7296 2.13.</summary>
    public static bool HasFixedKey(MacFunction function) => function >= MacFunction.AesXcbc;
}
