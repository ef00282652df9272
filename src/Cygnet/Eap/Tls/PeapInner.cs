// What travels inside PEAPv0: EAP packets without their header, and TLVs. draft-kamath-pppext-peapv0, MS-PEAP 2.2.
using System.Buffers.Binary;
using Cygnet.Wire;

namespace Cygnet.Eap.Tls;

/// <summary>Code, identifier and length are left out but for Success, Failure and TLVs; they follow from the packet outside.</summary>
static class PeapInner
{
    const int HeaderBytes = 4;
    const ushort MandatoryBit = 0x8000, ResultTlv = 3, SuccessValue = 1, FailureValue = 2;

    /// <summary>Without the header, unless it is a TLV.</summary>
    public static byte[] Compress(byte[] packet) => packet[HeaderBytes..];

    /// <summary>The packet with a header: its own if it has one, else one of that code and identifier. Null, and why, if it is no packet.</summary>
    public static EapPacket? Expand(byte[] data, byte code, byte id, out string reason)
    {
        var isWhole = data.Length > HeaderBytes && data[0] == code && BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(2)) == data.Length;
        if (isWhole) return EapPacket.TryParse(data, out reason);
        reason = "an inner packet of PEAP that is too long";
        if (data.Length > ushort.MaxValue - HeaderBytes) return null;
        var w = new WireWriter(HeaderBytes + data.Length);
        w.U8(code);
        w.U8(id);
        w.U16((ushort)(HeaderBytes + data.Length));
        w.Bytes(data);
        return EapPacket.TryParse(w.ToArray(), out reason);
    }

    public static byte[] ResultData(bool success)
    {
        var w = new WireWriter(6);
        w.U16(MandatoryBit | ResultTlv);
        w.U16(2);
        w.U16(success ? SuccessValue : FailureValue);
        return w.ToArray();
    }

    /// <summary>The result among the TLVs of a packet; null, and why, if there is none, or one that has to be understood and is not.</summary>
    public static bool? Result(EapPacket packet, out string reason)
    {
        reason = "unknown MS AVP message";
        bool? result = null;
        var r = new WireReader(packet.Data.Span);
        while (!r.AtEnd)
        {
            var type = r.U16();
            var value = r.Sub(r.U16());
            if (r.Failed) return null;
            if ((type & ~MandatoryBit) != ResultTlv)
            {
                if ((type & MandatoryBit) == 0) continue;
                reason = $"TLV {type & ~MandatoryBit} inside PEAP has to be understood, and is not";
                return null;
            }
            var status = value.U16();
            if (value.Failed || !value.AtEnd || result is not null || status is not (SuccessValue or FailureValue)) return null;
            result = status == SuccessValue;
        }
        return result;
    }
}
