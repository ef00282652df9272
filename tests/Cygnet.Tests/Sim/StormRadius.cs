// The RADIUS server behind a storm's gateways: whoever answers its challenge comes in. RFC 3579 2.
using Cygnet.Config;
using Cygnet.Eap;
using Cygnet.Radius;
using Cygnet.Tests.Config;
using Cygnet.Tests.Radius;

namespace Cygnet.Tests.Sim;

/// <summary>Asks for an MD5 response, accepts any: what is under test is the gateway between the two.</summary>
static class StormRadius
{
    static readonly byte[] _challenge = [1, 5, 0, 22, 4, 16, .. new byte[16]];

    /// <summary>A gateway's side of it; what it accepts ends after the lifetime.</summary>
    public static EapServerFactory Server(TimeSpan? lifetime)
    {
        var radius = new StubRadius(StubRadius.Server("a"));
        radius.Servers["a"] = (request, secret) =>
        {
            var a = new RadiusAttributes();
            if (request.First(RadiusType.State) is null)
                return StubRadius.Reply(RadiusCode.AccessChallenge, request, secret, a.AddEap(_challenge).Add(RadiusType.State, "s"));
            if (lifetime is { } l) a.Add(RadiusType.SessionTimeout, (uint)l.TotalSeconds);
            return StubRadius.Reply(RadiusCode.AccessAccept, request, secret, a.AddEap([3, 5, 0, 4]));
        };
        return RadiusEapServers.Factory(RadiusSettings.Read(StrongswanSettings.Parse("/c", MemoryFiles.With("/c", ""))), radius, 1);
    }
}
