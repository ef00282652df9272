// NAK, and who decides which method it is. RFC 3748 5.3; eap-dynamic.
using Cygnet.Auth;
using Cygnet.Eap;
using Cygnet.Policy;

namespace Cygnet.Tests.Eap;

public sealed class EapDynamicTests
{
    [Theory]
    [InlineData("eap-md5", "EAP_MD5")]
    [InlineData("eap-mschapv2", "EAP_MSCHAPV2")]
    [InlineData("eap-gtc", "EAP_GTC")]
    [InlineData("eap-peap", "EAP_PEAP")]
    [InlineData("eap-tls", "EAP_TLS")]
    public void A_dynamic_server_takes_what_the_client_wants(string client, string type)
    {
        var o = new EapBench("eap-dynamic") { ClientMethod = client }.Run();
        Assert.Equal(EapOutcome.Success, o.Client.Outcome);
        Assert.Equal(type, o.Client.Type.ToString());
        Assert.Equal(type, o.Server.Type.ToString());
        if (type != "EAP_TLS") Assert.Contains($"requesting {type} authentication, sending EAP_NAK", o.ClientLines);
    }

    [Fact]
    public void The_preferred_methods_come_first_in_their_order()
    {
        string First(params string[] preferred) =>
            new EapBench("eap-dynamic") { ClientMethod = "eap", ServerSettings = new() { DynamicPreferred = string.Join(", ", preferred) } }.Run().Client.Type.ToString();
        Assert.Equal("EAP_GTC", First("gtc", "md5"));
        Assert.Equal("EAP_MD5", First("sim", "4", "gtc"));
        Assert.Equal("EAP_TLS", First());
    }

    [Fact]
    public void Of_several_proposals_the_setting_says_whose_order_counts()
    {
        EapType After(bool peer)
        {
            var bench = new EapBench("eap-dynamic") { ServerSettings = new() { DynamicPreferred = "tls,mschapv2,md5", DynamicPrefersPeer = peer } };
            var (client, server, s) = bench.After(1);
            client.Dispose();
            using (server)
            {
                // Legacy NAK: GTC is not among the preferred, MD5 before MSCHAPv2.
                s = server.Next(new byte[] { 2, s.Packet![1], 0, 8, 3, 4, 26, 6 });
                return new(s.Packet![4]);
            }
        }
        Assert.Equal(EapType.MsChapV2, After(false));
        Assert.Equal(EapType.Md5, After(true));
    }

    [Fact]
    public void A_second_NAK_ends_it()
    {
        var (client, server, s) = new EapBench("eap-dynamic").After(1);
        client.Dispose();
        using (server)
        {
            s = server.Next(new byte[] { 2, s.Packet![1], 0, 6, 3, 4 });
            Assert.Equal(EapOutcome.Continue, s.Outcome);
            s = server.Next(new byte[] { 2, s.Packet![1], 0, 6, 3, 26 });
            Assert.Equal(EapOutcome.Failure, s.Outcome);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 99, 100 })]
    public void A_client_that_wants_nothing_we_have_is_refused(byte[] types)
    {
        var (client, server, s) = new EapBench("eap-dynamic").After(1);
        client.Dispose();
        using (server)
        {
            s = server.Next((byte[])[2, s.Packet![1], 0, (byte)(5 + types.Length), 3, .. types]);
            Assert.Equal(EapOutcome.Failure, s.Outcome);
            Assert.Contains("none of which we can do", s.Reason);
        }
    }

    [Fact]
    public void A_fixed_method_is_not_replaced_and_the_wish_is_told()
    {
        var o = new EapBench("eap-md5") { ClientMethod = "eap-mschapv2" }.Run();
        Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
        Assert.Equal("the client refuses EAP_MD5 and proposes EAP_MSCHAPV2", o.Server.Reason);
        Assert.Contains("received EAP_NAK, sending EAP_FAILURE", o.ServerLines);
        Assert.Contains("requesting EAP_MSCHAPV2 authentication, sending EAP_NAK", o.ClientLines);
    }

    [Fact]
    public void A_client_for_any_method_proposes_what_it_has_a_credential_for()
    {
        var bench = new EapBench("eap") { ClientStore = new() };
        bench.ClientStore.Add(new SharedSecret(SecretClass.Ntlm, new byte[16], []));
        using var client = bench.NewClient();
        // expanded: vendor 7, type 9
        var step = client.Receive(new byte[] { 1, 5, 0, 12, 254, 0, 0, 7, 0, 0, 0, 9 });
        Assert.Equal([2, 5, 0, 20, 254, 0, 0, 0, 0, 0, 0, 3, 254, 0, 0, 0, 0, 0, 0, 26], step.Packet);
        step = client.Receive(new byte[] { 1, 6, 0, 5, 99 });
        Assert.Equal([2, 6, 0, 6, 3, 26], step.Packet);
    }

    [Fact]
    public void Methods_of_the_IETF_may_come_in_expanded_form()
    {
        using var client = new EapBench("eap-md5").NewClient();
        var step = client.Receive((byte[])[1, 5, 0, 29, 254, 0, 0, 0, 0, 0, 0, 4, 16, .. new byte[16]]);
        Assert.Equal(EapOutcome.Continue, step.Outcome);
        Assert.Equal(4, step.Packet![4]);
    }

    [Theory]
    [InlineData("eap-ttls")]
    [InlineData("eap-peap")]
    public void A_tunnel_in_a_tunnel_is_refused(string method)
    {
        foreach (var inner in (string[])["ttls", "peap", "tls"])
        {
            var settings = new EapSettings();
            settings = settings with { Ttls = settings.Ttls with { Phase2Method = inner }, Peap = settings.Peap with { Phase2Method = inner } };
            var o = new EapBench(method) { ServerSettings = settings }.Run();
            Assert.Equal(EapOutcome.Failure, o.Server.Outcome);
            Assert.Equal(EapOutcome.Failure, o.Client.Outcome);
        }
    }

    [Fact]
    public void An_identity_from_outside_is_never_a_pattern()
    {
        foreach (var text in (string[])["%any", "*@example.org", "10.0.0.0/8", "0.0.0.0", "C=CH, CN=*", "*"])
            Assert.Equal(IdentityKind.KeyId, MethodContext.ReadIdentity(System.Text.Encoding.ASCII.GetBytes(text)).Kind);
        Assert.Equal(Identity.Parse("carol@example.org"), MethodContext.ReadIdentity("carol@example.org"u8));
        Assert.Equal(IdentityKind.KeyId, MethodContext.ReadIdentity([0xff, 0, 1]).Kind);
    }
}
