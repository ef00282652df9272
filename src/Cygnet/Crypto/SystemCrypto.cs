// The crypto door of the running system: key exchange and signatures over libcrypto, ML-KEM over .NET or our own code.
using Cygnet.Crypto.MlKem;

namespace Cygnet.Crypto;

/// <summary>Real algorithms, which draw their own randomness. Stateless; safe for any thread.</summary>
public sealed class SystemCrypto : ICryptoDoor
{
    public bool Supports(ushort keMethod) => keMethod != Ke.None && SelfTest.Passed(new Transform(TransformType.KeyExchange, keMethod));

    // Microseconds of making a key and deriving, as measured with OpenSSL 3.0 on one core of a server.
    public int Cost(ushort keMethod) => keMethod switch
    {
        Ke.Curve25519 => 60,
        Ke.Ecp256 => 70,
        Ke.MlKem512 => 60,
        Ke.MlKem768 => 90,
        Ke.MlKem1024 => 130,
        Ke.Curve448 => 320,
        Ke.Ecp521 => 340,
        Ke.Ecp384 => 1200,
        Ke.Modp2048 => 600,
        Ke.Modp3072 => 1800,
        Ke.Modp4096 => 3400,
        Ke.Modp6144 => 8000,
        Ke.Modp8192 => 16000,
        Ke.Ecp224 => 130,
        Ke.Modp768 => 160,
        Ke.Modp1024 or Ke.Modp1024s160 => 300,
        Ke.Modp1536 => 430,
        Ke.Ecp192 => 480,
        Ke.Brainpool224 or Ke.Brainpool256 => 850,
        Ke.Modp2048s224 or Ke.Modp2048s256 => 1050,
        Ke.Brainpool384 => 1800,
        _ => 2900,
    };

    public KeyExchangeStart Start(ushort keMethod) => Supports(keMethod)
        ? Make(keMethod)
        : throw NotOffered(keMethod);

    public KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic)
    {
        if (!Supports(keMethod)) throw NotOffered(keMethod);
        if (IsKem(keMethod)) return MlKemExchange.Respond(keMethod, peerPublic);
        if (keMethod == Ke.Curve25519) return MontgomeryExchange.Respond25519(peerPublic);
        using var own = Make(keMethod);
        return own.Finish(peerPublic) is { } secret ? new(own.PublicValue, secret) : null;
    }

    public byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data)
    {
        if (!Signatures.Fits(scheme, key.Public)) throw new ArgumentException($"a key of kind {key.Public.Kind} with {key.Public.Bits} bits cannot sign with {scheme}", nameof(scheme));
        if (key is TokenKey token) return token.Sign(scheme, data);
        if (key is not SoftwareKey software) throw new NotSupportedException("the private key is not in memory");
        if (!SelfTest.Passed(scheme)) throw new NotSupportedException($"{scheme} failed its self-test");
        return Signatures.Sign(software.Native, scheme, data);
    }

    public bool Verify(PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Signatures.Fits(scheme, key) && SelfTest.Passed(scheme) && key.Native is { } native && Signatures.Verify(native, scheme, data, signature);

    internal static KeyExchangeStart Make(ushort method) => method switch
    {
        Ke.Curve25519 or Ke.Curve448 => MontgomeryExchange.Create(method),
        Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024 => MlKemExchange.Create(method),
        >= Ke.Modp1024s160 and <= Ke.Modp2048s256 or <= Ke.Modp8192 => ModpExchange.Create(method),
        _ => EcpExchange.Create(method),
    };

    /// <summary>With a given private value, for known answers.</summary>
    internal static KeyExchangeStart Make(ushort method, ReadOnlySpan<byte> secret) => method switch
    {
        Ke.Curve25519 or Ke.Curve448 => MontgomeryExchange.Create(method, secret),
        Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024 => MlKemExchange.Create(method, secret),
        >= Ke.Modp1024s160 and <= Ke.Modp2048s256 or <= Ke.Modp8192 => ModpExchange.Create(method, secret),
        _ => EcpExchange.Create(method, secret),
    };

    static bool IsKem(ushort method) => method is Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024;

    static NotSupportedException NotOffered(ushort method) => new($"{Transforms.Name(new(TransformType.KeyExchange, method))} is not offered");
}
