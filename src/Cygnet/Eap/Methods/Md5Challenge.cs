// EAP-MD5: the layout of its packets and its response. RFC 3748 5.4, RFC 1994 4.1.
using System.Security.Cryptography;
using Cygnet.Wire;

namespace Cygnet.Eap.Methods;

static class Md5Challenge
{
    /// <summary>The value of a packet; a name may stand behind it. Null if it does not fit.</summary>
    public static byte[]? Value(EapPacket packet)
    {
        var r = new WireReader(packet.Data.Span);
        var value = r.Bytes(r.U8());
        return r.Failed || value.IsEmpty ? null : value.ToArray();
    }

    public static byte[] Response(byte id, byte[] secret, byte[] challenge)
    {
        byte[] text = [id, .. secret, .. challenge];
        var hash = MD5.HashData(text);
        CryptographicOperations.ZeroMemory(text);
        return hash;
    }

    public static byte[] Data(byte[] value) => [(byte)value.Length, .. value];
}
