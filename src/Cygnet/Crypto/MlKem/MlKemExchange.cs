// Key exchange with ML-KEM. draft-ietf-ipsecme-ikev2-mlkem: the initiator sends its encapsulation key, the responder the ciphertext.
using System.Security.Cryptography;

namespace Cygnet.Crypto.MlKem;

/// <summary>The initiator's key pair in our own code, and the responder's part; .NET's implementation takes both over where there is one.</summary>
sealed class MlKemExchange : KeyExchangeStart
{
    readonly MlKemParameters _parameters;
    readonly byte[] _key;
    bool _isDisposed;

    MlKemExchange(ushort method, MlKemParameters parameters, byte[] key) : base(method, Fips203.EncapsulationKey(parameters, key).ToArray()) =>
        (_parameters, _key) = (parameters, key);

    public static KeyExchangeStart Create(ushort method)
    {
        Span<byte> seed = stackalloc byte[MlKemParameters.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        try { return Create(method, seed); }
        finally { CryptographicOperations.ZeroMemory(seed); }
    }

    /// <summary>The key pair that follows from the seeds d and z.</summary>
    public static KeyExchangeStart Create(ushort method, ReadOnlySpan<byte> seed) =>
        PlatformMlKemExchange.IsSupported ? PlatformMlKemExchange.Create(method, seed) : CreateOwn(method, seed);

    public static MlKemExchange CreateOwn(ushort method, ReadOnlySpan<byte> seed)
    {
        var p = MlKemParameters.For(method)!;
        // On the pinned heap: nothing moves it and leaves a copy behind.
        var key = GC.AllocateUninitializedArray<byte>(p.DecapsulationKeyBytes, pinned: true);
        Fips203.Generate(p, seed, key);
        return new(method, p, key);
    }

    /// <summary>The responder's ciphertext and secret; null for a key of another length or with an unreduced coefficient.</summary>
    public static KeyExchangeResult? Respond(ushort method, ReadOnlySpan<byte> encapsulationKey)
    {
        var p = MlKemParameters.For(method)!;
        if (!Fips203.IsValid(p, encapsulationKey)) return null;
        if (PlatformMlKemExchange.IsSupported) return PlatformMlKemExchange.Respond(method, encapsulationKey);
        Span<byte> message = stackalloc byte[MlKemParameters.MessageBytes];
        RandomNumberGenerator.Fill(message);
        var result = Respond(p, encapsulationKey, message);
        CryptographicOperations.ZeroMemory(message);
        return result;
    }

    /// <summary>The responder's part with given randomness, for known answers. The key is valid.</summary>
    public static KeyExchangeResult Respond(MlKemParameters p, ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> message)
    {
        var (ciphertext, secret) = (new byte[p.CiphertextBytes], new byte[MlKemParameters.SecretBytes]);
        Fips203.Encapsulate(p, encapsulationKey, message, ciphertext, secret);
        return new(ciphertext, secret);
    }

    /// <summary>A ciphertext of the right length always gives a secret: a forged one gives one that nobody else has, and IKE's AUTH fails.</summary>
    public override byte[]? Finish(ReadOnlySpan<byte> ciphertext)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (ciphertext.Length != _parameters.CiphertextBytes) return null;
        var secret = new byte[MlKemParameters.SecretBytes];
        Fips203.Decapsulate(_parameters, _key, ciphertext, secret);
        return secret;
    }

    public override void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }
}
