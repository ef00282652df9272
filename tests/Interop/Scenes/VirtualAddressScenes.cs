// Virtual addresses: moon is the server with 10.1.0.0/16 and fd01::/64 behind it, sun the client.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class VirtualAddressScenes
{
    const string Original = "nameserver 192.0.2.53\n";

    /// <summary>Who is the client and who the server: the subject in both roles, and at both ends.</summary>
    public static TheoryData<Product, Product> Roles => new()
    {
        { Subject.Product, Product.StrongSwan },
        { Product.StrongSwan, Subject.Product },
        { Subject.Product, Subject.Product },
    };

    /// <summary>Lines of the conns; a client's conn for each identity, named like it.</summary>
    static Pair Road(string scene, Product client, Product server, string serverLines, string clientLines, string settings = "", params string[] clients)
    {
        var pair = new Pair($"vip-{scene}-{client}-{server}", server, client);
        if (clients.Length == 0) clients = ["carol"];
        const string both = "\tkeyexchange=ikev2\n\tauthby=secret\n\tmobike=no\n\treauth=no\n\tike=aes128-sha256-x25519!\n\tesp=aes128gcm16-x25519!\n\tauto=add\n";
        pair.Moon.Configure($"config setup\n\nconn rw\n{both}\tleft=192.168.0.1\n\tleftid=@moon.cygnet.test\n\tleftsubnet=10.1.0.0/16,fd01::/64\n\tright=%any\n{Lines(serverLines)}\n", $": PSK \"{Pair.Secret}\"\n");
        pair.Sun.Configure("config setup\n\n" + string.Concat(clients.Select(name =>
            $"conn {name}\n{both}\tleft=192.168.0.2\n\tleftid=@{name}.cygnet.test\n\tright=192.168.0.1\n\trightid=@moon.cygnet.test\n\trightsubnet=10.1.0.0/16,fd01::/64\n{Lines(clientLines)}\n")), $": PSK \"{Pair.Secret}\"\n");
        foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun])
        {
            File.WriteAllText(Resolv(gateway), Original);
            gateway.Settings($"plugins {{ resolve {{ file = {Resolv(gateway)}\n }} }}\n{settings}");
        }
        pair.Start();
        return pair;

        static string Lines(string text) => string.Concat(text.Split('\n').Select(line => $"\t{line}\n"));
    }

    static string Resolv(Gateway gateway) => Path.Combine(gateway.Host.Folder, "resolv.conf");

    static string Comment(Gateway gateway) => gateway.Product == Product.Cygnet ? "   # by Cygnet" : "   # by strongSwan";

    static string Addresses(Gateway gateway) => gateway.Host.Shell("ip -o addr show").ShouldSucceed().Output;

    static void ShouldBeClean(Pair pair)
    {
        pair.ShouldBeClean();
        Wait.Until("the resolver is as it was", () => File.ReadAllText(Resolv(pair.Sun)) == Original);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void Both_families_with_name_servers(Product client, Product server)
    {
        using var pair = Road("both", client, server, "rightsourceip=10.3.0.0/28,fd03::/120\nrightdns=10.1.0.53,fd01::53", "leftsourceip=%config4,%config6");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("CPRQ(ADDR ADDR6 DNS DNS6)", "installing DNS server 10.1.0.53 to ", "installing new virtual IP 10.3.0.1", "installing new virtual IP fd03::1",
                "TS 10.3.0.1/32 fd03::1/128 === 10.1.0.0/16 fd01::/64", "connection 'carol' established successfully");
            Assert.Contains(" 10.3.0.1/32 ", Addresses(pair.Sun));
            Assert.Contains(" fd03::1/128 ", Addresses(pair.Sun));
            pair.Sun.Ping("10.3.0.1", "10.1.0.1").ShouldSucceed();
            pair.Sun.Ping("fd03::1", "fd01::1").ShouldSucceed();
            pair.Moon.Ping("10.1.0.1", "10.3.0.1").ShouldSucceed();
            pair.Moon.Ping("fd01::1", "fd03::1").ShouldSucceed();
            // the route says which address to take
            pair.Sun.Host.Run("ping", "-c", "2", "-i", "0.2", "-W", "2", "10.1.0.1").ShouldSucceed();
            pair.Sun.Host.Run("ping", "-c", "2", "-i", "0.2", "-W", "2", "fd01::1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 20);
            Wait.Until("the name servers are on top", () => File.ReadAllText(Resolv(pair.Sun)) is var now
                && now.Contains($"nameserver 10.1.0.53{Comment(pair.Sun)}\n") && now.Contains($"nameserver fd01::53{Comment(pair.Sun)}\n") && now.EndsWith(Original));
            pair.Moon.Host.Run("ipsec", "leases").ShouldSucceed().ShouldSay("Leases in pool '10.3.0.0/28', usage: 1/14, 1 online", "         10.3.0.1   online   'carol.cygnet.test'",
                "Leases in pool 'fd03::/120', usage: 1/254, 1 online", "          fd03::1   online   'carol.cygnet.test'");
            pair.Moon.StatusAll().ShouldSay("Virtual IP pools (size/online/offline):\n  10.3.0.0/28: 14/1/0\n  fd03::/120: 254/1/0\n");
            pair.Moon.Host.Run("swanctl", "--list-sas").ShouldSay("[10.3.0.1 fd03::1]");
            pair.Sun.Host.Run("swanctl", "--list-sas").ShouldSay("[10.3.0.1 fd03::1]");
            pair.Sun.StatusAll().ShouldSay("Listening IP addresses:\n  192.168.0.2\n");

            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
            pair.Moon.Host.Run("ipsec", "leases", "10.3.0.0/28", "10.3.0.1").ShouldSay("usage: 1/14, 0 online", "10.3.0.1   offline   'carol.cygnet.test'");
            pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.3.0.1", "connection 'carol' established successfully");

            pair.Moon.Host.Run("ipsec", "down-srcip", "10.3.0.1", "10.3.0.7").ShouldSucceed();
            ShouldBeClean(pair);
        });
    }

    /// <summary>plugins.updown.dns_handler: the script is told of the servers, and nobody else touches the resolver.</summary>
    [Fact]
    public void Name_servers_are_the_scripts_if_it_is_to_handle_them()
    {
        using var pair = Road("script", Subject.Product, Product.StrongSwan, "rightsourceip=10.3.0.0/28\nrightdns=10.1.0.53,10.1.0.54", "leftsourceip=%config4\nleftupdown=\"env | grep ^PLUTO_DNS | sort > /run/dns.$PLUTO_VERB\"");
        pair.Bed.Play(() =>
        {
            foreach (var handles in (bool[])[false, true])
            {
                if (handles)
                {
                    pair.Sun.Settings($"plugins {{ resolve {{ file = {Resolv(pair.Sun)}\n }}\n updown {{ dns_handler = yes\n }} }}");
                    pair.Sun.Stop();
                    pair.Sun.Start();
                }
                pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.3.0.1", "connection 'carol' established successfully");
                string Told() => pair.Sun.Host.Shell("cat /run/dns.up-client /run/dns.down-client 2>/dev/null; rm -f /run/dns.*").Output;
                Assert.Equal(!handles, File.ReadAllText(Resolv(pair.Sun)).Contains("nameserver 10.1.0.53"));
                if (handles) Wait.Until("the script was told", () => pair.Sun.Host.Shell("cat /run/dns.up-client").Output == "PLUTO_DNS4_1=10.1.0.53\nPLUTO_DNS4_2=10.1.0.54\n");
                Told();
                pair.Sun.Down("carol").ShouldSay("closed successfully");
                if (handles) Wait.Until("the script was told of the end", () => Told() == "PLUTO_DNS4_1=10.1.0.53\nPLUTO_DNS4_2=10.1.0.54\n");
                ShouldBeClean(pair);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_server_that_echoes_what_the_client_wants(Product client, Product server)
    {
        using var pair = Road("echo", client, server, "rightsourceip=%config", "leftsourceip=10.9.8.7");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.9.8.7", "connection 'carol' established successfully");
            pair.Sun.Ping("10.9.8.7", "10.1.0.1").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("peer requested virtual IP 10.9.8.7");
            pair.Moon.ShouldHaveLogged("assigning virtual IP 10.9.8.7 to peer 'carol.cygnet.test'");
            pair.Moon.Host.Run("ipsec", "leases").ShouldSay("no pools found");
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
        });
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void An_address_that_is_asked_for(Product client, Product server)
    {
        using var pair = Road("wanted", client, server, "rightsourceip=10.3.0.0/28", "leftsourceip=10.3.0.9");
        pair.Bed.Play(() =>
        {
            // the reference gives the next one
            var given = server == Product.Cygnet ? "10.3.0.9" : "10.3.0.1";
            pair.Sun.Up("carol").ShouldSay($"installing new virtual IP {given}");
            pair.Moon.ShouldHaveLogged("peer requested virtual IP 10.3.0.9");
            if (given == "10.3.0.9") pair.Sun.Ping(given, "10.1.0.1").ShouldSucceed();
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
        });
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void Two_pools_and_then_none(Product client, Product server)
    {
        using var pair = Road("full", client, server, "rightsourceip=10.3.0.7,10.4.0.1-10.4.0.1", "leftsourceip=%config", "", "carol", "dave", "eve");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.3.0.7", "connection 'carol' established successfully");
            pair.Sun.Up("dave").ShouldSay("installing new virtual IP 10.4.0.1", "connection 'dave' established successfully");
            pair.Sun.Up("eve").ShouldSay("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built", "failed to establish CHILD_SA, keeping IKE_SA", "establishing connection 'eve' failed");
            pair.Moon.ShouldHaveLogged("pool '10.3.0.7' is full, unable to assign address");
            pair.Moon.ShouldHaveLogged("pool '10.4.0.1-10.4.0.1' is full, unable to assign address");
            pair.Moon.ShouldHaveLogged("no virtual IP found, sending INTERNAL_ADDRESS_FAILURE");
            pair.Sun.Ping("10.3.0.7", "10.1.0.1").ShouldSucceed();

            pair.Sun.Down("eve");
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            pair.Sun.Up("eve").ShouldSay("installing new virtual IP 10.3.0.7", "connection 'eve' established successfully");
            pair.Moon.ShouldHaveLogged("reassigning existing offline lease by 'carol.cygnet.test' to 'eve.cygnet.test'");
            pair.Sun.Ping("10.3.0.7", "10.1.0.1").ShouldSucceed();
            pair.Sun.Down("eve");
            pair.Sun.Down("dave");
            ShouldBeClean(pair);
        });
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_client_that_asks_for_nothing(Product client, Product server)
    {
        using var pair = Road("nothing", client, server, "rightsourceip=10.3.0.0/28", "leftsubnet=%dynamic");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("received FAILED_CP_REQUIRED notify, no CHILD_SA built");
            pair.Moon.ShouldHaveLogged("expected a virtual IP request, sending FAILED_CP_REQUIRED");
            if (server == Product.Cygnet) pair.Moon.ShouldHaveLogged("configuration payload negotiation failed, no CHILD_SA built");
            pair.Sun.Down("carol");
            ShouldBeClean(pair);
        });
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public void Rekeying_and_reauthentication_keep_the_address(Product client, Product server)
    {
        using var pair = Road("reauth", client, server, "rightsourceip=10.3.0.0/28", "leftsourceip=%config\nreauth=yes");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.3.0.1", "connection 'carol' established successfully");
            foreach (var what in (string[][])[["--ike", "carol", "--reauth"], ["--ike", "carol"], ["--child", "carol"]])
            {
                var before = Spis();
                pair.Sun.Host.Run(["swanctl", "--rekey", .. what]).ShouldSucceed();
                Wait.Until($"{string.Join(' ', what)} has come to its end", () => Spis() is { } now && now != before && pair.Sun.Sas() is { Ike.Count: 1, Children.Count: 1 });
                pair.Sun.Ping("10.3.0.1", "10.1.0.1").ShouldSucceed();
                pair.Moon.Host.Run("ipsec", "leases").ShouldSay("usage: 1/14, 1 online");
            }
            pair.Moon.ShouldHaveLogged("peer requested virtual IP 10.3.0.1");
            pair.Moon.ShouldHaveLogged("line lease to 'carol.cygnet.test'"); // online or offline: whichever came first, the delete or the new IKE_SA
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
        });

        string? Spis() => pair.Sun.Sas() is { Ike: [{ State: "ESTABLISHED" } ike], Children: [{ State: "INSTALLED" } child] } ? $"{ike.Spis} {child.SpiIn}" : null;
    }

    [Theory]
    [InlineData(Product.StrongSwan)]
    [InlineData(Product.Cygnet)]
    public void A_trap_that_gets_an_address(Product server)
    {
        using var pair = Road("trap", Product.Cygnet, server, "rightsourceip=10.3.0.0/28", "leftsourceip=%config\nauto=route");
        pair.Bed.Play(() =>
        {
            pair.Sun.Host.Run("ping", "-c", "1", "-W", "1", "10.1.0.1");
            Wait.Until("packets pass", () => pair.Sun.Host.Run("ping", "-c", "1", "-W", "1", "10.1.0.1").ExitCode == 0);
            pair.Sun.ShouldHaveLogged("installing new virtual IP 10.3.0.1");
            Assert.Single(pair.Sun.Sas().Children);
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
        });
    }

    [Fact]
    public void A_client_that_was_killed_finds_its_address_again()
    {
        using var pair = Road("killed", Product.Cygnet, Product.Cygnet, "rightsourceip=10.3.0.7\nrightdns=10.1.0.53", "leftsourceip=%config");
        pair.Bed.Play(() =>
        {
            pair.Sun.Up("carol").ShouldSay("connection 'carol' established successfully");
            Wait.Until("the name server is there", () => File.ReadAllText(Resolv(pair.Sun)).Contains("10.1.0.53"));
            pair.Sun.Host.Run("kill", "-KILL", pair.Sun.Host.Run("cat", "/run/starter.charon.pid").Output.Trim(), pair.Sun.Host.Run("cat", "/run/charon.pid").Output.Trim()).ShouldSucceed();
            Assert.Contains(" 10.3.0.7/32 ", Addresses(pair.Sun));
            pair.Sun.Start();
            Wait.Until("what the crash left is gone", () => File.ReadAllText(Resolv(pair.Sun)) == Original && !Addresses(pair.Sun).Contains("10.3.0.7"));
            pair.Sun.Up("carol").ShouldSay("installing new virtual IP 10.3.0.7", "connection 'carol' established successfully");
            pair.Moon.ShouldHaveLogged("reassigning online lease to 'carol.cygnet.test'");
            pair.Sun.Ping("10.3.0.7", "10.1.0.1").ShouldSucceed();
            Wait.Until("the server has one SA", () => pair.Moon.Sas() is { Ike.Count: 1, Children.Count: 1 });
            pair.Sun.Down("carol").ShouldSay("closed successfully");
            ShouldBeClean(pair);
        });
    }
}
