// Attribute-value pairs inside EAP-TTLS. RFC 5281 10.
using Cygnet.Wire;

namespace Cygnet.Eap.Tls;

/// <summary>An AVP; vendor 0 is none.</summary>
readonly record struct Avp(uint Code, uint Vendor, byte[] Value)
{
    public const uint UserName = 1, UserPassword = 2, EapMessage = 79;
    public const uint Microsoft = 311, MsChapError = 2, MsChapChallenge = 11, MsChap2Response = 25, MsChap2Success = 26;

    const byte VendorFlag = 0x80, MandatoryFlag = 0x40;
    const int HeaderBytes = 8, VendorBytes = 4, Unit = 4, MaxCount = 64;

    /// <summary>
    /// All AVPs of a message; null, and why, if one is malformed, or has to be understood and is not. The length of each counts its header too and is
    /// checked against that, so that reading always advances (CVE-2026-25075).
    /// </summary>
    public static List<Avp>? ReadAll(ReadOnlySpan<byte> data, out string reason)
    {
        reason = "";
        List<Avp> all = [];
        var r = new WireReader(data);
        while (!r.AtEnd && !r.Failed)
        {
            var code = r.U32();
            var flags = r.U8();
            var length = r.U8() << 16 | r.U16();
            var header = HeaderBytes + ((flags & VendorFlag) != 0 ? VendorBytes : 0);
            var vendor = header > HeaderBytes ? r.U32() : 0;
            var value = r.Bytes(length - header);
            if (r.Failed || all.Count == MaxCount)
            {
                reason = r.Failed ? "received invalid AVP header" : "too many AVPs";
                return null;
            }
            // The last one may come without its padding.
            r.Skip(Math.Min(r.Left, (Unit - length % Unit) % Unit));
            var avp = new Avp(code, vendor, value.ToArray());
            if (avp.IsKnown) all.Add(avp);
            else if ((flags & MandatoryFlag) != 0)
            {
                reason = $"AVP {code} of vendor {vendor} has to be understood, and is not";
                return null;
            }
        }
        return all;
    }

    bool IsKnown => Vendor == 0 ? Code is UserName or UserPassword or EapMessage : Vendor == Microsoft && Code is MsChapChallenge or MsChap2Response or MsChap2Success or MsChapError;

    public void Write(WireWriter w)
    {
        var header = HeaderBytes + (Vendor != 0 ? VendorBytes : 0);
        var length = header + Value.Length;
        w.U32(Code);
        w.U8((byte)(MandatoryFlag | (Vendor != 0 ? VendorFlag : 0)));
        w.U8((byte)(length >> 16));
        w.U16((ushort)length);
        if (Vendor != 0) w.U32(Vendor);
        w.Bytes(Value);
        w.Zeros((Unit - length % Unit) % Unit);
    }

    public byte[] ToBytes()
    {
        var w = new WireWriter(HeaderBytes + VendorBytes + Value.Length + Unit);
        Write(w);
        return w.ToArray();
    }

    /// <summary>The EAP packet in a message; it may be in several AVPs, as in RADIUS.</summary>
    public static byte[] Eap(List<Avp> all) => [.. all.Where(a => a.Code == EapMessage && a.Vendor == 0).SelectMany(a => a.Value)];

    public static byte[]? Find(List<Avp> all, uint code, uint vendor = 0) => all.Where(a => a.Code == code && a.Vendor == vendor).Select(a => a.Value).FirstOrDefault();
}
