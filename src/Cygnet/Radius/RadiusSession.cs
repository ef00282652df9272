// How an IKE_SA is named to RADIUS servers: the attributes of every request about it. RFC 2865 5.4 to 5.6, 5.30, 5.31, 5.41; RFC 2866 5.5; RFC 2869 5.17; RFC 3162 2.1.
using System.Globalization;
using Cygnet.Eap;
using Cygnet.Policy;

namespace Cygnet.Radius;

static class RadiusSession
{
    const uint Virtual = 5, Framed = 2;

    /// <summary>The start of the daemon and the number of its first IKE_SA: unique beyond a restart, and the same after every rekeying.</summary>
    public static string Id(uint started, int uniqueId) => string.Create(CultureInfo.InvariantCulture, $"{started}-{uniqueId}");

    public static void Describe(RadiusAttributes to, EapSa sa, bool withPort)
    {
        to.Add(RadiusType.NasPortType, Virtual)
            .Add(RadiusType.ServiceType, Framed)
            .Add(RadiusType.NasPort, (uint)sa.UniqueId)
            .Add(RadiusType.NasPortId, sa.Name)
            .Add(sa.Local.Address.IsIPv6 ? RadiusType.NasIpv6Address : RadiusType.NasIpAddress, sa.Local.Address)
            .Add(RadiusType.CalledStationId, Station(sa.Local, withPort))
            .Add(RadiusType.CallingStationId, Station(sa.Remote, withPort));
    }

    public static string Station(Endpoint end, bool withPort) => withPort ? end.ToString() : end.Address.ToString();

    /// <summary>A name as it goes into EAP-Identity and User-Name: names as they are, everything else as text.</summary>
    public static byte[] NameOf(Identity id) =>
        id.Kind is IdentityKind.Fqdn or IdentityKind.Rfc822 or IdentityKind.KeyId ? id.Encoded : System.Text.Encoding.UTF8.GetBytes(id.ToString());
}
