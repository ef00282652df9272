// A gateway whose clients a RADIUS server authenticates: success, refusal, what is granted, accounting, and requests of the server. RFC 3579, 2866, 5176.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class RadiusScenes
{
    const string Net = "leftsubnet=10.1.0.0/16";
    const string NoReauth = "reauth=no";

    // Of the time that the server sets each end takes off its margin: a client that is to have 13 s hears of 11, and begins after 3.
    const string GatewayMargin = "margintime=2s\nrekeyfuzz=0%", ClientMargin = "margintime=8s\nrekeyfuzz=0%";

    /// <summary>The client, the gateway, and the method; PEAP and SIM only our client has.</summary>
    public static TheoryData<Product, Product, string> Methods
    {
        get
        {
            var all = new TheoryData<Product, Product, string>();
            foreach (var method in (string[])["md5", "mschapv2", "gtc", "tls", "ttls"]) all.Add(Product.StrongSwan, Subject.Product, method);
            foreach (var gateway in (Product[])[Product.StrongSwan, Subject.Product])
                foreach (var method in (string[])["md5", "mschapv2", "gtc", "tls", "ttls", "peap", "sim"]) all.Add(Product.Cygnet, gateway, method);
            return all;
        }
    }

    /// <summary>Who calls whom.</summary>
    public static TheoryData<Product, Product> Roles => new()
    {
        { Product.StrongSwan, Subject.Product },
        { Subject.Product, Product.StrongSwan },
    };

    /// <summary>The triplets of the subscriber, as the server and as the client has them.</summary>
    static readonly string[] _sim = [.. Enumerable.Range(1, 3).SelectMany(i => (string[])[$"EAP-Sim-Rand{i} = 0x3{i}{new string('0', 30)}", $"EAP-Sim-SRES{i} = 0x3{i}112233", $"EAP-Sim-KC{i} = 0x3{i}5566778899aabb"])];
    static readonly string _triplets = string.Concat(Enumerable.Range(1, 3).Select(i => $"carol@cygnet.test,3{i}{new string('0', 30)},3{i}112233,3{i}5566778899aabb\n"));

    [Theory, MemberData(nameof(Methods))]
    public void A_client_comes_in(Product client, Product gateway, string method)
    {
        using var road = new RadiusRoad(method, client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.StartServer(RadiusRoad.User("carol", _sim), method);
            road.Configure([("rw", $"{Net}\n{NoReauth}")], NoReauth + (method == "tls" ? "\nleftcert=client.pem" : ""), "carol");
            road.Client.Write("ipsec.d/triplets.dat", _triplets);
            road.Start();
            road.Client.Up("carol").ShouldSay("authentication of 'moon.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful", "connection 'carol' established successfully");
            road.Gateway.ShouldHaveLogged("received EAP identity 'carol@cygnet.test'");
            road.Gateway.ShouldHaveLogged("RADIUS authentication of 'carol@cygnet.test' successful");
            road.Gateway.ShouldHaveLogged($"EAP method EAP_{method.ToUpperInvariant()} succeeded, {(method is "md5" or "gtc" ? "no " : "")}MSK established");
            road.Gateway.ShouldHaveLogged("authentication of 'carol@cygnet.test' with EAP successful");
            road.Client.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            road.Pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            Wait.Until("the server says that it has accepted the client, once", () => road.Accepted == 1);
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_server_rejects_a_client(Product client, Product gateway)
    {
        using var road = new RadiusRoad("reject", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.StartServer(RadiusRoad.User("carol").Replace(RadiusRoad.Password, "coffee"), "md5");
            road.Configure([("rw", Net)], NoReauth, "carol", "dave");
            road.Start();
            road.Client.Up("carol").ShouldSay("received EAP_FAILURE, EAP authentication failed", "establishing connection 'carol' failed");
            road.Gateway.ShouldHaveLogged("RADIUS authentication of 'carol@cygnet.test' failed");
            road.Client.Up("dave").ShouldSay("establishing connection 'dave' failed"); // the server does not know him
            road.Gateway.ShouldHaveLogged("RADIUS authentication of 'dave@cygnet.test' failed");
            road.Client.ShouldBeClean();
            if (gateway == Product.Cygnet)
            {
                road.Gateway.Host.Run("ipsec", "why").ShouldSay("RADIUS server 'alice' rejects 'carol@cygnet.test'", "RADIUS server 'alice' rejects 'dave@cygnet.test'");
                road.Gateway.ShouldBeClean();
            }
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_server_gives_the_address(Product client, Product gateway)
    {
        using var road = new RadiusRoad("address", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.StartServer(RadiusRoad.User("carol", "Framed-IP-Address = 10.3.0.7", "Framed-IPv6-Address = fd03::7", "MS-Primary-DNS-Server = 10.1.0.53") + RadiusRoad.User("dave"), "mschapv2");
            road.Configure([("rw", $"{Net},fd01::/64\nrightsourceip=%radius\n{NoReauth}")], $"leftsourceip=%config4,%config6\nrightsubnet=10.1.0.0/16,fd01::/64\n{NoReauth}", "carol", "dave");
            foreach (var g in (Gateway[])[road.Client])
                g.Settings($"plugins {{ resolve {{ file = {Path.Combine(g.Host.Folder, "resolv.conf")}\n }} }}");
            road.Start();
            road.Client.Up("carol").ShouldSay("installing new virtual IP 10.3.0.7", "installing new virtual IP fd03::7", "installing DNS server 10.1.0.53", "connection 'carol' established successfully");
            road.Gateway.ShouldHaveLogged("assigning virtual IP 10.3.0.7 to peer 'carol@cygnet.test'");
            road.Client.Ping("10.3.0.7", "10.1.0.1").ShouldSucceed();
            road.Client.Ping("fd03::7", "fd01::1").ShouldSucceed();
            road.Pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 12);
            // the server gives dave none
            road.Client.Up("dave").ShouldSay("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built");
            road.Client.Down("dave");
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void A_pool_stands_in_for_the_server(Product client, Product gateway)
    {
        using var road = new RadiusRoad("pool", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.StartServer(RadiusRoad.User("carol", "Framed-IP-Address = 10.3.0.7") + RadiusRoad.User("dave"), "md5");
            road.Configure([("rw", $"{Net}\nrightsourceip=%radius,10.4.0.0/28\n{NoReauth}")], $"leftsourceip=%config4\n{NoReauth}", "carol", "dave");
            road.Start();
            // the reference has its own pools first
            road.Client.Up("dave").ShouldSay("installing new virtual IP 10.4.0.1", "connection 'dave' established successfully");
            road.Client.Up("carol").ShouldSay($"installing new virtual IP {(gateway == Product.Cygnet ? "10.3.0.7" : "10.4.0.2")}", "connection 'carol' established successfully");
            road.Client.Down("dave").ShouldSucceed();
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_groups_choose_the_connection(Product client, Product gateway)
    {
        using var road = new RadiusRoad("groups", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.Settings("class_group = yes");
            road.StartServer(RadiusRoad.User("carol", "Class = \"Research\"") + RadiusRoad.User("dave", "Class = \"Accounting\"") + RadiusRoad.User("eve", "Class = \"Sales\""), "md5");
            road.Configure([("research", $"leftsubnet=10.1.0.0/24\nrightgroups=Research\n{NoReauth}"), ("accounting", $"leftsubnet=10.1.1.0/24\nrightgroups=\"Accounting, Management\"\n{NoReauth}")],
                NoReauth, "carol", "dave", "eve");
            road.Start();
            road.Client.Up("carol").ShouldSay("=== 10.1.0.0/24", "connection 'carol' established successfully");
            road.Client.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            road.Client.Down("carol").ShouldSucceed();
            road.Client.Up("dave").ShouldSay("=== 10.1.1.0/24", "connection 'dave' established successfully");
            road.Client.Ping("10.2.0.1", "10.1.1.1").ShouldSucceed();
            road.Gateway.ShouldHaveLogged("received group membership 'Accounting' from RADIUS");
            road.Gateway.ShouldHaveLogged("switching to peer config 'accounting'");
            road.Client.Down("dave").ShouldSucceed();
            road.Client.Up("eve").ShouldSay("received AUTHENTICATION_FAILED notify error", "establishing connection 'eve' failed");
            road.Gateway.ShouldHaveLogged("no alternative config found");
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_server_limits_the_session(Product client, Product gateway)
    {
        using var road = new RadiusRoad("timeout", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.StartServer(RadiusRoad.User("carol", "Session-Timeout = 13"), "md5");
            road.Configure([("rw", $"{Net}\n{NoReauth}\n{GatewayMargin}")], $"{NoReauth}\n{ClientMargin}", "carol");
            road.Start();
            road.Client.Up("carol").ShouldSay("received AUTH_LIFETIME of 11s, scheduling reauthentication in 3s", "connection 'carol' established successfully");
            var first = road.Client.Sas().Ike.Single();
            Wait.Until("the client has authenticated again", () => road.Accepted == 2 && road.Client.Sas() is { Ike: [{ State: "ESTABLISHED" } now], Children: [{ State: "INSTALLED" }] } && now.Spis != first.Spis, 20);
            road.Client.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_session_is_accounted(Product client, Product gateway)
    {
        using var road = new RadiusRoad("accounting", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.Settings("accounting = yes\naccounting_send_class = yes\nstation_id_with_port = no");
            road.StartServer(RadiusRoad.User("carol", "Framed-IP-Address = 10.3.0.7", "Class = \"Research\"", "Acct-Interim-Interval = 2"), "mschapv2");
            road.Configure([("rw", $"{Net}\nrightsourceip=%radius\n{NoReauth}")], $"leftsourceip=%config\n{NoReauth}", "carol");
            road.Start();
            road.Client.Up("carol").ShouldSay("connection 'carol' established successfully");
            road.Gateway.ShouldHaveLogged("scheduling RADIUS Interim-Updates every 2s");
            road.Client.Ping("10.3.0.7", "10.1.0.1").ShouldSucceed();
            Wait.Until("an update tells of the pings", () => road.Records.Any(r => r.Contains("Interim-Update") && r.Contains("Acct-Input-Packets = 3")), 10);
            road.Client.Host.Run("swanctl", "--rekey", "--child", "carol").ShouldSucceed();
            Wait.Until("the child is another", () => road.Gateway.Log.Contains("CREATE_CHILD_SA") && road.Client.Sas() is { Children.Count: 1 });
            road.Client.Ping("10.3.0.7", "10.1.0.1", count: 2).ShouldSucceed();
            road.Client.Down("carol").ShouldSucceed();
            Wait.Until("the end is recorded", () => road.Records.Any(r => r.Contains("Acct-Status-Type = Stop")), 10);
            var all = road.Records;
            Assert.All(all, r => Assert.Contains("User-Name = \"carol@cygnet.test\"", r));
            Assert.All(all, r => Assert.Contains("Framed-IP-Address = 10.3.0.7", r));
            Assert.All(all, r => Assert.Contains("Class = 0x5265736561726368", r));
            Assert.All(all, r => Assert.Contains("Calling-Station-Id = \"192.168.0.2\"", r));
            Assert.All(all, r => Assert.Contains("NAS-Port-Id = \"rw\"", r));
            Assert.Single(all.Select(r => r.Split("Acct-Session-Id = ")[1].Split('\n')[0]).Distinct());
            Assert.Contains("Acct-Status-Type = Start", all[0]);
            foreach (var line in (string[])["Acct-Input-Packets = 5", "Acct-Output-Packets = 5", "Acct-Terminate-Cause = User-Request"]) Assert.Contains(line, all[^1]);
            Assert.Equal(5 * 84, int.Parse(all[^1].Split("Acct-Input-Octets = ")[1].Split('\n')[0]));
            Assert.Equal(5 * 84, int.Parse(all[^1].Split("Acct-Output-Octets = ")[1].Split('\n')[0]));
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void The_server_ends_and_changes_sessions(Product client, Product gateway)
    {
        using var road = new RadiusRoad("dae", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.Settings($"dae {{\n enable = yes\n secret = {RadiusRoad.DaeSecret}\n }}\naccounting = yes");
            road.StartServer(RadiusRoad.User("carol"), "md5");
            road.Configure([("rw", $"{Net}\n{NoReauth}\n{GatewayMargin}")], $"{NoReauth}\n{ClientMargin}", "carol");
            road.Start();
            road.Client.Up("carol").ShouldSay("connection 'carol' established successfully");

            // nobody else's, nobody's without the secret, and nobody's from elsewhere
            road.Dae("disconnect", "User-Name=\"dave@cygnet.test\"").ShouldSay("Received Disconnect-NAK");
            road.Dae("disconnect", "User-Name=\"carol@cygnet.test\"", secret: "wrong").ShouldSay("No reply from server");
            if (gateway == Product.Cygnet)
            {
                road.Dae("disconnect", "User-Name=\"carol@cygnet.test\"", from: road.Client.Host, to: "192.168.0.1").ShouldSay("No reply from server");
                road.Gateway.ShouldHaveLogged("which is no client: neither a RADIUS server nor among dae.x-clients");
            }
            Assert.Single(road.Gateway.Sas().Ike);

            road.Dae("coa", "User-Name=\"carol@cygnet.test\"").ShouldSay("Received CoA-NAK");
            road.Dae("coa", "User-Name=\"carol@cygnet.test\", Session-Timeout=13").ShouldSay("Received CoA-ACK");
            road.Gateway.ShouldHaveLogged("applying 13s lifetime to 1 IKE_SA matching");
            road.Client.ShouldHaveLogged("received AUTH_LIFETIME of 11s, scheduling reauthentication in 3s");
            Wait.Until("the client has authenticated again", () => road.Accepted == 2 && road.Client.Sas() is { Ike: [{ State: "ESTABLISHED" }], Children: [{ State: "INSTALLED" }] }, 20);
            road.Client.Ping("10.2.0.1", "10.1.0.1").ShouldSucceed();

            road.Dae("disconnect", "User-Name=\"carol@cygnet.test\"").ShouldSay("Received Disconnect-ACK");
            road.Pair.ShouldBeClean();
            if (gateway == Product.Cygnet)
                Wait.Until("the end is recorded with its cause", () => road.Records.Any(r => r.Contains("Acct-Status-Type = Stop") && r.Contains("Acct-Terminate-Cause = Admin-Reset")), 10);
        });
    }

    [Fact]
    public void Another_server_stands_in_for_a_silent_one()
    {
        using var road = new RadiusRoad("silent", Product.StrongSwan, Product.Cygnet);
        road.Pair.Bed.Play(() =>
        {
            road.Settings("retransmit_timeout = 0.2\nretransmit_tries = 2", "nobody {\n address = 10.9.0.9\n secret = x\n preference = 50\n }");
            road.StartServer(RadiusRoad.User("carol"), "mschapv2");
            road.Configure([("rw", $"{Net}\n{NoReauth}")], NoReauth, "carol");
            road.Start();
            road.Client.Up("carol").ShouldSay("connection 'carol' established successfully");
            road.Gateway.ShouldHaveLogged("sending RADIUS Access-Request to server 'nobody'");
            road.Gateway.ShouldHaveLogged("RADIUS Access-Request timed out after 2 attempts");
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void What_the_server_says_is_forwarded_to_the_client(Product client, Product gateway)
    {
        using var road = new RadiusRoad("forward", client, gateway);
        road.Pair.Bed.Play(() =>
        {
            road.Settings("forward {\n radius_to_ike = Reply-Message\n }");
            road.Client.Settings("send_vendor_id = yes");
            road.StartServer(RadiusRoad.User("carol", "Reply-Message = \"hello\""), "md5");
            road.Configure([("rw", $"{Net}\n{NoReauth}")], NoReauth, "carol");
            road.Start();
            road.Client.Up("carol").ShouldSay("EAP/SUCC", "N(RADIUS)", "connection 'carol' established successfully");
            road.Client.Down("carol").ShouldSucceed();
            road.Pair.ShouldBeClean();
        });
    }
}
