// The functions f1 to f5* of a USIM: Milenage. 3GPP TS 35.206.
using System.Security.Cryptography;

namespace Cygnet.Eap.Sim;

/// <summary>All with OPc, the operator's constant that is encrypted already.</summary>
static class Milenage
{
    public const int KeyBytes = 16, RandBytes = 16, SqnBytes = 6, AmfBytes = 2, MacBytes = 8, AutnBytes = 16, AutsBytes = 14, ResBytes = 8;

    public static byte[] Opc(byte[] k, byte[] op) => Xor(Encrypt(k, op), op);

    /// <summary>MAC-A (f1) and MAC-S (f1*).</summary>
    public static (byte[] MacA, byte[] MacS) F1(byte[] k, byte[] opc, byte[] rand, ReadOnlySpan<byte> sqn, ReadOnlySpan<byte> amf)
    {
        var temp = Encrypt(k, Xor(rand, opc));
        byte[] in1 = [.. sqn, .. amf, .. sqn, .. amf];
        var result = Xor(Encrypt(k, Xor(temp, Rotate(Xor(in1, opc), 8))), opc);
        return (result[..MacBytes], result[MacBytes..]);
    }

    /// <summary>RES (f2), CK (f3), IK (f4), AK (f5) and AK of resynchronization (f5*).</summary>
    public static Output F2345(byte[] k, byte[] opc, byte[] rand)
    {
        var temp = Xor(Encrypt(k, Xor(rand, opc)), opc);
        byte[] Out(int rotation, byte constant)
        {
            var text = Rotate(temp, rotation);
            text[^1] ^= constant;
            return Xor(Encrypt(k, text), opc);
        }
        var out2 = Out(0, 1);
        return new(out2[8..], Out(4, 2), Out(8, 4), out2[..SqnBytes], Out(12, 8)[..SqnBytes]);
    }

    public sealed record Output(byte[] Res, byte[] Ck, byte[] Ik, byte[] Ak, byte[] AkStar);

    public static byte[] Xor(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var result = new byte[a.Length];
        for (var i = 0; i < result.Length; i++) result[i] = (byte)(a[i] ^ b[i]);
        return result;
    }

    // By whole bytes to the left; the rotations of the standard are multiples of eight bits.
    static byte[] Rotate(byte[] value, int bytes) => [.. value[bytes..], .. value[..bytes]];

    static byte[] Encrypt(byte[] k, byte[] block)
    {
        using var aes = Aes.Create();
        aes.Key = k;
        return aes.EncryptEcb(block, PaddingMode.None);
    }
}
