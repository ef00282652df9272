// ML-KEM of the platform: .NET over libcrypto 3.5 or newer. FIPS 203.
using System.Security.Cryptography;

namespace Cygnet.Crypto.MlKem;

/// <summary>The initiator's key pair and the responder's part in .NET's classes.</summary>
sealed class PlatformMlKemExchange : KeyExchangeStart
{
    readonly MLKem _key;

    PlatformMlKemExchange(ushort method, MLKem key) : base(method, key.ExportEncapsulationKey()) => _key = key;

    public static bool IsSupported => MLKem.IsSupported;

    public static PlatformMlKemExchange Create(ushort method, ReadOnlySpan<byte> seed) => new(method, MLKem.ImportPrivateSeed(AlgorithmOf(method), seed));

    public static KeyExchangeResult? Respond(ushort method, ReadOnlySpan<byte> encapsulationKey)
    {
        try
        {
            using var peer = MLKem.ImportEncapsulationKey(AlgorithmOf(method), encapsulationKey);
            peer.Encapsulate(out var ciphertext, out var secret);
            return new(ciphertext, secret);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public override byte[]? Finish(ReadOnlySpan<byte> ciphertext) =>
        ciphertext.Length == _key.Algorithm.CiphertextSizeInBytes ? _key.Decapsulate(ciphertext.ToArray()) : null;

    public override void Dispose() => _key.Dispose();

    static MLKemAlgorithm AlgorithmOf(ushort method) => method switch
    {
        Ke.MlKem512 => MLKemAlgorithm.MLKem512,
        Ke.MlKem768 => MLKemAlgorithm.MLKem768,
        _ => MLKemAlgorithm.MLKem1024,
    };
}
