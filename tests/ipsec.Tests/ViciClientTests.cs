// The client's end of the protocol, with a server that answers as it likes: many requests on their way at once.
using System.Buffers.Binary;
using System.Net.Sockets;
using Cygnet.Control;

namespace Cygnet.Command.Tests;

public sealed class ViciClientTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("vici-client").FullName;
    readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    string Path => $"{_folder}/socket";

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, true);
    }

    /// <summary>Answers each packet of one client with what the test makes of it.</summary>
    Task Serve(Func<ViciPacket, IEnumerable<ViciPacket>> answer)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1);
        return Task.Factory.StartNew(() =>
        {
            using var client = new NetworkStream(_listener.Accept(), ownsSocket: true);
            var length = new byte[4];
            while (client.ReadAtLeast(length, 4, false) == 4)
            {
                var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                client.ReadExactly(body);
                Assert.True(ViciPacket.TryParse(body, out var packet));
                foreach (var one in answer(packet)) client.Write(one.ToSegment(out _));
            }
        }, TaskCreationOptions.LongRunning);
    }

    [Fact]
    public async Task ManyRequestsAreAnsweredInTheirOrder()
    {
        const int many = 3000;
        var serving = Serve(p => [p.Name == "odd" ? new(ViciPacketType.CommandUnknown) : ViciPacket.Response(new ViciSection().Add("of", p.Message.Text("number")))]);
        using (var client = ViciClient.Connect(Path, Path))
        {
            // Some of them longer than what is sent at once.
            var requests = Enumerable.Range(0, many).Select(i => (i % 7 == 3 ? "odd" : "even", new ViciSection().Add("number", i).Add("more", new byte[i % 100 == 0 ? 60_000 : 10])));
            var answers = client.CallAll(requests).ToList();
            Assert.Equal(Enumerable.Range(0, many).Select(i => i % 7 == 3 ? null : $"{i}"), answers.Select(a => a?.Text("of")));
            Assert.Empty(client.CallAll([]));
        }
        await serving.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task EventsComeBetweenRegisteringAndTheAnswer()
    {
        var serving = Serve(p => p.Type switch
        {
            ViciPacketType.EventRegister or ViciPacketType.EventUnregister => [new(p.Name == "known" ? ViciPacketType.EventConfirm : ViciPacketType.EventUnknown)],
            _ => [ViciPacket.Event("known", new ViciSection().Add("n", 1)), ViciPacket.Event("other", new()), ViciPacket.Event("known", new ViciSection().Add("n", 2)), ViciPacket.Response(new ViciSection().Add("done", "yes"))],
        });
        using (var client = ViciClient.Connect(Path, Path))
        {
            var seen = new List<string?>();
            Assert.Equal("yes", client.Call("list", null, "known", e => seen.Add(e.Text("n")))?.Text("done"));
            Assert.Equal(["1", "2"], seen);
            // One that the daemon does not know: the command runs all the same.
            Assert.Equal("yes", client.Call("list", null, "unheard-of", e => seen.Add("more"))?.Text("done"));
            Assert.Equal(["1", "2"], seen);
        }
        await serving.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task ADaemonThatEndsBetweenIsAFailureWithItsReason()
    {
        var left = 5;
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1);
        var serving = Task.Run(() =>
        {
            using var client = new NetworkStream(_listener.Accept(), ownsSocket: true);
            for (; left > 0; left--) client.Write(ViciPacket.Response(new()).ToSegment(out _));
        });
        using var connected = ViciClient.Connect(Path, "/run/charon.vici");
        var failure = Assert.Throws<ViciFailure>(() => connected.CallAll(Enumerable.Repeat(("x", new ViciSection()), 1000)).ToList());
        Assert.StartsWith("connection to 'unix:///run/charon.vici' ", failure.Message);
        await serving.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void TheLengthOfAMessageIsThatOfItsEncoding()
    {
        var message = new ViciSection().Add("key", "value").AddList("list", ["a", "", "ccc"]).AddList("none", Array.Empty<string>());
        message.AddSection("section").Add("raw", new byte[300]).AddSection("inner").AddList("x", ["y"]);
        var before = Vici.Encode(message, out _)!;
        Assert.Equal(before.Length, Vici.LengthOf(message));
        // What has been encoded already is written as what it was encoded from.
        Assert.Equal(before, Vici.Encode(new ViciSection().Add(message.Elements[0]).Add(message.Elements[1]).Add(message.Elements[2])
            .Add(new ViciEncoded("section", Vici.Encode(message.Section("section")!, out _)!)), out _));
    }
}
