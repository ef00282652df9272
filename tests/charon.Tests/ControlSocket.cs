// A real control server on a temporary socket, and a client that can also send what no client should.
using System.Buffers.Binary;
using System.Net.Sockets;
using Cygnet.Charon.Control;
using Cygnet.Charon.Logging;
using Cygnet.Control;

namespace Cygnet.Charon.Tests;

sealed class ControlSocket : IAsyncDisposable
{
    readonly string _directory;
    readonly Log _log = new();
    readonly SocketOwner _owner;
    readonly ViciServer _server;

    /// <summary>A socket in a directory of its own: where temporary files are, or where anybody may go.</summary>
    public ControlSocket(SocketOwner owner = default, bool isPublic = false)
    {
        _owner = owner;
        _directory = isPublic ? Directory.CreateDirectory($"/tmp/vici-{Guid.NewGuid():N}").FullName : Directory.CreateTempSubdirectory("vici").FullName;
        if (isPublic) File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        Path = System.IO.Path.Combine(_directory, "charon.vici");
        _server = Open();
        _server.Start();
    }

    public FakeDaemon Daemon { get; } = new();
    public EventHub Hub { get; } = new();
    public string Path { get; }
    public string Uri => $"unix://{Path}";
    public int Clients => _server.Clients;

    public ViciServer Open() => ViciServer.Open(Uri, new Commands(Daemon), Hub, _log, _owner);

    public TestClient Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Path));
        return new(socket);
    }

    public async Task Stop() => await _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _log.Dispose();
        Directory.Delete(_directory, true);
    }
}

sealed class TestClient(Socket socket) : IDisposable
{
    // Only so that a bug ends the test instead of hanging it.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Socket Socket { get; } = socket;

    public void SendRaw(ReadOnlySpan<byte> bytes) => Socket.Send(bytes);

    /// <summary>A segment around any content.</summary>
    public void SendSegment(ReadOnlySpan<byte> body)
    {
        var segment = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(segment, body.Length);
        body.CopyTo(segment.AsSpan(4));
        SendRaw(segment);
    }

    public void Send(ViciPacket packet) => SendRaw(packet.ToSegment(out _)!);

    /// <summary>The next packet, or null at the end of the stream.</summary>
    public async Task<ViciPacket?> Receive()
    {
        using var limit = new CancellationTokenSource(Patience);
        var header = new byte[4];
        if (!await Fill(header, limit.Token)) return null;
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        if (!await Fill(body, limit.Token)) return null;
        Assert.True(ViciPacket.TryParse(body, out var packet));
        Assert.False(packet.Malformed);
        return packet;
    }

    async Task<bool> Fill(byte[] buffer, CancellationToken cancel)
    {
        try
        {
            for (var at = 0; at < buffer.Length;)
            {
                var n = await Socket.ReceiveAsync(buffer.AsMemory(at), cancel);
                if (n == 0) return false;
                at += n;
            }
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async Task<ViciSection> Request(string command, ViciSection? message = null)
    {
        Send(ViciPacket.Request(command, message));
        var response = await Receive();
        Assert.Equal(ViciPacketType.CommandResponse, response?.Type);
        return response!.Message;
    }

    /// <summary>Sends a command and collects the events until its response.</summary>
    public async Task<(List<ViciPacket> Events, ViciSection Response)> Stream(string eventName, string command, ViciSection? message = null)
    {
        Send(new(ViciPacketType.EventRegister, eventName));
        Assert.Equal(ViciPacketType.EventConfirm, (await Receive())?.Type);
        Send(ViciPacket.Request(command, message));
        var events = new List<ViciPacket>();
        while (true)
        {
            var packet = (await Receive())!;
            if (packet.Type == ViciPacketType.CommandResponse) return (events, packet.Message);
            events.Add(packet);
        }
    }

    public void Dispose() => Socket.Dispose();
}
