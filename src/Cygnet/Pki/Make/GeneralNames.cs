// Writing GeneralName: subjectAltName, name constraints, where CRLs are. RFC 5280 4.2.1.6, 4.2.1.10, 4.2.1.13.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Pki.Make;

/// <summary>Identities as GeneralNames.</summary>
public static class GeneralNames
{
    const int Mail = 1, Dns = 2, Directory = 4, UriForm = 6, IpAddress = 7;

    /// <summary>Whether the identity has a form that a GeneralName can take; subnets exist in name constraints only.</summary>
    public static bool Fits(Identity name, bool isConstraint = false) => name.Kind switch
    {
        IdentityKind.Rfc822 or IdentityKind.Fqdn => Ascii.IsValid(name.Encoded),
        IdentityKind.DistinguishedName or IdentityKind.GeneralName => true,
        IdentityKind.Ipv4 or IdentityKind.Ipv6 => true,
        IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet => isConstraint,
        _ => false,
    };

    internal static void Write(AsnWriter writer, Identity name, bool isConstraint = false)
    {
        switch (name.Kind)
        {
            case IdentityKind.Rfc822: writer.WriteOctetString(name.Encoded, Tag(Mail)); break;
            case IdentityKind.Fqdn: writer.WriteOctetString(name.Encoded, Tag(Dns)); break;
            // A Name is a CHOICE, so its tag is explicit.
            case IdentityKind.DistinguishedName:
                using (writer.PushSequence(Tag(Directory))) writer.WriteEncodedValue(name.Encoded);
                break;
            // A host as a constraint is a subnet with all bits of its mask: RFC 5280 4.2.1.10.
            case IdentityKind.Ipv4 or IdentityKind.Ipv6 when isConstraint:
                writer.WriteOctetString([.. name.Encoded, .. Enumerable.Repeat((byte)0xff, name.Encoded.Length)], Tag(IpAddress));
                break;
            case IdentityKind.Ipv4 or IdentityKind.Ipv6 or IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet: writer.WriteOctetString(name.Encoded, Tag(IpAddress)); break;
            default: writer.WriteEncodedValue(name.Encoded); break;
        }
    }

    internal static void WriteUri(AsnWriter writer, string uri) => writer.WriteOctetString(Encoding.UTF8.GetBytes(uri), Tag(UriForm));

    /// <summary>A URI as an identity, which has no text form of its own.</summary>
    public static Identity? Uri(string uri)
    {
        if (!Ascii.IsValid(uri)) return null;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        WriteUri(writer, uri);
        return Identity.TryFromWire(10, writer.Encode(), out var name) ? name : null;
    }

    static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);
}
