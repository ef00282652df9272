// The control server at its socket: malformed input, order, registrations, limits, the socket file.
using System.Buffers.Binary;
using System.Text;
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

public sealed class ViciServerTests
{
    [Fact]
    public async Task AnswersACommand()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var version = await client.Request("version");
        Assert.Equal(["daemon", "version", "sysname", "release", "machine"], version.Elements.Select(e => e.Name));
        Assert.Equal("1.2.3", version.Text("version"));
    }

    [Fact]
    public async Task ClosesOnASegmentThatIsTooLong()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        client.SendRaw([0, 8, 0, 1]);
        Assert.Null(await client.Receive());
        using var other = control.Connect();
        await other.Request("version");
    }

    [Fact]
    public async Task AcceptsASegmentOfTheGreatestLength()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var body = new byte[Vici.MaxSegment];
        "\0\aversion"u8.CopyTo(body);
        body[9] = 7; // ends the message
        client.SendSegment(body);
        Assert.Equal("charon", (await client.Receive())!.Message.Text("daemon"));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 2 })]
    [InlineData(new byte[] { 5 })]
    [InlineData(new byte[] { 6 })]
    [InlineData(new byte[] { 7, 1, (byte)'x' })]
    [InlineData(new byte[] { 8 })]
    [InlineData(new byte[] { 255, 255 })]
    public async Task IgnoresWhatNoClientSends(byte[] body)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        client.SendSegment(body);
        Assert.Equal("charon", (await client.Request("version")).Text("daemon"));
    }

    [Theory]
    [InlineData(new byte[] { 0 }, ViciPacketType.CommandUnknown)]
    [InlineData(new byte[] { 0, 5, (byte)'a' }, ViciPacketType.CommandUnknown)]
    [InlineData(new byte[] { 0, 1, 7 }, ViciPacketType.CommandUnknown)]
    [InlineData(new byte[] { 0, 1, (byte)'a' }, ViciPacketType.CommandUnknown)]
    [InlineData(new byte[] { 3, 1 }, ViciPacketType.EventUnknown)]
    [InlineData(new byte[] { 3, 1, (byte)'a' }, ViciPacketType.EventUnknown)]
    [InlineData(new byte[] { 4, 3, (byte)'l', (byte)'o', (byte)'g' }, ViciPacketType.EventUnknown)]
    public async Task NeverLeavesAClientWaiting(byte[] body, ViciPacketType answer)
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        client.SendSegment(body);
        Assert.Equal(answer, (await client.Receive())!.Type);
    }

    [Fact]
    public async Task HandlesPacketsOneAtATimeInOrder()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        for (var i = 0; i < 50; i++)
        {
            client.Send(ViciPacket.Request(i % 2 == 0 ? "version" : "get-conns"));
            client.Send(new(ViciPacketType.EventRegister, "log"));
        }
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i % 2 == 0, (await client.Receive())!.Message.Has("daemon"));
            Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        }
    }

    [Fact]
    public async Task CountsRegistrations()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        foreach (var type in (ViciPacketType[])[ViciPacketType.EventRegister, ViciPacketType.EventRegister])
        {
            client.Send(new(type, "alert"));
            Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        }
        control.Hub.Raise("alert", () => new ViciSection().Add("type", "a"));
        Assert.Equal("a", (await client.Receive())!.Message.Text("type"));
        Assert.Equal("a", (await client.Receive())!.Message.Text("type"));
        client.Send(new(ViciPacketType.EventUnregister, "alert"));
        Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        control.Hub.Raise("alert", () => new ViciSection().Add("type", "b"));
        client.Send(new(ViciPacketType.EventUnregister, "alert"));
        Assert.Equal("b", (await client.Receive())!.Message.Text("type"));
        Assert.Equal(ViciPacketType.EventConfirm, (await client.Receive())!.Type);
        client.Send(new(ViciPacketType.EventUnregister, "alert"));
        Assert.Equal(ViciPacketType.EventUnknown, (await client.Receive())!.Type);
        control.Hub.Raise("alert", () => throw new InvalidOperationException("built for nobody"));
    }

    [Fact]
    public async Task DisconnectsAClientThatStopsReading()
    {
        await using var control = new ControlSocket();
        using var deaf = control.Connect();
        deaf.Send(new(ViciPacketType.EventRegister, "log"));
        Assert.Equal(ViciPacketType.EventConfirm, (await deaf.Receive())!.Type);
        var text = new string('x', 60_000);
        for (var i = 0; i < 5000 && control.Hub.IsWanted("log"); i++) control.Hub.Raise("log", () => new ViciSection().Add("msg", text));
        Assert.False(control.Hub.IsWanted("log"));
        using var other = control.Connect();
        await other.Request("version");
    }

    [Fact]
    public async Task AnswersNoWhenTheResponseIsTooLong()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        for (var i = 0; i < 10; i++)
        {
            var load = new ViciSection();
            for (var j = 0; j < 250; j++) load.AddSection($"{i:00}{j:000}{new string('n', 240)}");
            Assert.Equal("yes", (await client.Request("load-conn", load)).Text("success"));
        }
        var response = await client.Request("get-conns");
        Assert.Equal("no", response.Text("success"));
        Assert.Contains("exceeds the limit", response.Text("errmsg"));
    }

    [Fact]
    public async Task SocketIsForOwnerAndGroupAndGoesAway()
    {
        await using var control = new ControlSocket();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(control.Path));
        await control.Stop();
        Assert.False(File.Exists(control.Path));
    }

    [Fact]
    public async Task ReplacesALeftoverSocketButNothingElse()
    {
        await using var control = new ControlSocket();
        await using (control.Open()) Assert.True(File.Exists(control.Path));
        await File.WriteAllTextAsync(control.Path, "precious");
        Assert.Contains("not a socket", Assert.Throws<IOException>(control.Open).Message);
        Assert.Equal("precious", await File.ReadAllTextAsync(control.Path));
    }

    [Fact]
    public async Task ShutdownIsAnsweredFirst()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        Assert.Equal("yes", (await client.Request("x-shutdown")).Text("success"));
        // The next answer comes after whatever the first command still had to do.
        await client.Request("version");
        Assert.True(control.Daemon.IsShutDown);
    }

    /// <summary>Random segments, among them mutated good ones: the server answers or ignores, and goes on.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task SurvivesRandomSegments(int seed)
    {
        await using var control = new ControlSocket();
        var random = new Random(seed);
        string[] commands = [.. new Commands(control.Daemon).Names.Where(n => n is not "x-shutdown"), "nonsense"];
        control.Daemon.OnWish = wish => (wish as Ike.Wish.Initiate)?.Watcher?.Done("no");
        for (var round = 0; round < 40; round++)
        {
            using var client = control.Connect();
            for (var i = 0; i < 50; i++) client.SendSegment(Segment(random, commands));
            client.Send(ViciPacket.Request("version"));
            while (await client.Receive() is { } packet && !packet.Message.Has("daemon")) { }
        }
        using var last = control.Connect();
        Assert.Equal("charon", (await last.Request("version")).Text("daemon"));
    }

    static byte[] Segment(Random random, string[] commands)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }
        var name = random.Next(3) == 0 ? EventHub.Names[random.Next(EventHub.Names.Length)] : commands[random.Next(commands.Length)];
        var body = new List<byte> { (byte)(random.Next(8) == 0 ? random.Next(256) : random.Next(2) * 3), (byte)name.Length };
        body.AddRange(Encoding.ASCII.GetBytes(name));
        string[] keys = ["child", "ike", "name", "type", "data", "flag", "timeout", "id", "owners", "source", "children", "local", "remote_addrs", "x"];
        for (var i = random.Next(8); i > 0; i--)
        {
            var key = keys[random.Next(keys.Length)];
            body.Add((byte)random.Next(9));
            body.Add((byte)key.Length);
            body.AddRange(Encoding.ASCII.GetBytes(key));
            var value = new byte[random.Next(30)];
            random.NextBytes(value);
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(value.Length + (random.Next(10) == 0 ? 1 : 0)));
            body.AddRange(length);
            body.AddRange(value);
        }
        if (random.Next(4) == 0 && body.Count > 3) body[random.Next(body.Count)] ^= (byte)(1 << random.Next(8));
        return [.. body];
    }
}
