// charon.plugins.eap-radius: defaults, servers, what is skipped. strongswan.conf(5).
using System.Text;
using Cygnet.Config;
using Cygnet.Policy;
using Cygnet.Radius;
using Cygnet.Tests.Config;

namespace Cygnet.Tests.Radius;

public sealed class RadiusSettingsTests
{
    static RadiusSettings Read(string text) =>
        RadiusSettings.Read(StrongswanSettings.Parse("/c", MemoryFiles.With("/c", $"charon {{\n plugins {{\n eap-radius {{\n{text}\n }}\n }}\n}}\n")));

    [Fact]
    public void TheDefaultsAreThoseOfTheReference()
    {
        var s = Read("servers {\n moon {\n address = 10.1.0.10\n secret = gv6URkSs\n }\n}");
        var server = Assert.Single(s.Servers);
        Assert.Equal(("moon", "10.1.0.10", "gv6URkSs"), (server.Name, server.Address, Encoding.ASCII.GetString(server.Secret)));
        Assert.Equal((1812, 1813, 1, 0), (server.AuthPort, server.AcctPort, server.Sockets, server.Preference));
        Assert.Equal((4, 2.0, 1.4, "strongSwan"), (server.RetransmitTries, server.RetransmitTimeout, server.RetransmitBase, server.NasIdentifier));
        Assert.False(s.EapStart || s.ClassGroup || s.FilterId || s.Accounting || s.AccountingRequiresVip || s.AccountingSendClass || s.CloseAllOnTimeout);
        Assert.True(s.StationIdWithPort && s.AccountingCloseOnTimeout);
        Assert.Null(s.Dae);
        Assert.Equal(["loaded 1 RADIUS server configuration"], s.Lines.ToArray());
    }

    [Fact]
    public void AServersSectionComesBeforeTheCommonSettings()
    {
        var s = Read("sockets = 3\nnas_identifier = gate\nport = 1645\nretransmit_tries = 2\nservers {\n a {\n address = a.example\n secret = x\n auth_port = 1900\n acct_port = 1901\n preference = 9\n sockets = 5\n }\n b {\n address = b.example\n secret = y\n retransmit_timeout = 0.5\n }\n}");
        Assert.Equal([(1900, 1901, 5, 9, 2, 2.0), (1645, 1813, 3, 0, 2, 0.5)], s.Servers.Select(x => ((int)x.AuthPort, (int)x.AcctPort, x.Sockets, x.Preference, x.RetransmitTries, x.RetransmitTimeout)));
        Assert.All(s.Servers, x => Assert.Equal("gate", x.NasIdentifier));
    }

    [Fact]
    public void TheOlderFormHasOneServer()
    {
        var server = Assert.Single(Read("server = 10.1.0.10\nsecret = x\nport = 1645").Servers);
        Assert.Equal(("10.1.0.10", "10.1.0.10", 1645), (server.Name, server.Address, server.AuthPort));
        var s = Read("server = 10.1.0.10");
        Assert.Empty(s.Servers);
        Assert.Equal(["no RADIUS secret defined"], s.Lines.ToArray());
    }

    [Fact]
    public void WhatIsIncompleteIsSkippedByName()
    {
        var s = Read("servers {\n a {\n secret = x\n }\n b {\n address = b\n }\n}\ndae {\n enable = yes\n}");
        Assert.Empty(s.Servers);
        Assert.Null(s.Dae);
        Assert.Equal(["RADIUS server 'a' misses address, skipped", "RADIUS server 'b' misses secret, skipped", "loaded 0 RADIUS server configurations", "missing RADIUS DAE secret, disabled"], s.Lines.ToArray());
    }

    [Fact]
    public void TheDoorForDynamicAuthorization()
    {
        var s = Read("dae {\n enable = yes\n secret = z\n listen = 10.0.0.1\n port = 3800\n}");
        Assert.Equal((Address.Parse("10.0.0.1"), 3800), (s.Dae!.Listen, s.Dae.Port));
        var d = Read("dae {\n enable = yes\n secret = z\n x-clients = 10.9.0.0/16, fd00::1, x, dynamic\n}");
        Assert.Equal(2, d.Dae!.Clients.Length);
        Assert.True(d.Dae.Clients[0].Contains(Address.Parse("10.9.1.2")));
        Assert.Equal(2, d.Lines.Count(l => l.StartsWith("invalid RADIUS DAE client", StringComparison.Ordinal)));
        Assert.Equal(["invalid RADIUS DAE listen address"], Read("dae {\n enable = yes\n secret = z\n listen = nowhere\n}").Lines.ToArray());
        Assert.Empty(Read("").Lines);
    }

    [Fact]
    public void SecretsAreNotPrinted()
    {
        var s = Read("servers {\n moon {\n address = 10.1.0.10\n secret = gv6URkSs\n }\n}\ndae {\n enable = yes\n secret = gv6URkSs\n}");
        Assert.DoesNotContain("gv6URkSs", $"{s} {s.Servers[0]} {s.Dae}", StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsForwardedFromIkeCannotPretendToBeTheConversation()
    {
        List<string> lines = [];
        var forward = RadiusForward.Parse("User-Name, 79, 80, 24, 36906:12, 999, Nonsense", lines);
        Assert.Equal(["forwarding RADIUS attribute User-Name", "RADIUS attribute EAP-Message cannot be forwarded", "RADIUS attribute Message-Authenticator cannot be forwarded",
            "RADIUS attribute State cannot be forwarded", "forwarding RADIUS VSA 36906-12", "ignoring unknown RADIUS attribute type '999'", "ignoring unknown RADIUS attribute type 'Nonsense'"], lines);
        var a = new RadiusAttributes();
        foreach (var notify in (byte[][])[[1, 3, 65], [79, 3, 0], [80, 18, .. new byte[16]], [24, 3, 0], [26, 9, 0, 0, 0x90, 0x2a, 12, 3, 7], [26, 9, 0, 0, 0x90, 0x2b, 12, 3, 7],
            [1, 0], [1, 1], [1], [], [1, 4, 65], [1, 2], [26, 3, 0], [2, 3, 0]])
            forward.AddTo(a, notify);
        Assert.Equal([RadiusType.UserName, RadiusType.VendorSpecific, RadiusType.UserName], a.List.Select(x => x.Type));
    }

    [Fact]
    public void AllOfAVendorsAttributesAreForwardedByTypeZero()
    {
        var forward = RadiusForward.Parse("36906:0, 0", []);
        var a = new RadiusAttributes();
        foreach (var notify in (byte[][])[[26, 9, 0, 0, 0x90, 0x2a, 12, 3, 7], [26, 9, 0, 0, 0x90, 0x2a, 13, 3, 7], [26, 9, 0, 0, 0x90, 0x2b, 12, 3, 7], [0, 3, 7]]) forward.AddTo(a, notify);
        Assert.Equal([12, 13], a.List.Select(x => (int)x.Value[4]));
    }

    [Fact]
    public void WhatBelongsToIkev1SaysSo()
    {
        Assert.Equal(["charon.plugins.eap-radius.xauth is without effect: IKEv1 is not built yet in this version"], Read("xauth {\n profile {\n next_pin = PIN:\n }\n}").Lines.ToArray());
        Assert.Empty(Read("xauth {\n}").Lines);
    }
}
