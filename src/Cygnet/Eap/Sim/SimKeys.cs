// Keys of a full authentication by EAP-SIM or EAP-AKA. RFC 4186 7, RFC 4187 7.
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Eap.Sim;

/// <summary>K_encr, K_aut and MSK, from the master key.</summary>
sealed class SimKeys
{
    const int KeyBytes = 16, MskBytes = 64, MacBytes = 16;

    SimKeys(byte[] stream) => (Encr, Auth, Msk) = (stream[..KeyBytes], stream[KeyBytes..(2 * KeyBytes)], stream[(2 * KeyBytes)..(2 * KeyBytes + MskBytes)]);

    public byte[] Encr { get; }
    public byte[] Auth { get; }
    public byte[] Msk { get; }

    /// <summary>MK = SHA1(Identity | n*Kc | NONCE_MT | Version List | Selected Version).</summary>
    public static SimKeys OfSim(byte[] identity, byte[] kcs, byte[] nonce, byte[] versions, byte[] selected) =>
        new(Fips186Prf.Bytes(SHA1.HashData([.. identity, .. kcs, .. nonce, .. versions, .. selected]), 2 * KeyBytes + MskBytes));

    /// <summary>MK = SHA1(Identity | IK | CK).</summary>
    public static SimKeys OfAka(byte[] identity, byte[] ik, byte[] ck) =>
        new(Fips186Prf.Bytes(SHA1.HashData([.. identity, .. ik, .. ck]), 2 * KeyBytes + MskBytes));

    /// <summary>HMAC-SHA1-128.</summary>
    public byte[] Mac(ReadOnlySpan<byte> text) => HMACSHA1.HashData(Auth, text)[..MacBytes];
}
