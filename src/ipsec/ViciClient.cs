// The control client: one request at a time over charon's Unix socket, with the events that a request streams. vici.md sections 1, 2, 5.
using System.Buffers.Binary;
using System.Net.Sockets;
using Cygnet.Control;

namespace Cygnet.Command;

/// <summary>A blocking connection to charon.</summary>
sealed class ViciClient : IVici, IDisposable
{
    readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string _path;

    ViciClient(string path) => _path = path;

    /// <summary>Connects; throws <see cref="ViciFailure"/> if nobody listens.</summary>
    public static ViciClient Connect(string path, string printed)
    {
        var client = new ViciClient(printed);
        try
        {
            client._socket.Connect(new UnixDomainSocketEndPoint(path));
            return client;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            client.Dispose();
            throw new ViciFailure($"failed to connect to vici socket 'unix://{printed}'");
        }
    }

    public ViciSection? Call(string command, ViciSection? request = null, string? stream = null, Action<ViciSection>? each = null)
    {
        var registered = stream is not null && Exchange(new(ViciPacketType.EventRegister, stream), null, null).Type == ViciPacketType.EventConfirm;
        var answer = Exchange(ViciPacket.Request(command, request), stream, each);
        if (registered) Exchange(new(ViciPacketType.EventUnregister, stream!), stream, each);
        return answer.Type == ViciPacketType.CommandResponse ? answer.Message : null;
    }

    /// <summary>Sends a packet and reads until its answer; the protocol promises answers in the order of the requests.</summary>
    ViciPacket Exchange(ViciPacket packet, string? stream, Action<ViciSection>? each)
    {
        if (packet.ToSegment(out var reason) is not { } segment) throw new ViciFailure($"{packet.Name}: {reason}");
        try
        {
            for (var sent = 0; sent < segment.Length;) sent += _socket.Send(segment.AsSpan(sent));
            while (true)
            {
                var answer = Receive();
                if (answer.Type != ViciPacketType.Event) return answer;
                if (answer.Name == stream) each?.Invoke(answer.Message);
            }
        }
        catch (SocketException e)
        {
            throw new ViciFailure($"connection to 'unix://{_path}' lost: {e.Message}");
        }
    }

    ViciPacket Receive()
    {
        Span<byte> header = stackalloc byte[Vici.LengthBytes];
        Fill(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > Vici.MaxSegment) throw new ViciFailure($"'unix://{_path}' does not speak VICI");
        var body = new byte[length];
        Fill(body);
        return ViciPacket.TryParse(body, out var packet) ? packet : throw new ViciFailure($"'unix://{_path}' does not speak VICI");
    }

    void Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var read = _socket.Receive(buffer);
            if (read == 0) throw new ViciFailure($"connection to 'unix://{_path}' closed by the daemon");
            buffer = buffer[read..];
        }
    }

    public void Dispose() => _socket.Dispose();
}
