// What all payloads have in common: the generic payload header. RFC 7296 3.2.
namespace Cygnet.Wire;

/// <summary>One payload of an IKE message.</summary>
public abstract record Payload(PayloadType Type)
{
    /// <summary>Length of the generic payload header, bytes.</summary>
    public const int HeaderBytes = 4;

    const byte CriticalBit = 0x80;

    /// <summary>Whether a receiver that does not know the type must refuse the message. Zero for all payloads of RFC 7296.</summary>
    public bool Critical { get; init; }

    /// <summary>Writes header and body; <paramref name="next"/> is the type of the following payload.</summary>
    public void Write(WireWriter to, PayloadType next)
    {
        var start = to.Length;
        to.U8((byte)next);
        to.U8(Critical ? CriticalBit : (byte)0);
        var length = to.BeginLength16();
        WriteBody(to);
        to.EndLength16(length, start);
    }

    protected abstract void WriteBody(WireWriter to);

    internal static bool IsCritical(byte flags) => (flags & CriticalBit) != 0;

    /// <summary>Reads the body of a payload of a known or unknown type; null with the reason if it is malformed.</summary>
    internal static Payload? Read(PayloadType type, ref WireReader r, out string reason)
    {
        reason = "";
        Payload? payload = type switch
        {
            PayloadType.Sa => SaPayload.Read(ref r, ref reason),
            PayloadType.Ke => KePayload.Read(ref r),
            PayloadType.IdInitiator or PayloadType.IdResponder => IdPayload.Read(type, ref r),
            PayloadType.Cert => CertPayload.Read(ref r),
            PayloadType.CertReq => CertReqPayload.Read(ref r),
            PayloadType.Auth => AuthPayload.Read(ref r),
            PayloadType.Nonce => NoncePayload.Read(ref r, ref reason),
            PayloadType.Notify => NotifyPayload.Read(ref r),
            PayloadType.Delete => DeletePayload.Read(ref r, ref reason),
            PayloadType.VendorId => VendorIdPayload.Read(ref r),
            PayloadType.TsInitiator or PayloadType.TsResponder => TsPayload.Read(type, ref r, ref reason),
            PayloadType.Configuration => ConfigurationPayload.Read(ref r, ref reason),
            PayloadType.Eap => EapPayload.Read(ref r, ref reason),
            _ => UnknownPayload.Read(type, ref r),
        };
        if (payload is not null && !r.Failed) return payload;
        if (reason == "") reason = "too short";
        return null;
    }
}
