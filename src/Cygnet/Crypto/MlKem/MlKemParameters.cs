// The parameter sets of ML-KEM. FIPS 203 8; key exchange methods 35 to 37: draft-ietf-ipsecme-ikev2-mlkem.
namespace Cygnet.Crypto.MlKem;

/// <summary>ML-KEM-512, -768 or -1024: the rank of the module, the width of the noise, and the bits that compression leaves.</summary>
sealed record MlKemParameters(int K, int Eta1, int Du, int Dv)
{
    /// <summary>The two seeds d and z, from which a key pair follows.</summary>
    public const int SeedBytes = 64;

    public const int MessageBytes = 32, SecretBytes = 32;

    /// <summary>12 bits for each of the 256 coefficients.</summary>
    public const int PolynomialBytes = 384;

    /// <summary>Eta2, the same for all three.</summary>
    public const int Eta2 = 2;

    static readonly MlKemParameters MlKem512 = new(2, 3, 10, 4), MlKem768 = new(3, 2, 10, 4), MlKem1024 = new(4, 2, 11, 5);

    public int EncapsulationKeyBytes => PolynomialBytes * K + 32;

    public int DecapsulationKeyBytes => PolynomialBytes * K + EncapsulationKeyBytes + 64;

    public int CiphertextBytes => 32 * (Du * K + Dv);

    /// <summary>Null for a method that is not ML-KEM.</summary>
    public static MlKemParameters? For(ushort method) => method switch
    {
        Ke.MlKem512 => MlKem512,
        Ke.MlKem768 => MlKem768,
        Ke.MlKem1024 => MlKem1024,
        _ => null,
    };
}
