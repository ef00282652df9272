// charon as a whole: Debian's swanctl as its client, signals, exit codes, files.
using System.Net.Sockets;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Charon.Tests;

public sealed class DaemonTests
{
    const string Fake = "charon { data_plane = fake\n retransmit_tries = 0\n retransmit_timeout = 0.2\n }\n";

    [SwanctlFact]
    public async Task Says_to_those_who_listen_that_it_is_about_to_end()
    {
        await using var charon = new RunningCharon(Fake);
        await charon.Ready();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await charon.Until(() => Connects(socket, charon.Path("charon.vici")));
        using var client = new TestClient(socket);
        client.Send(new(ViciPacketType.EventRegister, "alert"));
        Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        charon.Signal(UnixSignal.Term);
        Assert.Equal("type=shutdown-signal", Notation.Show((await client.Receive())!.Message));
        Assert.Null(await client.Receive());
        Assert.Equal(0, (await charon.End()).ExitCode);
    }

    // The socket's file is there a moment before somebody listens.
    static bool Connects(Socket socket, string path)
    {
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [SwanctlFact]
    public async Task SwanctlLoadsAndLists()
    {
        await using var charon = new RunningCharon(Fake);
        await charon.Ready();
        foreach (var directory in (string[])["x509", "x509ca", "x509ocsp", "x509aa", "x509ac", "x509crl", "pubkey", "private", "rsa", "ecdsa", "bliss", "pkcs8", "pkcs12"])
            Directory.CreateDirectory(charon.Path(directory));
        await File.WriteAllTextAsync(charon.Path("swanctl.conf"), """
            connections {
              gw {
                version = 2
                local_addrs = 192.0.2.1
                remote_addrs = 192.0.2.2
                dpd_delay = 30s
                local { auth = psk
                  id = moon.example }
                remote { auth = psk
                  id = sun.example }
                children {
                  net { local_ts = 10.1.0.0/16
                    remote_ts = 10.2.0.0/16
                    esp_proposals = aes256gcm16 }
                }
              }
            }
            secrets { ike-1 { id = sun.example
                secret = "abc" } }
            """);

        Assert.Equal((0, $"strongSwan {Daemon.OwnVersion} charon (Linux, {Uname.Release}, {Uname.Machine})\n"), await charon.Swanctl("--version", "--daemon"));
        var (code, text) = await charon.Swanctl("--stats");
        Assert.Equal(0, code);
        Assert.Contains("IKE_SAs: 0 total, 0 half-open", text);
        (code, text) = await charon.Swanctl("--load-all");
        Assert.Contains("successfully loaded 1 connections, 0 unloaded", text);
        Assert.Contains("loaded ike secret 'ike-1'", text);
        Assert.Equal(0, code);
        Assert.Equal((0, """
            gw: IKEv2, no reauthentication, rekeying every 14400s, dpd delay 30s
              local:  192.0.2.1
              remote: 192.0.2.2
              local pre-shared key authentication:
                id: moon.example
              remote pre-shared key authentication:
                id: sun.example
              net: TUNNEL, rekeying every 3600s, dpd action is none
                local:  10.1.0.0/16
                remote: 10.2.0.0/16

            """), await charon.Swanctl("--list-conns"));
        Assert.Equal((0, ""), await charon.Swanctl("--list-sas"));
        Assert.Equal((0, ""), await charon.Swanctl("--list-pols"));
        Assert.Equal((0, ""), await charon.Swanctl("--list-certs"));
        Assert.Equal((0, ""), await charon.Swanctl("--list-pools"));
        (code, text) = await charon.Swanctl("--initiate", "--child", "net");
        Assert.Contains("initiate failed: establishing CHILD_SA 'net' failed", text);
        Assert.Contains("[IKE] ", text);
        Assert.NotEqual(0, code);
        (code, text) = await charon.Swanctl("--counters");
        Assert.Contains("ike-init-out-req", text);
        (code, text) = await charon.Swanctl("--list-algs");
        Assert.Contains("CURVE_25519", text);
        Assert.Equal(0, (await charon.Swanctl("--reload-settings")).ExitCode);

        charon.Signal(UnixSignal.Term);
        (code, text) = await charon.End();
        Assert.Equal(0, code);
        Assert.StartsWith($"00[DMN] Starting IKE charon daemon (Cygnet {Daemon.OwnVersion}, Linux {Uname.Release}, {Uname.Machine})\n", text);
        Assert.EndsWith("00[DMN] SIGTERM received, shutting down\n", text);
        Assert.False(File.Exists(charon.Path("charon.vici")));
        Assert.False(File.Exists(charon.Path("charon.pid")));
    }

    [SwanctlFact]
    public async Task ASecondDaemonRefusesToStart()
    {
        await using var charon = new RunningCharon(Fake);
        await charon.Ready();
        await using var second = new RunningCharon(Fake, charon.Directory);
        var (code, text) = await second.End();
        Assert.Equal(ExitCode.InitializationFailed, code);
        Assert.Contains("charon already running", text);
        Assert.Equal(0, (await charon.Swanctl("--stats")).ExitCode);
    }

    [SwanctlTheory]
    [InlineData("charon { data_plane = xfrm\n }", ExitCode.InitializationFailed, "xfrm is not built yet")]
    [InlineData("charon { data_plane = nonsense\n }", ExitCode.InitializationFailed, "expected auto, tun or xfrm")]
    [InlineData("charon { filelog { a/b { default = 1\n } } }", ExitCode.LibraryIntegrity, "strongswan.conf")]
    public async Task AWrongSettingEndsTheStartWithItsExitCode(string conf, int exitCode, string reason)
    {
        await using var charon = new RunningCharon(conf);
        var (code, text) = await charon.End();
        Assert.Equal(exitCode, code);
        Assert.Contains(reason, text);
        Assert.False(File.Exists(charon.Path("charon.pid")));
    }

    [SwanctlFact]
    public async Task SettingsThatNothingReadsAreNamedOnce()
    {
        await using var charon = new RunningCharon("charon {\n data_plane = fake\n retransmit_tries = 3\n retransmit_tires = 3\n plugins {\n  curl { redir = 1\n   load = yes\n }\n vici { load = yes\n }\n }\n}\nlibtls { suites = x\n}\n");
        await charon.Ready();
        charon.Signal(UnixSignal.Term);
        var (_, text) = await charon.End();
        Assert.Contains("strongswan.conf:4:2: 'charon.retransmit_tires' has no effect", text);
        Assert.Contains("strongswan.conf:6:10: 'charon.plugins.curl.redir' has no effect", text);
        Assert.Equal(2, text.Split("has no effect").Length - 1);
    }

    [SwanctlFact]
    public async Task HangUpReopensTheLogs()
    {
        var directory = Directory.CreateTempSubdirectory("charon").FullName;
        await using var charon = new RunningCharon($"charon {{ data_plane = fake\n filelog {{ l {{ path = {directory}/log\n time_format = %b %e %T\n }} }} }}", directory);
        await charon.Ready();
        File.Move(charon.Path("log"), charon.Path("log.1"));
        charon.Signal(UnixSignal.Hup);
        await charon.Until(() => File.Exists(charon.Path("log")));
        charon.Signal(UnixSignal.Term);
        Assert.Equal(0, (await charon.End()).ExitCode);
        Assert.Matches(@"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d 00\[DMN\] SIGTERM received, shutting down\n$", string.Join('\n', (await File.ReadAllLinesAsync(charon.Path("log")))[^1..]) + "\n");
        Assert.Contains("Starting IKE charon daemon", await File.ReadAllTextAsync(charon.Path("log.1")));
    }

    [SwanctlFact]
    public async Task InterruptEndsItToo()
    {
        await using var charon = new RunningCharon(Fake);
        await charon.Ready();
        charon.Signal(UnixSignal.Int);
        var (code, text) = await charon.End();
        Assert.Equal(0, code);
        Assert.Contains("SIGINT received, shutting down", text);
    }
}
