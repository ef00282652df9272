// What swanctl changes at runtime: a configuration that is loaded again, SAs that are watched and rekeyed; and a client of the control socket that stops reading.
using System.Net.Sockets;
using System.Text;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class SwanctlLifeScenes
{
    static string Conn(string name, int net, string more = "") => $$"""
        {{name}} {
            version = 2
            remote_addrs = 192.168.0.2
            proposals = aes128-sha256-x25519
            mobike = no
            local {
                auth = psk
                id = moon.cygnet.test
            }
            remote {
                auth = psk
                id = sun.cygnet.test
            }
            children {
                {{name}} {
                    local_ts = 10.1.{{net}}.0/24
                    remote_ts = 10.2.{{net}}.0/24
                    esp_proposals = aes128gcm16-x25519
                    {{more}}
                }
            }
        }

        """;

    static string Conf(params string[] conns) => $"connections {{\n{string.Concat(conns)}}}\nsecrets {{\n ike-1 {{\n  secret = {Pair.Secret}\n }}\n}}\ninclude conf.d/*.conf\n";

    static Pair Side(string scene)
    {
        const string sun = """
            config setup

            conn net-net
            	keyexchange=ikev2
            	ike=aes128-sha256-x25519!
            	esp=aes128gcm16-x25519!
            	mobike=no
            	authby=secret
            	left=192.168.0.2
            	right=192.168.0.1
            	leftid=@sun.cygnet.test
            	rightid=@moon.cygnet.test
            	leftsubnet=10.2.0.0/16
            	rightsubnet=10.1.0.0/16
            	auto=add

            """;
        return SwanctlPair.Begin(scene, Subject.Product, sun, _ => $": PSK {Pair.Secret}\n");
    }

    static Ran Load(Pair pair, string conf, string says)
    {
        pair.Moon.Write("swanctl/swanctl.conf", conf);
        return pair.Swanctl("--load-all", "--noprompt").ShouldSucceed().ShouldSay(says);
    }

    static string Sas(Pair pair) => pair.Swanctl("--list-sas").ShouldSucceed().Output;

    [Fact]
    public void A_configuration_that_is_loaded_again_changes_what_differs()
    {
        using var pair = Side("again");
        pair.Bed.Play(() =>
        {
            string keep = Conn("keep", 0), begin = Conn("begin", 1, "start_action = start"), wait = Conn("wait", 2, "start_action = trap");
            Load(pair, Conf(keep, begin, wait), "successfully loaded 3 connections, 0 unloaded");
            pair.Swanctl("--initiate", "--child", "keep").ShouldSucceed().ShouldSay("initiate completed successfully");
            Wait.Until("what is to start by itself is up", () => Sas(pair).Contains("begin: #") && Sas(pair).Split("INSTALLED").Length == 3);
            pair.Swanctl("--list-pols").ShouldSay("wait/wait, TUNNEL");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();

            // The same again: no SA and no trap is touched.
            string Ids() => string.Join(' ', Sas(pair).Split('\n').Where(l => l.Contains(": #")).Select(l => l.Trim().Split(',')[0]).Order());
            var before = Ids();
            Load(pair, Conf(keep, begin, wait), "successfully loaded 3 connections, 0 unloaded");
            Assert.Equal(before, Ids());

            // One goes with its trap; one with a start action is begun anew for its new selector; one without goes on as it was.
            Load(pair, Conf(keep.Replace("10.2.0.0/24", "10.2.0.0/25"), begin.Replace("local_ts = 10.1.1.0/24", "local_ts = 10.1.1.0/25")), "successfully loaded 2 connections, 1 unloaded");
            pair.Swanctl("--list-conns").ShouldSay("remote: 10.2.0.0/25", "local:  10.1.1.0/25").ShouldNotSay("wait");
            pair.Swanctl("--list-pols").ShouldNotSay("wait");
            Wait.Until("the changed child is up", () => Sas(pair) is var sas && sas.Contains("10.1.1.0/25") && !sas.Contains("10.1.1.0/24"));
            Assert.Contains("10.2.0.0/24", Sas(pair));
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Ping("10.1.1.1", "10.2.1.1").ShouldSucceed();

            // A mistake leaves the others, and the old version of its own conn.
            pair.Moon.Write("swanctl/swanctl.conf", Conf(keep + "broken {\n version = 7\n}\n", begin.Replace("version = 2", "version = 1")));
            var broken = pair.Swanctl("--load-all", "--noprompt").ShouldSay("loaded 1 of 3 connections, 2 failed to load, 0 unloaded", "loading connection 'broken' failed: invalid value for: version, config discarded");
            Assert.Equal(22, broken.ExitCode); // EINVAL
            pair.Swanctl("--list-conns").ShouldSay("begin: IKEv2");

            Load(pair, Conf(), "no connections found, 2 unloaded");
            Wait.Until("what had started is closed", () => !Sas(pair).Contains("begin"));
            Assert.Contains("keep", Sas(pair));
            pair.Swanctl("--terminate", "--ike", "keep").ShouldSucceed();
            pair.Swanctl("--load-creds", "--clear", "--noprompt").ShouldSucceed().ShouldSay("loaded ike secret 'ike-1'");
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void What_happens_is_told_to_those_who_watch()
    {
        using var pair = Side("watch");
        pair.Bed.Play(() =>
        {
            Load(pair, Conf(Conn("keep", 0), Conn("other", 1)), "successfully loaded 2 connections, 0 unloaded");
            using var monitor = pair.Follow("--monitor-sa", "--raw");
            using var log = pair.Follow("--log");
            pair.Swanctl("--initiate", "--child", "keep").ShouldSucceed();
            Wait.Until(() => $"the monitor tells what comes up:\n{monitor.Said}", () => monitor.Said.Contains("ike-updown event {up=yes keep {uniqueid=1") && monitor.Said.Contains("child-updown event {up=yes keep {uniqueid=1"));
            Wait.Until(() => $"the log is followed:\n{log.Said}", () => log.Said.Contains("[IKE] CHILD_SA keep{1} established with SPIs"));
            pair.Swanctl("--rekey", "--child", "keep").ShouldSucceed().ShouldSay("rekey completed successfully");
            Wait.Until("the child is a new one", () => Sas(pair) is var sas && sas.Contains("keep: #2, reqid 1, INSTALLED"));
            pair.Swanctl("--rekey", "--ike", "keep").ShouldSucceed();
            Wait.Until("the IKE_SA is a new one", () => Sas(pair).Contains("keep: #2, ESTABLISHED"));
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Swanctl("--terminate", "--ike", "keep").ShouldSucceed().ShouldSay("terminate completed successfully");
            Wait.Until(() => $"the monitor tells what goes:\n{monitor.Said}", () => monitor.Said.Contains("ike-updown event {keep {uniqueid=2") && monitor.Said.Contains("child-updown event {keep {uniqueid=2"));
            // An IKE_SA goes before its children.
            Assert.True(monitor.Said.IndexOf("ike-updown event {keep", StringComparison.Ordinal) < monitor.Said.IndexOf("child-updown event {keep", StringComparison.Ordinal), monitor.Said);
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void A_client_that_stops_reading_disturbs_nobody()
    {
        using var pair = Side("deaf");
        pair.Bed.Play(() =>
        {
            Load(pair, Conf(Conn("keep", 0)), "successfully loaded 1 connections, 0 unloaded");
            // The host's own file system, seen from here.
            using var deaf = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            deaf.Connect(new UnixDomainSocketEndPoint($"/proc/{pair.Moon.Host.Pid}/root/run/charon.vici"));
            deaf.SendTimeout = 1000;
            foreach (var name in (string[])["log", "control-log", "list-sa", "list-conn", "ike-updown", "ike-rekey", "child-updown", "child-rekey", "alert"]) Packet(deaf, 3, name);
            pair.Swanctl("--initiate", "--child", "keep").ShouldSucceed();
            // As much as it may ask for until its requests are not read any more.
            try
            {
                for (var i = 0; i < 100_000; i++) Packet(deaf, 0, i % 2 == 0 ? "list-sas" : "list-conns");
            }
            catch (SocketException) { }
            for (var i = 0; i < 3; i++)
            {
                pair.Swanctl("--rekey", "--child", "keep").ShouldSucceed();
                Wait.Until("the child is a new one", () => Sas(pair).Contains($"keep: #{i + 2}, reqid 1, INSTALLED"));
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            }
            pair.Swanctl("--list-conns").ShouldSucceed().ShouldSay("keep: IKEv2");
            pair.Swanctl("--terminate", "--ike", "keep").ShouldSucceed();
            pair.ShouldBeClean();
        });

        static void Packet(Socket to, byte type, string name) => to.Send([0, 0, 0, (byte)(2 + name.Length), type, (byte)name.Length, .. Encoding.ASCII.GetBytes(name)]);
    }
}
