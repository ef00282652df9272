// The control client: requests over charon's Unix socket, with the events that a request streams. docs/vici.md.
using System.Buffers.Binary;
using System.Net.Sockets;
using Cygnet.Control;

namespace Cygnet.Command;

/// <summary>A blocking connection to charon. The daemon answers requests in their order, so that several may be on their way.</summary>
sealed class ViciClient : IVici, IDisposable
{
    /// <summary>Requests sent ahead of their answers, and the bytes of a write: enough to hide the way to the daemon and back.</summary>
    const int Ahead = 64, WriteBytes = 64 * 1024, ReadBytes = 64 * 1024;

    readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string _path;
    readonly byte[] _input = new byte[ReadBytes];
    int _start, _end;

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
        var segment = Segment(ViciPacket.Request(command, request));
        // An event that the daemon does not know is refused twice, and does no harm.
        if (stream is not null) segment = [.. Segment(new(ViciPacketType.EventRegister, stream)), .. segment, .. Segment(new(ViciPacketType.EventUnregister, stream))];
        Send(segment);
        if (stream is not null) Answer(stream, each);
        var answer = Answer(stream, each);
        if (stream is not null) Answer(stream, each);
        return answer.Type == ViciPacketType.CommandResponse ? answer.Message : null;
    }

    public IEnumerable<ViciSection?> CallAll(IEnumerable<(string Command, ViciSection Request)> requests)
    {
        var answers = new List<ViciSection?>();
        var unsent = new MemoryStream();
        var waiting = 0;
        foreach (var (command, request) in requests)
        {
            unsent.Write(Segment(ViciPacket.Request(command, request)));
            waiting++;
            if (waiting < Ahead && unsent.Length < WriteBytes) continue;
            Flush();
            // Half of them stay on their way while we make the next ones.
            Take(Ahead / 2);
        }
        Flush();
        Take(0);
        return answers;

        void Flush()
        {
            Send(unsent.GetBuffer().AsSpan(0, (int)unsent.Length));
            unsent.SetLength(0);
        }

        void Take(int rest)
        {
            for (; waiting > rest; waiting--) answers.Add(Answer(null, null) is { Type: ViciPacketType.CommandResponse } answer ? answer.Message : null);
        }
    }

    static byte[] Segment(ViciPacket packet) => packet.ToSegment(out var reason) ?? throw new ViciFailure($"{packet.Name}: {reason}");

    void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException e)
        {
            throw Lost(e);
        }
    }

    /// <summary>Reads until an answer; events of the stream that come before it are handed on.</summary>
    ViciPacket Answer(string? stream, Action<ViciSection>? each)
    {
        try
        {
            while (true)
            {
                var answer = Receive();
                if (answer.Type != ViciPacketType.Event) return answer;
                if (answer.Name == stream) each?.Invoke(answer.Message);
            }
        }
        catch (SocketException e)
        {
            throw Lost(e);
        }
    }

    ViciFailure Lost(SocketException e) => new($"connection to 'unix://{_path}' lost: {e.Message}");

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
            if (_start == _end)
            {
                (_start, _end) = (0, _socket.Receive(_input));
                if (_end == 0) throw new ViciFailure($"connection to 'unix://{_path}' closed by the daemon");
            }
            var taken = Math.Min(buffer.Length, _end - _start);
            _input.AsSpan(_start, taken).CopyTo(buffer);
            _start += taken;
            buffer = buffer[taken..];
        }
    }

    public void Dispose() => _socket.Dispose();
}
