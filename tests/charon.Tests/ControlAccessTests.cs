// Who gets at the control socket, and what a client that stops reading can do to others: nothing.
using System.Diagnostics;
using Cygnet.Charon.Control;
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class ControlAccessTests
{
    const uint Nobody = 65534, Group = 54321;

    static async Task<(int ExitCode, string Output)> StatsAs(string uri, uint user, uint? group)
    {
        // The namespaces and files are root's: only the program runs as somebody else.
        string[] who = ["--reuid", $"{user}", "--regid", $"{Nobody}", .. group is { } g ? (string[])["--groups", $"{g}"] : ["--clear-groups"]];
        using var process = Process.Start(new ProcessStartInfo("setpriv", [.. who, "/usr/sbin/swanctl", "--stats", "--uri", uri]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, output + await errors);
    }

    const int PermissionDenied = 13; // EACCES, which swanctl makes its exit code

    [SwanctlFact]
    public async Task Only_root_gets_in()
    {
        await using var control = new ControlSocket(isPublic: true);
        var (code, output) = await StatsAs(control.Uri, Nobody, Group);
        Assert.Equal(PermissionDenied, code);
        Assert.Contains("Permission denied", output);
        (code, output) = await StatsAs(control.Uri, 0, null);
        Assert.True(code == 0, output);
    }

    [SwanctlFact]
    public async Task A_member_of_the_group_gets_in_and_nobody_else()
    {
        await using var control = new ControlSocket(new(null, Group), isPublic: true);
        var (code, output) = await StatsAs(control.Uri, Nobody, Group);
        Assert.True(code == 0, output);
        Assert.Contains("IKE_SAs: 0 total", output);
        Assert.Equal(PermissionDenied, (await StatsAs(control.Uri, Nobody, Group + 1)).ExitCode);
        Assert.Equal(PermissionDenied, (await StatsAs(control.Uri, Nobody, null)).ExitCode);
    }

    [SwanctlFact]
    public async Task The_user_gets_in_and_no_other()
    {
        await using var control = new ControlSocket(new(Nobody, null), isPublic: true);
        Assert.Equal(0, (await StatsAs(control.Uri, Nobody, null)).ExitCode);
        Assert.Equal(PermissionDenied, (await StatsAs(control.Uri, Nobody - 1, null)).ExitCode);
    }

    [Fact]
    public void Names_are_looked_up_and_an_unknown_one_is_refused()
    {
        Assert.Equal(new SocketOwner(0, 0), SocketOwner.Read("root", "root", out var problem));
        Assert.Equal(new SocketOwner(null, 1234), SocketOwner.Read(null, "1234", out problem));
        Assert.Equal(new SocketOwner(1234, null), SocketOwner.Read("1234", null, out problem));
        Assert.Equal("", problem);
        Assert.Null(SocketOwner.Read(null, "no such group", out problem));
        Assert.Equal("'charon.group = no such group': there is no such group on this host", problem);
        Assert.Null(SocketOwner.Read("no such user", null, out problem));
        Assert.Equal("'charon.user = no such user': there is no such user on this host", problem);
    }

    [Theory]
    [InlineData("unix://", "is neither unix://<path> nor tcp://<host>:<port>")]
    [InlineData("vsock://1:2", "is neither unix://<path> nor tcp://<host>:<port>")]
    [InlineData("systemd://vici", "is neither unix://<path> nor tcp://<host>:<port>")]
    [InlineData("tcp://127.0.0.1", "is neither unix://<path> nor tcp://<host>:<port>")]
    [InlineData("tcp://127.0.0.1:0", "is neither unix://<path> nor tcp://<host>:<port>")]
    [InlineData("unix:///no/such/directory/socket", "creating vici socket 'unix:///no/such/directory/socket' failed")]
    public void A_uri_that_cannot_be_opened_says_so(string uri, string why)
    {
        using var log = new Logging.Log();
        Assert.Contains(why, Assert.Throws<IOException>(() => ViciServer.Open(uri, new Commands(new FakeDaemon()), new EventHub(), log)).Message);
    }

    [Fact]
    public async Task A_client_that_stops_reading_harms_no_other()
    {
        const int many = 20_000;
        await using var control = new ControlSocket();
        control.Daemon.Sas.AddRange(Enumerable.Range(1, many).Select(i => new LocatedSa(0, new()
        {
            Name = "gw", UniqueId = i, State = IkeState.Established, LocalId = Identity.Parse("moon.example"), RemoteId = Identity.Parse($"client{i}.example"),
        })));
        using var deaf = control.Connect();
        foreach (var name in EventHub.Names)
        {
            deaf.Send(new(ViciPacketType.EventRegister, name));
            Assert.Equal(ViciPacketType.EventConfirm, (await deaf.Receive())!.Type);
        }
        deaf.Send(ViciPacket.Request("list-sas"));
        deaf.Send(ViciPacket.Request("list-sas"));

        // What is listed for him stops when he does; another has everything meanwhile.
        using var other = control.Connect();
        Assert.Equal(many, (await other.Stream("list-sa", "list-sas")).Events.Count);
        Assert.InRange(control.Daemon.Shown, many, 2 * many - 1);

        // Events go on to come, until he is owed too much; whoever raises them never waits.
        var text = new string('x', 60_000);
        for (var i = 0; i < 5000 && control.Hub.IsWanted("log"); i++) control.Hub.Raise("log", () => new ViciSection().Add("msg", text));
        Assert.False(control.Hub.IsWanted("log"));
        for (var waited = Stopwatch.StartNew(); control.Clients > 1 && waited.Elapsed < TimeSpan.FromSeconds(60);) await Task.Delay(20);
        Assert.Equal(1, control.Clients);
        await other.Request("version");
    }

    /// <summary>Announces the longest segment, sends none of it, and sees how much room is made.</summary>
    sealed class Announcing : MemoryStream
    {
        bool _isSaid;

        public int Room { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isSaid)
            {
                Room = buffer.Length;
                return new(0);
            }
            _isSaid = true;
            new byte[] { 0, 8, 0, 0 }.CopyTo(buffer);
            return new(Vici.LengthBytes);
        }
    }

    [Fact]
    public async Task A_length_alone_takes_no_memory()
    {
        using var log = new Logging.Log();
        using var client = new Announcing();
        await new ViciConnection(client, new Commands(new FakeDaemon()), new EventHub(), log).Run();
        Assert.InRange(client.Room, 1, Vici.MaxSegment / 16);
    }

    /// <summary>Deaf to the answers too: requests without end are not read any more, and he is cut off in the end.</summary>
    [Fact]
    public async Task Requests_without_end_are_bounded()
    {
        await using var control = new ControlSocket();
        using (var load = control.Connect())
            for (var i = 0; i < 4; i++)
                await load.Request("load-conn", Notation.Message(string.Join(' ', Enumerable.Range(0, 250).Select(n => $"{i}-{n}-{new string('n', 200)}{{}}"))));
        using var deaf = control.Connect();
        var request = ViciPacket.Request("get-conns").ToSegment(out _)!;
        var sending = Task.Run(() =>
        {
            try { while (true) deaf.SendRaw(request); }
            catch (System.Net.Sockets.SocketException) { }
        });
        await sending.WaitAsync(TimeSpan.FromSeconds(120));
        using var other = control.Connect();
        await other.Request("version");
    }
}
