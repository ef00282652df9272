// Conversations that a RADIUS server holds with clients, through us.
using Cygnet.Eap;

namespace Cygnet.Radius;

public static class RadiusEapServers
{
    /// <summary>What stands behind <c>eap-radius</c>. <paramref name="started"/> is the start of the daemon, in seconds since 1970: part of every session's id.</summary>
    public static EapServerFactory Factory(RadiusSettings settings, IRadiusServers servers, uint started) => context => new RadiusEapServer(context, settings, servers, started);
}
